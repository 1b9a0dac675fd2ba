"""What every route may ask about its request: the caller, the transaction, the database's clock; and sign-in itself.

An endpoint made with `Router` is an ordinary function with a `Call` among its arguments. It runs in one thread and one
transaction, which is committed before the reply leaves; its name is its operation in the table of permissions.
"""

import asyncio
import functools
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.routing import APIRoute
from psycopg.errors import UniqueViolation
from pydantic import BaseModel, ConfigDict, Field

from assay import audit
from assay.identity import people, sign_in, store
from assay.identity.model import Caller, NotPermitted, NotSignedIn, Role, Secret
from assay.identity.permissions import is_permitted
from assay.kernel import AssayError, Conflict, Invalid, Unavailable
from assay.storage import Actor, Database, Session
from assay.storage.session import Row

PREFIX = "/api/v1"
COOKIE = "__Host-assay"
KEY_LENGTH_MAX = 200
PAGE_MAX = 200


class KeyReused(Conflict):
    """The idempotency key was used before for another request."""


class Visit:
    """One request: who asks, and the transaction in which it is answered."""

    def __init__(self, request: Request, body: bytes) -> None:
        self.request = request
        self.body = body
        self.database: Database = request.app.state.database
        self.session: Session
        self.caller: Caller
        self.before: Row | None = None  # what was answered to this request's idempotency key already

    @functools.cached_property
    def key(self) -> str | None:
        key = self.request.headers.get("idempotency-key") if self.request.method == "POST" else None
        if key is not None and not 0 < len(key) <= KEY_LENGTH_MAX:
            raise Invalid(f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} characters")
        return key

    def now(self) -> datetime:
        return self.session.now()

    @functools.cached_property
    def secret(self) -> Secret:
        header = self.request.headers.get("authorization", "")
        if header[:7].lower() == "bearer ":
            return Secret.parse(header[7:].strip())
        cookie = self.request.cookies.get(COOKIE)
        if cookie is None:
            raise NotSignedIn("sign in first, or send a token as 'Authorization: Bearer …'")
        return Secret.parse(cookie)

    def enter(self, session: Session, operation: str) -> None:
        """Find out who calls, and refuse what their roles do not permit."""
        found = store.bearer(session, self.secret.hash, operation, self.key)
        if found is None:
            raise NotSignedIn("the session or token has ended; sign in again")
        by_cookie = found["kind"] == "session"
        if by_cookie and self.request.method not in ("GET", "HEAD"):
            _refuse_foreign_page(self.request)
        roles = frozenset(found["roles"])
        if not is_permitted(operation, roles):
            raise NotPermitted(f"{operation} is not open to {', '.join(sorted(roles)) or 'people without a role'}")
        self.session = session
        self.before = found if found["status"] is not None else None
        self.caller = Caller(found["person_id"], session.organisation_id, found["id"], roles, by_cookie)
        session.actor = Actor("person", self.caller.person_id)


async def _visit(request: Request) -> Visit:
    is_json = request.headers.get("content-type", "").startswith("application/json")  # uploads stay a stream
    return Visit(request, await request.body() if is_json and "idempotency-key" in request.headers else b"")


Call = Annotated[Visit, Depends(_visit)]


