"""The five ways in which a request can fail, and the form in which bad input is reported."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was sent: where it stands and what to do about it."""

    where: str  # a path such as "questions[2].options", or "line 17"
    reason: str  # what is so, and what would be right

    def as_json(self) -> dict[str, str]:
        return asdict(self)


class AssayError(Exception):
    """An expected failure. The class name is the code that clients see; the message is fit to show."""

    def __init__(self, message: str, problems: tuple[Problem, ...] | list[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)

    @property
    def code(self) -> str:
        return type(self).__name__

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "detail": self.message, "problems": [p.as_json() for p in self.problems]}


class NotFound(AssayError):
    """There is no such thing for this caller; whether another organisation has it is not said."""


class NotAllowed(AssayError):
    """The caller is known and may not do this."""


class Conflict(AssayError):
    """The request was right when it was made up, but the state has moved on."""


class Invalid(AssayError):
    """What was sent cannot be taken; `problems` names each fault."""


class Unavailable(AssayError):
    """Not possible now; the same request may succeed later."""
