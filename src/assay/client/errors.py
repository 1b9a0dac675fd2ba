"""What can go wrong between here and the server, and what is then known about the effect."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was sent: where it stands, and what would be right."""

    where: str
    reason: str


class ApiError(Exception):
    """The server refused; nothing was done.

    Attributes:
        status: the HTTP number.
        code: the name of the refusal, such as `LeaseLost`, `NoSuchProject` or `InvalidAnswers`.
        detail: the sentence for people.
        problems: each fault by its place, where the server names them.
    """

    def __init__(self, status: int, code: str, detail: str, problems: tuple[Problem, ...] = ()) -> None:
        places = "; ".join(f"{problem.where} {problem.reason}" for problem in problems[:3])
        super().__init__(f"{code}: {detail}" + (f" ({places})" if places else ""))
        self.status = status
        self.code = code
        self.detail = detail
        self.problems = problems


class Unreachable(Exception):
    """No answer came, after all tries. Whether the request was carried out is unknown.

    Attributes:
        key: the idempotency key of a POST; ask again with `key=` to have it done once and to hear the result.
    """

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key
