"""What the server answers, as values with names and types. Fields that a newer server adds are passed over."""

import types
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

Json = dict[str, Any]
Answer = dict[str, Any]  # {"question": …, "target": …, "value": …}, see the page on question types
T = TypeVar("T")


@dataclass(frozen=True)
class Me:
    """Who calls, in which organisation, with which roles."""

    person: Json
    organisation_id: UUID
    organisation: str
    roles: list[str]


@dataclass(frozen=True)
class Member:
    id: UUID
    email: str
    name: str
    roles: list[str]


@dataclass(frozen=True)
class Invitation:
    """A person who was invited. `link` is the secret of a sign-in link that works once."""

    person_id: UUID
    link: str
    annotator: "Annotator | None" = None


@dataclass(frozen=True)
class Token:
    """An API token. `token` is the secret itself, there only when the token was just issued."""

    id: UUID
    label: str = ""
    token: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One change, as the log has it."""

    id: UUID
    kind: str
    subject_id: UUID
    actor_kind: str
    actor_id: UUID | None
    at: datetime
    body: Json


@dataclass(frozen=True)
class Project:
    """`state` is draft, live, closed or archived; `version` the one in force."""

    id: UUID
    name: str
    languages: list[str]
    state: str
    version_id: UUID | None
    version: str | None
    created_at: datetime


@dataclass(frozen=True)
class Version:
    id: UUID
    number: str
    hash: str
    state: str
    published_at: datetime
    guideline_version: str


@dataclass(frozen=True)
class Import:
    """A file that came in. `accepted` rows went in, `known` were there already, `problems_count` did not go in.

    `state` is received, loading, loaded, or failed: then the file could not be read to its end.
    """

    id: UUID
    project_id: UUID
    kind: str
    format: str
    file_name: str
    state: str
    accepted: int
    known: int
    problems_count: int
    columns: dict[str, str] | None = None  # what was renamed at the door
    created_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state in ("loaded", "failed")


@dataclass(frozen=True)
class ImportProblem:
    """A row that did not go in, such as `line 17`, and what to do about it."""

    number: int
    where: str
    line: int | None
    reason: str


@dataclass(frozen=True)
class Batch:
    id: UUID
    project_id: UUID
    name: str
    purpose: str
    priority: int
    state: str
    created_at: datetime
    tasks: dict[str, int] = field(default_factory=dict[str, int])  # by state


@dataclass(frozen=True)
class Item:
    """An item; its payload comes with `items.get` only."""

    id: UUID
    external_id: str
    language: str | None
    slices: Json
    state: str
    created_at: datetime
    payload: Json | None = None


@dataclass(frozen=True)
class Settled:
    """The value that a task ended with, and how it came to be: single, aggregated or adjudicated."""

    question: str
    target: str | None
    value: Any
    how: str = ""
    confidence: float | None = None
    method: str = ""


@dataclass(frozen=True)
class Task:
    """An item put up for answers. `settled` comes with `tasks.get` only."""

    id: UUID
    project_id: UUID
    item_id: UUID
    external_id: str
    batch_id: UUID
    version_id: UUID
    state: str
    is_disputed: bool
    overlap_min: int
    overlap_wanted: int
    overlap_max: int
    responses: int
    priority: int
    settled: list[Settled] = field(default_factory=list[Settled])


@dataclass(frozen=True)
class Annotator:
    id: UUID
    pseudonym: str
    state: str
    languages: list[str]
    qualifications: list[str]


@dataclass(frozen=True)
class OpenWork:
    """A project that takes answers now. `refusal` says why the caller may not work on it; None when they may."""

    project_id: UUID
    name: str
    version_id: UUID
    tasks_open: int
    estimated_seconds: int
    price_minor: int | None
    currency: str | None
    refusal: str | None


@dataclass(frozen=True)
class Draft:
    answers: list[Answer]
    version: int


@dataclass(frozen=True)
class Assignment:
    """One task in hand under a lease. Every write names its `fence`.

    `payload` is what the item shows, with candidates in the order in which this annotator sees them.
    """

    id: UUID
    project_id: UUID
    task_id: UUID
    version_id: UUID
    guideline_version: str
    state: str
    fence: int
    lease_until: datetime
    payload: Json
    order: dict[str, list[str]]
    draft: Draft | None = None
    holds_seat: bool = True
    active_seconds: float = 0.0


@dataclass(frozen=True)
class Lease:
    fence: int
    lease_until: datetime


@dataclass(frozen=True)
class Receipt:
    """A response that is stored. It can be recalled for `recall_seconds`."""

    response_id: UUID
    task_id: UUID
    is_counted: bool
    recall_seconds: int


@dataclass(frozen=True)
class Review:
    """One response to review, blind, under a lease."""

    id: UUID
    project_id: UUID
    task_id: UUID
    version_id: UUID
    fence: int
    lease_until: datetime
    alias: str
    payload: Json
    order: dict[str, list[str]]
    answers: list[Answer]


@dataclass(frozen=True)
class Aliased:
    alias: str
    answers: list[Answer]


@dataclass(frozen=True)
class Adjudication:
    """A task whose responses differ, with these under blind names, under a lease."""

    id: UUID
    project_id: UUID
    task_id: UUID
    version_id: UUID
    fence: int
    lease_until: datetime
    payload: Json
    responses: list[Aliased]


@dataclass(frozen=True)
class Lot:
    """Settled tasks inspected and delivered together. `decision` is the last one about it."""

    id: UUID
    project_id: UUID
    rule: str
    size: int
    plan: Json
    state: str
    decision: Json | None
    sealed_at: datetime
    decided_at: datetime | None = None
    seed: str | None = None


@dataclass(frozen=True)
class Check:
    """One task of a lot to judge, blind, under a lease."""

    id: UUID
    lot_id: UUID
    version_id: UUID
    fence: int
    lease_until: datetime
    payload: Json
    order: dict[str, list[str]]
    is_answered: bool


@dataclass(frozen=True)
class Judged:
    lot_state: str
    decision: Json | None


@dataclass(frozen=True)
class Certificate:
    """A lot's measured error rate with bound, confidence, method and sample in `body`."""

    id: UUID
    lot_id: UUID
    issued_at: datetime
    body: Json


