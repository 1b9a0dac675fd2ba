"""Flat tables carry structure as text: this turns cells into the values that fields and questions expect.

Only where the definition says that the value is no plain text; a text column is never looked into.
"""

from collections.abc import Iterator
from typing import Any

from assay.kernel import Invalid, Problem
from assay.projects import Definition
from assay.projects.questions import Question
from assay.tasks.reading.values import BadValueError, parse

TEXT_FIELDS = ("text", "markdown")
TRUE, FALSE = ("true", "1", "yes", "t", "y"), ("false", "0", "no", "f", "n")


def structured(value: Any, where: str) -> Any:
    """A list or object that a cell holds as JSON. Raises Invalid."""
    if not isinstance(value, str) or not value.strip():
        return None if value == "" else value
    try:
        return parse(value, depth_max=64)
    except BadValueError as error:
        raise Invalid("", [Problem(where, f"holds JSON in a cell, and {error}")]) from None


def item_values(values: dict[str, Any], definition: Definition) -> dict[str, Any]:
    """A CSV row of an item: cells of structured fields are read as JSON, and empty cells of optional ones left out."""
    read = dict(values)
    for field in definition.fields:
        path = field.from_.split(".")
        if path[1] not in read:
            continue
        if len(path) > 2 or field.type not in TEXT_FIELDS:
            read[path[1]] = structured(read[path[1]], path[1])
        if read[path[1]] in ("", None) and field.optional:
            del read[path[1]]
    if isinstance(read.get("slices"), str):
        read["slices"] = structured(read["slices"], "slices")
    return read


def answer_columns(definition: Definition) -> set[str]:
    """The columns in which a flat table can hold answers, for whole items."""
    return {question.key for question in definition.questions}


def answers_of(values: dict[str, Any], definition: Definition) -> list[Any]:
    """The answers of a recorded response: a list as submitted, an object by question, or one column a question."""
    given = structured(values.get("answers"), "answers")
    if isinstance(given, list):
        return given
    if isinstance(given, dict):
        values = {**values, **given}
    elif given is not None:
        raise Invalid("", [Problem("answers", "must be a list of answers, or an object of values by question")])
    found = [answer for question in definition.questions for answer in _answers_to(question, values)]
    if not found:
        keys = ", ".join(sorted(answer_columns(definition)))
        raise Invalid("", [Problem("answers", f"are missing; give a list of answers, or columns named {keys}")])
    return found


def _answers_to(question: Question, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """From the columns KEY, KEY.why, KEY.TARGET and KEY.TARGET.why."""
    for column, cell in values.items():
        key, _, target = column.partition(".")
        if key != question.key or cell is None or cell == "" or target == "why" or target.endswith(".why"):
            continue
        answer = {"question": question.key, "target": target or None, "value": value_of(question, cell)}
        if why := values.get(f"{column}.why"):
            answer["why"] = why
        yield answer


def value_of(question: Question, cell: Any) -> Any:
    """The value of one cell; what already has its form stays."""
    form = getattr(question, "type", "")
    if form == "number":
        return _digits(cell)
    if not isinstance(cell, str):
        whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
        return str(whole) if form == "choice" and type(whole) is int else whole  # the ids of options are text
    if form == "rating":
        return int(cell) if cell.strip().removeprefix("-").isdecimal() and len(cell) < 10 else cell
    if form == "choices" and not cell.startswith("["):
        return cell.split("|")
    if form == "pairwise" and not cell.startswith("{"):
        return {"verdict": cell}
    if form in ("choice", "text") and not (form == "text" and cell.startswith('{"text"')):
        return cell
    return structured(cell, question.key)


def _digits(cell: Any) -> Any:
    """A number as decimal text, as it was written."""
    return cell.strip() if isinstance(cell, str) else cell


def truth_of(cell: Any, where: str) -> bool:
    """Yes or no, as tables write it. Raises Invalid."""
    word = str(cell).strip().casefold()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise Invalid("", [Problem(where, "must be true or false")])
