"""Projects, their batches, items and tasks, and what is measured about them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

from assay.client.errors import ApiError
from assay.client.http import Http, Id, Json
from assay.client.records import Batch, Item, Project, Run, Task, Version, decode

FIT_SECONDS_MAX = 1800.0  # for work over all responses of a project, done within one request


class Projects:
    """Made from a project file, and given back as one."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, file: Path | str | Json, *, key: str | None = None) -> Project:
        """A draft project with its first published version.

        Args:
            file: the path of a YAML or JSON file, its text, or its values.
        Raises:
            ApiError: `InvalidDefinition` or `InvalidFile` with every problem, `ProjectNameTaken`.
        """
        return decode(Project, self._send("POST", "/projects", file, key or uuid4().hex))

    def publish(self, project: Id, file: Path | str | Json) -> Project:
        """Put a new version in force for tasks loaded from now on."""
        return decode(Project, self._send("PUT", f"/projects/{project}/file", file, None))

    def list(self) -> Iterator[Project]:
        return self._http.items(Project, "/projects")

    def get(self, project: Id) -> Project:
        return self._http.record(Project, f"/projects/{project}")

    def find(self, name_or_id: Id) -> Project:
        """By its id or by its name. Raises ApiError `NoSuchProject`."""
        if isinstance(name_or_id, UUID) or _is_id(name_or_id):
            return self.get(name_or_id)
        for project in self.list():
            if project.name == name_or_id:
                return project
        raise ApiError(404, "NoSuchProject", f"there is no project {name_or_id!r} in this organisation")

    def file(self, project: Id) -> str:
        """The project as the YAML file it can be made from again."""
        return self._http.send("GET", f"/projects/{project}/file", params={"format": "yaml"}).text

    def versions(self, project: Id) -> Sequence[Version]:
        """Oldest first."""
        return [decode(Version, one) for one in self._http.get(f"/projects/{project}/versions")["items"]]

    def open(self, project: Id) -> Project:
        """Let annotators in."""
        return decode(Project, self._http.post(f"/projects/{project}/open"))

    def close(self, project: Id) -> Project:
        """Hand out no more tasks; what was started may be finished."""
        return decode(Project, self._http.post(f"/projects/{project}/close"))

    def progress(self, project: Id) -> Json:
        """Live counts: tasks by state, responses, what waits for review."""
        return self._http.get(f"/projects/{project}/progress")

    def quality(self, project: Id) -> Json:
        """Agreement, hidden checks and accuracy by question, and the run they come from."""
        return self._http.get(f"/projects/{project}/quality")

    def quality_of_annotators(self, project: Id) -> Iterator[Json]:
        """Accuracy of each annotator with its interval, gold and inferred apart."""
        return _raw_items(self._http, f"/projects/{project}/quality/annotators")

    def quality_of_tasks(self, project: Id, *, state: str | None = None) -> Iterator[Json]:
        """Tasks with what their answers say so far."""
        return _raw_items(self._http, f"/projects/{project}/quality/tasks", state=state)

    def refit(self, project: Id, *, seed: int = 0, wait: bool = True) -> Run:
        """Fit everything anew; by default within this request."""
        path = f"/projects/{project}/refit"
        return decode(Run, self._http.post(path, timeout_seconds=FIT_SECONDS_MAX, seed=seed, wait=wait))

    def settle(self, project: Id, *, even_disputed: bool = False, seed: int = 0) -> int:
        """Refit, and settle every task that is ready; returns how many were settled."""
        body = {"even_disputed": even_disputed, "seed": seed}
        path = f"/projects/{project}/settle"
        return self._http.post(path, body, timeout_seconds=FIT_SECONDS_MAX)["settled"]

    def _send(self, method: str, path: str, file: Path | str | Json, key: str | None) -> Json:
        if isinstance(file, dict):
            return self._http.send(method, path, json=file, key=key).json()
        content = file.read_bytes() if isinstance(file, Path) else file.encode()
        kind = "application/json" if content.lstrip()[:1] == b"{" else "application/yaml"
        return self._http.send(method, path, content=content, key=key, headers={"content-type": kind}).json()


class Batches:
    """Tasks loaded and prioritised together."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, project: Id, name: str, *, purpose: str = "work", priority: int = 0) -> Batch:
        body = {"name": name, "purpose": purpose, "priority": priority}
        return decode(Batch, self._http.post(f"/projects/{project}/batches", body))

    def list(self, project: Id) -> list[Batch]:
        return [decode(Batch, one) for one in self._http.get(f"/projects/{project}/batches")["items"]]

    def move(self, batch: Id, wish: Literal["open", "pause", "drain", "close"]) -> str:
        """Returns the state after."""
        return self._http.post(f"/batches/{batch}/{wish}")["state"]

    def open(self, batch: Id) -> str:
        """Put the batch's tasks out."""
        return self.move(batch, "open")

    def prioritise(self, batch: Id, priority: int) -> None:
        """Higher goes first."""
        self._http.send("PATCH", f"/batches/{batch}", json={"priority": priority})


class Items:
    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self, project: Id) -> Iterator[Item]:
        """Without payloads, oldest first."""
        return self._http.items(Item, f"/projects/{project}/items")

    def get(self, item: Id) -> Item:
        """With its payload."""
        return self._http.record(Item, f"/items/{item}")


class Tasks:
    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self, project: Id, *, state: str | None = None) -> Iterator[Task]:
        return self._http.items(Task, f"/projects/{project}/tasks", state=state)

    def get(self, task: Id) -> Task:
        """With its settled answers."""
        return self._http.record(Task, f"/tasks/{task}")

    def cancel(self, task: Id) -> Task:
        return decode(Task, self._http.post(f"/tasks/{task}/cancel"))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _raw_items(http: Http, path: str, **params: Any) -> Iterator[Json]:
    after: Any = None
    while True:
        page = http.get(path, **params, limit=200, after=after)
        yield from page["items"]
        after = page.get("next")
        if after is None:
            return
