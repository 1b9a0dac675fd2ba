"""Requests that are carried out once: every POST has a key, and is repeated under it until an answer comes."""

import secrets
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx2

from assay.client.errors import ApiError, Problem, Unreachable
from assay.client.records import decode

Json = dict[str, Any]
Id = UUID | str
Content = bytes | Callable[[], Iterable[bytes]]  # a callable, so that a repeat can start from the front

AGAIN = (429, 502, 503, 504)  # the server is busy, or something before it is
WAIT_SECONDS_MAX = 5.0
PAGE = 200
T = TypeVar("T")


class Http:
    """The connection that all parts of a client share."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        timeout_seconds: float,
        tries: int,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.tries = tries
        self._client = httpx2.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            timeout=timeout_seconds,
            transport=transport,
            headers={"authorization": f"Bearer {token}"} if token else None,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **params: Any) -> Json:
        return self.send("GET", path, params=params).json()

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        timeout_seconds: float | None = None,
        **params: Any,
    ) -> Any:
        """The reply's JSON; None for an empty one."""
        key = key or uuid4().hex
        reply = self.send("POST", path, json=body, key=key, params=params, timeout_seconds=timeout_seconds)
        return reply.json() if reply.content else None

    def record(self, form: type[T], path: str, **params: Any) -> T:
        return decode(form, self.get(path, **params))

    def items(self, form: type[T], path: str, **params: Any) -> Iterator[T]:
        """Every item of a list, fetched page by page."""
        after: Any = None
        while True:
            page = self.get(path, **params, limit=PAGE, after=after)
            yield from (decode(form, item) for item in page["items"])
            after = page.get("next")
            if after is None:
                return

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: Content | None = None,
        key: str | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> httpx2.Response:
        """Send until an answer comes. Raises ApiError for a refusal, Unreachable when no try was answered."""
        given = {name: _text(value) for name, value in (params or {}).items() if value is not None}
        all_headers = {**(headers or {}), **({"idempotency-key": key} if key else {})}
        options: dict[str, Any] = {"params": given, "headers": all_headers}
        if json is not None:
            options["json"] = json
        if timeout_seconds is not None:
            options["timeout"] = timeout_seconds
        last = "no try was made"
        for number in range(self.tries):
            if content is not None:
                options["content"] = content if isinstance(content, bytes) else content()
            try:
                reply = self._client.request(method, path, **options)
            except httpx2.TransportError as failure:
                last = f"{type(failure).__name__}: {failure}"
                reply = None
            if reply is not None and (reply.status_code not in AGAIN or number == self.tries - 1):
                return _checked(reply)
            time.sleep(wait_seconds(number, reply.headers.get("retry-after") if reply is not None else None))
        raise Unreachable(f"{method} {path} had no answer after {self.tries} tries; {last}", key)

    @contextmanager
    def stream(self, path: str) -> Generator[Iterator[bytes], None, None]:
        """The body of a GET, piece by piece."""
        with self._client.stream("GET", path) as reply:
            if reply.status_code >= 400:
                reply.read()
                _checked(reply)
            yield reply.iter_bytes()


def wait_seconds(tries_before: int, retry_after: str | None) -> float:
    """Longer after each try, never all clients at once; at least what the server asks for."""
    grown = min(0.1 * 2**tries_before, WAIT_SECONDS_MAX) * (0.5 + secrets.randbelow(1000) / 1000)
    asked = float(retry_after) if retry_after is not None and retry_after.isdecimal() else 0.0
    return max(grown, min(asked, 60.0))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(reply: httpx2.Response) -> httpx2.Response:
    if reply.status_code < 400:
        return reply
    try:
        body: Any = reply.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError(reply.status_code, "HttpError", f"the server answered {reply.status_code}")
    said: Json = body  # pyright: ignore[reportUnknownVariableType]
    problems = tuple(Problem(str(one.get("where", "")), str(one.get("reason", ""))) for one in said.get("problems", ()))
    raise ApiError(reply.status_code, str(said.get("code", "HttpError")), str(said.get("detail", "")), problems)
