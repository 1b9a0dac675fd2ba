"""Second looks: reviews of single responses, adjudication of several, inspection of lots."""

from collections.abc import Iterator
from typing import Literal

from assay.client.http import Http, Id, Json
from assay.client.records import Adjudication, Answer, Certificate, Check, Judged, Lot, Review, Settled, decode


class Reviews:
    """A second person accepts, corrects or returns one response."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def waiting(self, project: Id) -> Json:
        """How much waits, by queue."""
        return self._http.get(f"/projects/{project}/reviews")

    def claim(
        self, project: Id, *, queue: Literal["disagreement", "newcomer", "random"] | None = None
    ) -> Review | None:
        """The next response that the caller did not write, or None."""
        found = self._http.post(f"/projects/{project}/reviews/claim", {"queue": queue})
        return decode(Review, found) if found else None

    def release(self, review: Review) -> None:
        self._http.post(f"/reviews/{review.id}/release", {"fence": review.fence})

    def finalise(
        self,
        review: Review,
        verdict: Literal["approve", "correct", "return", "not_usable"],
        *,
        answers: list[Answer] | None = None,
        note: str = "",
        tags: list[str] | None = None,
    ) -> str:
        """Approve, correct (with `answers`), return or refuse; returns the outcome."""
        body = {"fence": review.fence, "verdict": verdict, "answers": answers, "note": note, "tags": tags or []}
        return self._http.post(f"/reviews/{review.id}/finalise", body)["outcome"]


class Adjudications:
    """An expert settles several responses that differ."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def claim(self, project: Id) -> Adjudication | None:
        """The next task of which the caller wrote or reviewed no response, or None."""
        found = self._http.post(f"/projects/{project}/adjudications/claim")
        return decode(Adjudication, found) if found else None

    def release(self, held: Adjudication) -> None:
        self._http.post(f"/adjudications/{held.id}/release", {"fence": held.fence})

    def settle(
        self,
        held: Adjudication,
        answers: list[Answer],
        *,
        causes: dict[str, str] | None = None,
        note: str = "",
        make_gold: bool = False,
    ) -> None:
        """Settle the task by one's own answers.

        Args:
            causes: by alias, why a response differs from them.
        """
        body = {
            "fence": held.fence,
            "answers": answers,
            "causes": causes or {},
            "note": note,
            "make_gold": make_gold,
        }
        self._http.post(f"/adjudications/{held.id}/settle", body)

    def park(self, held: Adjudication, note: str) -> None:
        """Set the task aside, because its item is broken."""
        self._http.post(f"/adjudications/{held.id}/park", {"fence": held.fence, "note": note})


class Lots:
    """Settled tasks, sealed, inspected and certified together."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def seal(self, project: Id, *, batch: Id | None = None, size_max: int | None = None) -> Lot:
        """Freeze settled tasks into a lot: those that no other open lot has, oldest first."""
        body = {"batch_id": None if batch is None else str(batch), "size_max": size_max}
        return decode(Lot, self._http.post(f"/projects/{project}/lots", body))

    def list(self, project: Id) -> Iterator[Lot]:
        return self._http.items(Lot, f"/projects/{project}/lots")

    def get(self, lot: Id) -> Lot:
        return self._http.record(Lot, f"/lots/{lot}")

    def draw(self, lot: Id) -> Lot:
        """Draw the first checks at random."""
        return decode(Lot, self._http.post(f"/lots/{lot}/sample"))

    def close(self, lot: Id, *, redo: Literal["nothing", "nonconforming", "all"] = "nothing") -> Lot:
        """Close a lot that failed; `redo` says which of its tasks are reviewed again."""
        return decode(Lot, self._http.post(f"/lots/{lot}/close", {"redo": redo}))

    def certificate(self, lot: Id) -> Certificate:
        """What the inspection measured. Raises ApiError `NoSuchCertificate` for a lot that has not passed."""
        return self._http.record(Certificate, f"/lots/{lot}/certificate")


class Checks:
    """An auditor's blind look at one task of a lot."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def claim(self, lot: Id) -> Check | None:
        """The next drawn task that the caller had no hand in, or None."""
        found = self._http.post(f"/lots/{lot}/checks/claim")
        return decode(Check, found) if found else None

    def answer(self, check: Check, answers: list[Answer]) -> list[Settled]:
        """Give one's own answers, once; then the settled ones are shown."""
        found = self._http.post(f"/checks/{check.id}/answers", {"fence": check.fence, "answers": answers})
        return [decode(Settled, one) for one in found["settled"]]

    def judge(
        self,
        check: Check,
        verdict: Literal["conforming", "nonconforming", "unclear"],
        *,
        severity: Literal["minor", "major", "critical"] | None = None,
        note: str = "",
        answers: list[Answer] | None = None,
    ) -> Judged:
        """Say whether the settled answers conform. `answers`: one's own, if not given before."""
        body = {"fence": check.fence, "verdict": verdict, "severity": severity, "note": note, "answers": answers}
        return decode(Judged, self._http.post(f"/checks/{check.id}/judge", body))
