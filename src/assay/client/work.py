"""The annotator's work: claim, start, keep, draft, submit, recall, give back."""

from uuid import uuid4

from assay.client.http import Http, Id
from assay.client.records import Answer, Assignment, Lease, OpenWork, Receipt, decode


class Work:
    """Tasks under leases. Every write names the fence of the assignment; an old one changes nothing."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def open(self) -> list[OpenWork]:
        """The projects that take answers now."""
        return [decode(OpenWork, one) for one in self._http.get("/work")["items"]]

    def claim(self, project: Id, *, key: str | None = None) -> Assignment | None:
        """The next task, or None when no open task suits. Raises ApiError `TooManyHeld`, `NotEligible`."""
        found = self._http.post(f"/projects/{project}/assignments", key=key)
        return decode(Assignment, found) if found else None

    def held(self) -> list[Assignment]:
        """The tasks in the caller's hands, with their drafts."""
        return [decode(Assignment, one) for one in self._http.get("/assignments")["items"]]

    def start(self, assignment: Assignment) -> Lease:
        """The task is on screen: its time begins."""
        return decode(Lease, self._http.post(f"/assignments/{assignment.id}/start", {"fence": assignment.fence}))

    def heartbeat(self, assignment: Assignment) -> Lease:
        """Still at work: moves the end of the lease."""
        return decode(Lease, self._http.post(f"/assignments/{assignment.id}/heartbeat", {"fence": assignment.fence}))

    def save_draft(self, assignment: Assignment, answers: list[Answer], *, version: int = 0) -> int:
        """Save what was typed so far; returns the draft's new version.

        Args:
            version: the version that was changed, 0 for the first draft.
        Raises:
            ApiError: a conflict when another version is stored by now; it is not overwritten.
        """
        reply = self._http.send(
            "PUT",
            f"/assignments/{assignment.id}/draft",
            json={"fence": assignment.fence, "answers": answers},
            headers={"if-match": str(version)},
        )
        return reply.json()["version"]

    def submit(
        self,
        assignment: Assignment,
        answers: list[Answer],
        *,
        active_seconds: float = 0,
        idle_seconds: float = 0,
        response_id: Id | None = None,
    ) -> Receipt:
        """Submit all answers; repeated under one response id, the work is done once.

        Args:
            response_id: keep it before sending, and pass the same again until an answer comes; None makes a fresh one.
        Raises:
            ApiError: `InvalidAnswers` with each problem; `LeaseLost` when the task went to someone else.
        """
        body = {
            "response_id": str(response_id or uuid4()),
            "fence": assignment.fence,
            "answers": answers,
            "active_seconds": active_seconds,
            "idle_seconds": idle_seconds,
        }
        return decode(Receipt, self._http.post(f"/assignments/{assignment.id}/response", body))

    def recall(self, response: Id) -> Assignment:
        """Take a response back while it can still be: its answers become the draft."""
        return decode(Assignment, self._http.post(f"/responses/{response}/recall"))

    def give_back(
        self,
        assignment: Assignment,
        reason: str,
        *,
        is_fault: bool = False,
        active_seconds: float = 0,
        idle_seconds: float = 0,
    ) -> None:
        """Return a task with a reason; `is_fault` reports that the item is broken."""
        body = {
            "fence": assignment.fence,
            "reason": reason,
            "is_fault": is_fault,
            "active_seconds": active_seconds,
            "idle_seconds": idle_seconds,
        }
        self._http.post(f"/assignments/{assignment.id}/return", body)

    def resume(self, assignment: Id) -> Assignment:
        """Take up an expired task again, under a new fence."""
        return decode(Assignment, self._http.post(f"/assignments/{assignment}/resume"))
