"""What an item shows: display fields, whether an item's values fit them, and what of an item may reach a browser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field as Setting
from pydantic import model_validator

from assay.kernel import Problem
from assay.projects import wellformed
from assay.projects.strict import Key, Many, Path, Strict, Title

Payload = dict[str, Any]
Role = Literal["system", "user", "assistant", "tool"]
ROLES = ("system", "user", "assistant", "tool")
MESSAGE_KEYS = frozenset({"id", "role", "text", "name", "reasoning", "tool_calls"})


class FieldBase(Strict):
    """What all fields share: a key, and where in the item the value stands."""

    key: Key
    title: Title | None = None
    from_: Path = Setting(alias="from")
    optional: bool = False
    lang: str | None = Setting(default=None, max_length=200)  # a language code, or a path such as item.language
    dir: Literal["auto", "ltr", "rtl"] = "auto"

    def faults(self, value: Any, where: str) -> Iterator[Problem]:
        """What keeps a value from being shown by this field."""
        raise NotImplementedError

    def with_ids(self, value: Any) -> Any:
        """The value with every missing id filled in."""
        return value

    def shown(self, value: Any) -> Any:
        """The part of the value that may reach an annotator."""
        return value

    def parts(self, value: Any) -> list[dict[str, Any]]:
        """What a question can be asked about, one by one: candidates or messages."""
        return []

    def texts(self, value: Any) -> dict[str | None, str]:
        """Text that addresses and spans can point at, by part; a plain text is the part None."""
        return {}


class TextField(FieldBase):
    """Text shown as it is."""

    type: Literal["text"]

    def faults(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(where, "must be text")

    def texts(self, value: Any) -> dict[str | None, str]:
        return {None: value}


class MarkdownField(TextField):
    """Text shown as markdown; offsets count in its source."""

    type: Literal["markdown"]  # pyright: ignore[reportIncompatibleVariableOverride]
    latex: bool = False


class ConversationField(FieldBase):
    """Messages in turn."""

    type: Literal["conversation"]
    fold: Many[Role] = ()

    def faults(self, value: Any, where: str) -> Iterator[Problem]:
        yield from message_faults(value, where)
        if isinstance(value, list):
            yield from id_faults(with_message_ids(value, "m"), where)

    def with_ids(self, value: Any) -> Any:
        return with_message_ids(value, "m")

    def shown(self, value: Any) -> Any:
        return [shown_message(message) for message in value]

    def parts(self, value: Any) -> list[dict[str, Any]]:
        return with_message_ids(value, "m")

    def texts(self, value: Any) -> dict[str | None, str]:
        return {message["id"]: message["text"] for message in self.parts(value)}


class CandidatesField(FieldBase):
    """Outputs of models, to be judged. Of each only id, text and messages are shown, and `source` if not blind."""

    type: Literal["candidates"]
    min: int = Setting(default=1, ge=1, le=100)
    max: int = Setting(default=8, ge=1, le=100)
    blind: Many[str] = ("source",)

    @model_validator(mode="after")
    def _range(self) -> "CandidatesField":
        if self.min > self.max:
            raise ValueError(f"min {self.min} must not be more than max {self.max}")
        return self

    def faults(self, value: Any, where: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(where, "must be a list of candidates")
            return
        if not self.min <= len(value) <= self.max:
            yield Problem(where, f"has {len(value)} candidates; {self.min} to {self.max} are asked for")
        for i, candidate in enumerate(value):
            yield from self._candidate_faults(candidate, f"{where}[{i}]")
        yield from id_faults(self.parts(value), where)

    def _candidate_faults(self, candidate: Any, where: str) -> Iterator[Problem]:
        if not isinstance(candidate, dict):
            yield Problem(where, "must be an object with an id and a text")
        elif ("text" in candidate) == ("messages" in candidate):
            yield Problem(where, "must have either a text or messages")
        elif "messages" in candidate:
            yield from message_faults(candidate["messages"], f"{where}.messages")
        elif not isinstance(candidate["text"], str):
            yield Problem(f"{where}.text", "must be text")

    def with_ids(self, value: Any) -> Any:
        return self.parts(value)

    def shown(self, value: Any) -> Any:
        keys = {"id", "text", "messages", "source"} - ({"source"} & set(self.blind))
        return [
            {
                key: [shown_message(message) for message in inner] if key == "messages" else inner
                for key, inner in candidate.items()
                if key in keys
            }
            for candidate in self.parts(value)
        ]

    def parts(self, value: Any) -> list[dict[str, Any]]:
        found = with_part_ids(value, "c")
        return [
            {**part, "messages": with_message_ids(part["messages"], f"{part['id']}.m")}
            if isinstance(part, dict) and "messages" in part
            else part
            for part in found
        ]

    def texts(self, value: Any) -> dict[str | None, str]:
        found: dict[str | None, str] = {}
        for part in self.parts(value):
            for piece in part.get("messages", [part]):
                found[piece["id"]] = piece["text"]
        return found


Field = Annotated[TextField | MarkdownField | ConversationField | CandidatesField, Setting(discriminator="type")]
FIELD_TYPES = ("text", "markdown", "conversation", "candidates")


@dataclass(frozen=True)
class Content:
    """What one item shows: the fields and the values they find in it."""

    fields: Mapping[str, FieldBase]
    payload: Payload

    def value(self, field: str) -> Any:
        """None when the item has no value for an optional field."""
        return at(self.payload, self.fields[field].from_)

    def at(self, path: str) -> Any:
        """The value at a path such as item.options, or None."""
        return at(self.payload, path)

    def ids(self, field: str, *, role: str | None = None) -> list[str]:
        """The candidates or messages of a field, in the item's order."""
        value = self.value(field)
        parts = [] if value is None else self.fields[field].parts(value)
        return [part["id"] for part in parts if role is None or part.get("role") == role]

    def texts(self, field: str) -> dict[str | None, str]:
        value = self.value(field)
        return {} if value is None else self.fields[field].texts(value)

    def faults(self) -> Iterator[Problem]:
        """What keeps the item from being shown."""
        if not wellformed.is_fit(self.payload):
            yield from wellformed.faults(self.payload, "item")
            if wellformed.has_long_list(self.payload):
                yield Problem("item", f"has a list of more than {wellformed.PARTS_MAX} entries")
        for field in self.fields.values():
            value = at(self.payload, field.from_)
            if value is not None:
                yield from field.faults(value, field.from_)
            elif not field.optional:
                yield Problem(field.from_, f"is missing; the field {field.key!r} shows it")


