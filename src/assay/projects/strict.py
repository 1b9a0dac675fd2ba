"""Definitions are strict: no unknown key, no value bent into another type, and every fault said in a plain sentence."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from assay.kernel import Problem

T = TypeVar("T")


class Strict(BaseModel):
    """A part of a definition. Never changes once built; written out with exactly the keys it was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True, allow_inf_nan=False)

    def as_json(self) -> dict[str, Any]:
        """The JSON it was read from: defaults that were not written are not added."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Many = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Id = Annotated[str, StringConstraints(pattern=r"^[^\s|\x00-\x1f]([^|\x00-\x1f]*[^\s|\x00-\x1f])?$", max_length=120)]
Title = Annotated[str, Field(min_length=1, max_length=2_000)]
Path = Annotated[str, StringConstraints(pattern=r"^item(\.[^.\s\[\]]+)+$", max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]

SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key here",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be an object of keys and values",
    "model_type": "must be an object of keys and values",
    "model_attributes_type": "must be an object of keys and values",
    "finite_number": "must be a finite number",
    "string_too_short": "must not be empty",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_long": "must not be longer than {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "literal_error": "must be one of {expected}",
    "union_tag_invalid": "has the unknown type {tag!r}; known types are {expected_tags}",
    "union_tag_not_found": "has no 'type'; say which of the known types it is",
    "value_error": "{error}",
}
PATTERNS = {
    "^[a-z][a-z0-9_]*$": "must be a lower-case name such as is_safe: a letter, then letters, digits and _",
    "^item(": "must be a path into the item, such as item.prompt",
    "^[^\\s|": "must be a short id without | or line breaks, and without spaces at its ends",
}


def problems_of(error: ValidationError) -> Iterator[Problem]:
    """Each fault of a definition: its path, and what would be right."""
    for fault in error.errors(include_url=False):
        if fault["type"] == "default_factory_not_called":
            continue  # it follows from another key, whose own fault is told
        context = {name: shortened(value) for name, value in fault.get("ctx", {}).items()}
        if fault["type"] == "string_pattern_mismatch":
            pattern = str(context["pattern"])
            reason = next(
                (said for start, said in PATTERNS.items() if pattern.startswith(start)), f"must match {pattern}"
            )
        else:
            reason = SENTENCES.get(fault["type"], fault["msg"]).format(**context)
        yield Problem(path(fault["loc"]), reason)


def shortened(value: T) -> T | str:
    return value[:80] if isinstance(value, str) and len(value) > 300 else value


def path(location: tuple[int | str, ...]) -> str:
    """`questions[2].options`, from pydantic's steps without the names of the types it tried."""
    text = ""
    for i, step in enumerate(location):
        if isinstance(step, int):
            text += f"[{step}]"
        elif not (i > 0 and isinstance(location[i - 1], int) and location[i - 2] in ("fields", "questions")):
            text += f".{shortened(step)}" if text else shortened(step)
    return re.sub(r"\.~\w+", "", text)
