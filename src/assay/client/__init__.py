"""The Python SDK: everything the HTTP API does, as typed values.

    import assay

    client = assay.Client("http://127.0.0.1:8400", token="assay_…")
    project = client.projects.create(Path("project.yaml"))
    loaded = client.imports.send(project.id, "items.jsonl", "items")
    for problem in client.imports.problems(loaded.id):
        print(problem.where, problem.reason)

Every POST carries a key of its own and is repeated under it when the server is busy or the line breaks, so that it is
carried out once. A refusal raises ApiError; no answer at all raises Unreachable.
"""

from types import TracebackType
from typing import Self

import httpx2

from assay.client.errors import ApiError, Problem, Unreachable
from assay.client.http import Http
from assay.client.imports import Imports
from assay.client.judgement import Adjudications, Checks, Lots, Reviews
from assay.client.people import Annotators, Events, Members, Tokens
from assay.client.projects import Batches, Items, Projects, Tasks
from assay.client.releases import Releases, UnsafeArchive
from assay.client.work import Work

__all__ = ["ApiError", "Client", "Problem", "Unreachable", "UnsafeArchive", "sign_in"]

COOKIE = "__Host-assay"


class Client:
    """A connection to one installation, with the rights of one person in one organisation. Safe to share by threads."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout_seconds: float = 30.0,
        tries: int = 6,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Connects when first used.

        Args:
            url: where the installation is, such as http://127.0.0.1:8400.
            token: an API token, see `assay token`.
            timeout_seconds: for one try of one request.
            tries: for a request that the server is too busy for, or that has no answer; at least 1.
            transport: how to reach the server other than by the network; for tests.
        """
        self._http = Http(url, token, timeout_seconds=timeout_seconds, tries=tries, transport=transport)
        self.projects = Projects(self._http)
        self.batches = Batches(self._http)
        self.items = Items(self._http)
        self.tasks = Tasks(self._http)
        self.imports = Imports(self._http)
        self.annotators = Annotators(self._http)
        self.members = Members(self._http)
        self.tokens = Tokens(self._http)
        self.work = Work(self._http)
        self.reviews = Reviews(self._http)
        self.adjudications = Adjudications(self._http)
        self.lots = Lots(self._http)
        self.checks = Checks(self._http)
        self.releases = Releases(self._http)
        self.events = Events(self._http)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sign_in(
    url: str, *, link: str | None = None, email: str | None = None, password: str | None = None, tries: int = 6
) -> Client:
    """A client with a session of its own, by a one-time link or by password.

    Args:
        link: the link, or the secret after its #.
    Raises:
        ApiError: `WrongCredentials` when the link is used up or the password wrong.
    """
    http = Http(url, None, timeout_seconds=30.0, tries=tries)
    try:
        body = {"link": link.rpartition("#")[2]} if link else {"email": email, "password": password}
        secret = http.send("POST", "/sessions", json=body).cookies[COOKIE]
    finally:
        http.close()
    return Client(url, secret, tries=tries)