def at(payload: Any, path: str) -> Any:
    """The value at `item.a.b`, or None."""
    for step in path.split(".")[1:]:
        if not isinstance(payload, dict):
            return None
        payload = payload.get(step)
    return payload


def put(payload: Payload, path: str, value: Any) -> Payload:
    """The payload with another value at `item.a.b`; what was passed in stays as it was."""
    step, _, rest = path.removeprefix("item.").partition(".")
    inner = payload.get(step)
    return {**payload, step: put(inner if isinstance(inner, dict) else {}, f"item.{rest}", value) if rest else value}


def message_faults(value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, list) or not value:
        yield Problem(where, "must be a list of messages with a role and a text")
        return
    for i, message in enumerate(value):
        if not isinstance(message, dict):
            yield Problem(f"{where}[{i}]", "must be an object with a role and a text")
            continue
        if message.get("role") not in ROLES:
            yield Problem(f"{where}[{i}].role", f"must be one of {', '.join(ROLES)}")
        if not isinstance(message.get("text"), str):
            yield Problem(f"{where}[{i}].text", "must be text")


def id_faults(parts: list[Any], where: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, part in enumerate(parts):
        messages = part.get("messages") if isinstance(part, dict) else None
        for piece in [part, *(messages if isinstance(messages, list) else ())]:
            found = piece.get("id") if isinstance(piece, dict) else None
            if not isinstance(piece, dict):
                continue  # reported where it stands
            if not isinstance(found, str) or not 0 < len(found) <= 120:
                yield Problem(f"{where}[{i}].id", "must be a short text")
            elif found in seen:
                yield Problem(f"{where}[{i}].id", f"{found!r} stands twice; ids are unique within a field")
            else:
                seen.add(found)


def with_part_ids(value: Any, prefix: str) -> list[Any]:
    return [
        {"id": f"{prefix}{i}", **part} if isinstance(part, dict) and "id" not in part else part
        for i, part in enumerate(value, 1)
    ]


def with_message_ids(value: Any, prefix: str) -> list[Any]:
    return with_part_ids(value, prefix) if isinstance(value, list) else value


def shown_message(message: dict[str, Any]) -> dict[str, Any]:
    return {key: inner for key, inner in message.items() if key in MESSAGE_KEYS}