@dataclass(frozen=True)
class Release:
    """An immutable, signed version of the delivered data. `problem` says why it could not be written."""

    id: UUID
    project_id: UUID
    number: int
    state: str
    problem: str | None
    lots: list[UUID]
    key_id: str | None
    manifest_sha256: str | None
    rows: dict[str, int] | None
    bytes: int | None
    prepared_at: datetime
    signed_at: datetime | None = None
    accepted_at: datetime | None = None


@dataclass(frozen=True)
class Run:
    """One refit of a project: the method, its version, and what went in."""

    id: UUID
    project_id: UUID
    state: str
    method: str
    version: str
    seed: int
    responses: int | None
    report: Json
    error: str | None
    queued_at: datetime
    finished_at: datetime | None = None


def decode(form: type[T], data: Json) -> T:
    """The value of a type above that JSON describes.

    Raises:
        ValueError: the server left out something this version of the client needs.
    """
    given: dict[str, Any] = {}
    for name, (convert, is_needed) in _plan(form).items():
        if name in data:
            given[name] = convert(data[name])
        elif is_needed:
            raise ValueError(f"the server's {form.__name__} has no {name!r}; client and server may be too far apart")
    return form(**given)


@lru_cache(maxsize=256)
def _plan(form: type[Any]) -> dict[str, tuple[Callable[[Any], Any], bool]]:
    hints = get_type_hints(form)
    return {
        one.name: (_converter(hints[one.name]), one.default is MISSING and one.default_factory is MISSING)
        for one in fields(form)
    }


def _converter(hint: Any) -> Callable[[Any], Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        convert = _converter(next(one for one in inner if one is not types.NoneType))
        return lambda value: None if value is None else convert(value)
    if origin is list:
        convert = _converter(inner[0])
        return lambda value: [convert(one) for one in value]
    if hint is UUID:
        return UUID
    if hint is datetime:
        return datetime.fromisoformat
    if isinstance(hint, type) and is_dataclass(hint):
        return partial(decode, hint)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
