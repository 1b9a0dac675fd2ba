"""Read YAML and JSON texts as plain values, strictly: nothing is built, expanded, merged or guessed.

YAML is read as JSON with less punctuation: only true and false are booleans (`no` is a word), dates stay text, keys
are text as written. Aliases and anchors, tags, and keys that stand twice are refused, so neither a circle nor a bomb
can come in. Nothing is nested deeper than `DEPTH_MAX`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from assay.kernel import Invalid, Problem
from assay.projects.wellformed import DEPTH_MAX

Lines = dict[str, int]  # the line on which the value at each path begins

INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
FLOAT = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,20}([eE][-+]\d{1,3})?", re.ASCII)
NOT_FINITE = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class InvalidFile(Invalid):
    """The text is not one that can be read."""

    @classmethod
    def at(cls, where: str, reason: str) -> "InvalidFile":
        return cls(f"the file cannot be read: {where} {reason}", [Problem(where, reason)])


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises InvalidFile."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise InvalidFile.at(f"line {error.lineno}", f"is not JSON: {error.msg}") from None
    except RecursionError:
        raise InvalidFile.at("file", f"is nested deeper than {DEPTH_MAX} levels") from None
    except ValueError:
        raise InvalidFile.at("file", "holds a number of too many digits; write it as text") from None


def read_yaml(text: str) -> tuple[Any, Lines]:
    """The value of a YAML text, and where its parts stand. Raises InvalidFile."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(yaml.parse(text, Loader=loader))
    try:
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidFile.at(f"line {line}", f"is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise InvalidFile.at("file", f"is not YAML: {error}") from None
    return value, reader.lines


class _Reader:
    """Builds values from the parser's events, one pass, no graph."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.lines: Lines = {}

    def document(self) -> Any:
        found: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found:
                    raise InvalidFile.at(line_of(event), "begins a second document; one file is one project")
                found.append(self.value(next(self.events), "", 0))
        if not found:
            raise InvalidFile.at("file", "is empty")
        return found[0]

    def value(self, event: Any, path: str, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise InvalidFile.at(line_of(event), "uses an anchor or alias (& or *); write the value out")
        if event.tag is not None and event.tag != "!":
            raise InvalidFile.at(line_of(event), f"uses the tag {event.tag[:80]}; plain values only")
        if depth > DEPTH_MAX:
            raise InvalidFile.at(line_of(event), f"is nested deeper than {DEPTH_MAX} levels")
        self.lines[path] = event.start_mark.line + 1
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path, depth)
        return scalar(event) if event.implicit[0] else event.value

    def mapping(self, path: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag is not None:
                raise InvalidFile.at(line_of(event), "has a key that is not plain text")
            if event.value in found:
                raise InvalidFile.at(line_of(event), f"names {event.value[:80]!r} twice; keep one of them")
            if event.value == "<<":
                raise InvalidFile.at(line_of(event), "merges another value (<<); write it out")
            step = f"{path}.{event.value}" if path else event.value
            found[event.value] = self.value(next(self.events), step, depth + 1)
        return found

    def sequence(self, path: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.value(event, f"{path}[{len(found)}]", depth + 1))
        return found


def scalar(event: Any) -> Any:
    text = event.value
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text):
        return float(text)
    if NOT_FINITE.fullmatch(text):
        raise InvalidFile.at(
            line_of(event), f"holds {text[:20]}, which is not a number; leave it out or put it in quotes"
        )
    return text


def line_of(event: Any) -> str:
    return f"line {event.start_mark.line + 1}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
        raise InvalidFile.at("file", f"names {twice[:80]!r} twice in one object; keep one of them")
    return found


def _constant(word: str) -> Any:
    raise InvalidFile.at("file", f"holds {word}, which is not a number; leave it out or write null")