class _OneTransaction(APIRoute):
    """A route whose endpoint runs inside one transaction, repeated as a whole on a deadlock."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not getattr(endpoint, "in_transaction", False):
            endpoint = _in_transaction(endpoint, endpoint.__name__, options.get("status_code") or 200)
        super().__init__(path, endpoint, **options)


def _in_transaction(endpoint: Callable[..., Any], operation: str, status: int) -> Callable[..., Any]:
    def work_through(visit: Visit, arguments: dict[str, Any]) -> Any:
        def work(session: Session) -> Any:
            visit.enter(session, operation)
            return _once(visit, operation, status, lambda: endpoint(**arguments))

        def look(session: Session) -> Response | None:
            visit.enter(session, operation)
            return _told_before(visit)

        transact = visit.database.transact
        actor = Actor("person")
        try:
            return transact(visit.secret.organisation_id, actor, work)
        except (UniqueViolation, AssayError) as refusal:
            # a twin may have been first, and be the very reason for the refusal: then its reply is ours
            if visit.key is None or isinstance(refusal, Unavailable):
                raise
            if (reply := transact(visit.secret.organisation_id, actor, look)) is None:
                raise
            return reply

    @functools.wraps(endpoint)
    async def answer(**arguments: Any) -> Any:
        visit: Visit = next(a for a in arguments.values() if isinstance(a, Visit))
        # an executor of our own: half the price of a hop through the framework's pool, which counts at this rate
        hop = asyncio.get_running_loop().run_in_executor
        return await hop(visit.request.app.state.threads, work_through, visit, arguments)

    answer.in_transaction = True  # type: ignore[attr-defined]
    return answer


def _once(visit: Visit, operation: str, status: int, endpoint: Callable[[], Any]) -> Any:
    """With an Idempotency-Key the effect happens once, and a repeat gets the first reply."""
    if visit.key is None:
        return endpoint()
    if (before := _told_before(visit)) is not None:
        return before
    reply = endpoint()
    if isinstance(reply, Response):
        status, content = reply.status_code, bytes(reply.body)
    else:
        content = reply.model_dump_json().encode() if isinstance(reply, BaseModel) else _json(reply)
    store.keep_reply(
        visit.session,
        visit.caller.person_id,
        operation,
        visit.key,
        body_hash=_body_hash(visit),
        status=status,
        reply=content,
    )
    return Response(content, status_code=status, media_type="application/json" if content else None)


def _told_before(visit: Visit) -> Response | None:
    """What was answered to this request when it came under its key before."""
    if (before := visit.before) is None:
        return None
    if before["body_hash"] != _body_hash(visit):
        raise KeyReused("this Idempotency-Key was used for another request; take a fresh one")
    return Response(before["reply"], status_code=before["status"], media_type="application/json")


def _body_hash(visit: Visit) -> bytes:
    return hashlib.sha256(visit.request.url.path.encode() + b"\n" + visit.body).digest()


def _json(value: Any) -> bytes:
    return json.dumps(jsonable_encoder(value), ensure_ascii=False).encode()


def _refuse_foreign_page(request: Request) -> None:
    """A change that rides on a cookie must come from one of our own pages."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if (site is not None and site not in ("same-origin", "none")) or (origin is not None and origin != own):
        raise NotPermitted("this change was asked for by a page of another site")


class Router(APIRouter):
    """The router of a room."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            prefix=PREFIX,
            route_class=_OneTransaction,
            generate_unique_id_function=lambda route: route.name,
            **options,
        )


class Strict(BaseModel):
    """A body in which unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


Limit = Annotated[int, Field(ge=1, le=PAGE_MAX)]

router = Router(tags=["identity"])
doors = APIRouter(prefix=PREFIX, tags=["identity"], generate_unique_id_function=lambda route: route.name)


class SignIn(Strict):
    """E-mail and password, or the secret of a sign-in link."""

    email: str | None = None
    password: str | None = None
    organisation_id: UUID | None = None
    link: str | None = None


class SignedIn(BaseModel):
    expires_at: datetime


@doors.post("/sessions", status_code=201)
def sign_in_here(body: SignIn, request: Request, response: Response) -> SignedIn:
    """Open a browser session; its secret comes back as a cookie that scripts cannot read."""
    _refuse_foreign_page(request)
    database: Database = request.app.state.database
    if body.link:
        secret, expires_at = sign_in.by_link(database, body.link)
    elif body.email and body.password:
        secret, expires_at = sign_in.by_password(database, body.email, body.password, body.organisation_id)
    else:
        raise Invalid("send email and password, or a link")
    response.set_cookie(
        COOKIE, secret, httponly=True, secure=True, samesite="lax", path="/", expires=expires_at.astimezone(UTC)
    )
    return SignedIn(expires_at=expires_at)


@router.delete("/sessions", status_code=204)
def sign_out(call: Call) -> Response:
    """End the session or token that makes this call."""
    people.revoke_token(call.session, call.caller.token_id)
    gone = Response(status_code=204)
    gone.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return gone


class Person(BaseModel):
    id: UUID
    email: str
    name: str


class Me(BaseModel):
    person: Person
    organisation_id: UUID
    organisation: str
    roles: list[str]


@router.get("/me")
def who_am_i(call: Call) -> Me:
    """The person behind this session, their organisation and roles."""
    found = store.sign_in_rows(call.session, call.caller.person_id)
    return Me(
        person=Person(**{k: found["person"][k] for k in ("id", "email", "name")}),
        organisation_id=call.caller.organisation_id,
        organisation=found["organisation"]["name"],
        roles=sorted(call.caller.roles),
    )


class NewPassword(Strict):
    password: str


@router.put("/me/password", status_code=204)
def set_my_password(body: NewPassword, call: Call) -> Response:
    """Choose a password of at least twelve characters."""
    sign_in.set_password(call.session, call.caller.person_id, body.password)
    return Response(status_code=204)


class NewMember(Strict):
    email: str
    name: str = Field(min_length=1, max_length=200)
    roles: list[Role] = Field(min_length=1)


class Invited(BaseModel):
    person_id: UUID
    link: str  # the secret of a link that signs in once


class Member(Person):
    roles: list[str]


class Members(BaseModel):
    items: list[Member]
    next: UUID | None


@router.post("/members", status_code=201)
def invite_member(body: NewMember, call: Call) -> Invited:
    """Give a person roles here; the reply holds their sign-in link, shown once."""
    if Role.OWNER in body.roles and Role.OWNER not in call.caller.roles:
        raise NotPermitted("only an owner can make an owner")
    person_id = people.add_member(call.session, body.email, body.name, body.roles)
    return Invited(person_id=person_id, link=people.issue_link(call.session, person_id))


@router.get("/members")
def list_members(call: Call, after: UUID | None = None, limit: Limit = 50) -> Members:
    """The people of this organisation with their roles."""
    rows = store.members(call.session, after=after, limit=limit)
    return Members(items=[Member(**row) for row in rows], next=rows[-1]["id"] if len(rows) == limit else None)


@router.delete("/members/{person_id}", status_code=204)
def end_member(person_id: UUID, call: Call) -> Response:
    """Take all roles from a person; it holds from their next request on."""
    if person_id == call.caller.person_id:
        raise Invalid("owners cannot end their own membership; another owner does it")
    people.end_membership(call.session, person_id)
    return Response(status_code=204)


class NewToken(Strict):
    label: str = Field(default="", max_length=200)


class IssuedToken(BaseModel):
    id: UUID
    token: str  # shown once


class Token(BaseModel):
    id: UUID
    label: str
    created_at: datetime
    expires_at: datetime


class Tokens(BaseModel):
    items: list[Token]


@router.post("/tokens", status_code=201)
def issue_my_token(body: NewToken, call: Call) -> IssuedToken:
    """An API token with the caller's own rights, shown once."""
    token_id, token = people.issue_token(call.session, call.caller.person_id, label=body.label)
    return IssuedToken(id=token_id, token=token)


@router.get("/tokens")
def list_my_tokens(call: Call) -> Tokens:
    """The caller's live API tokens."""
    rows = store.tokens(call.session, call.caller.person_id)
    return Tokens(items=[Token(**{k: r[k] for k in ("id", "label", "created_at", "expires_at")}) for r in rows])


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_my_token(token_id: UUID, call: Call) -> Response:
    """End one of the caller's tokens at once."""
    people.revoke_token(call.session, token_id, person_id=call.caller.person_id)
    return Response(status_code=204)


class EventOut(BaseModel):
    id: UUID
    kind: str
    subject_id: UUID
    actor_kind: str
    actor_id: UUID | None
    at: datetime
    body: dict[str, Any]


class Events(BaseModel):
    items: list[EventOut]
    next: UUID | None


@router.get("/events")
def list_events(
    call: Call, subject: UUID | None = None, kind: str | None = None, after: UUID | None = None, limit: Limit = 50
) -> Events:
    """The organisation's log, oldest first."""
    found = audit.events(call.session, subject=subject, kind=kind, after=after, limit=limit)
    items = [EventOut(**vars(event)) for event in found]
    return Events(items=items, next=items[-1].id if len(items) == limit else None)
