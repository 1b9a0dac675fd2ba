"""Do answers fit the questions, and what exactly is stored? The same check at every door, by the same words.

An answer that is absent was not asked or was left out; one that is null says why it could not be given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.kernel import Invalid, Problem
from assay.projects import wellformed
from assay.projects.definition import Definition
from assay.projects.fields import Content, Payload
from assay.projects.questions import AnyOf, BadValue, Pairwise, Span
from assay.projects.questions.condition import as_number
from assay.projects.questions.question import RequiredIf
from assay.projects.questions.span import check_slice

Answer = dict[str, Any]
Place = tuple[str, str | None]  # a question's key, and what it is asked about

FLAGS = ("not_applicable", "cannot_assess")
EMPTY: Answer = {
    "question": None,
    "target": None,
    "value": None,
    "why": None,
    "cites": [],
    "not_applicable": False,
    "cannot_assess": False,
}
GOLD_KEYS = {"question", "target", "accept", "tolerance", "because"}


class InvalidAnswers(Invalid):
    """The answers do not fit the questions; nothing was stored."""


class InvalidGold(Invalid):
    """The key does not fit the question it is for."""


@dataclass
class _Sheet:
    """The answers to one item while they are checked, question by question."""

    definition: Definition
    content: Content
    given: dict[Place, Answer | None]  # None: a row that was refused as such
    problems: list[Problem]
    taken: dict[Place, Answer] = field(default_factory=dict)

    def targets(self, question: AnyOf) -> list[str | None]:
        """What the question is asked about in this item; empty when the item lacks what it needs."""
        if any(self.content.value(key) is None for key in question.needs()):
            return []
        about = self.definition.about(question.key)
        if about is None:
            return [None]
        if about.field is not None:
            return [*self.content.ids(about.field, role=about.role)]
        drawn = [row for (key, _), row in self.taken.items() if key == about.question]
        return [*dict.fromkeys(span["id"] for row in drawn for span in row["value"] or ())]

    def is_asked(self, question: AnyOf, target: str | None) -> bool:
        return question.when is None or question.when.holds(lambda key: self.value(key, target))

    def value(self, key: str, target: str | None) -> Any:
        row = self.taken.get((key, target)) or self.taken.get((key, None))
        return row and row["value"]

    def check(self, question: AnyOf) -> None:
        for target in self.targets(question):
            is_given = (question.key, target) in self.given
            row = self.given.pop((question.key, target), None)
            if not self.is_asked(question, target):
                if is_given:
                    self.refuse(question.key, target, "", "was not asked, because its condition is not met")
            elif row is not None:
                self.take(question, target, row)
            elif question.required and not is_given:
                self.refuse(question.key, target, "", "needs an answer")

    def take(self, question: AnyOf, target: str | None, row: Answer) -> None:
        try:
            value = read_value(question, row, self.content, target)
            check_why(question, row["why"], value)
            for i, address in enumerate(row["cites"]):
                check_address(address, self.content, f"cites[{i}]")
        except BadValue as fault:
            self.refuse(question.key, target, fault.where, fault.reason)
        else:
            self.taken[question.key, target] = {**row, "value": value}

    def refuse(self, key: str, target: str | None, where: str, reason: str) -> None:
        self.problems.append(Problem(place_name(key, target) + (f".{where}" if where else ""), reason))


def check_answers(definition: Definition, payload: Payload, answers: Any) -> list[Answer]:
    """The answers as they are stored: every key written out, in the order of the questions. Raises InvalidAnswers."""
    given, problems = read_rows(definition, answers)
    sheet = _Sheet(definition, definition.content(payload), given, problems)
    for question in definition.in_order:
        sheet.check(question)
    if not problems:
        for key, target in sheet.given:
            sheet.refuse(key, target, "", "is about nothing that the question is asked about in this item")
        spans = [span["id"] for (key, _), row in sheet.taken.items() for span in drawn_by(definition, key, row)]
        if len(set(spans)) < len(spans):
            problems.append(Problem("answers", "use the same span id twice; span ids are unique within a response"))
    refuse_if(problems, InvalidAnswers, "the answers cannot be taken")
    return [row for question in definition.questions for (key, _), row in sheet.taken.items() if key == question.key]


def drawn_by(definition: Definition, key: str, row: Answer) -> list[dict[str, Any]]:
    return row["value"] or [] if isinstance(definition.by_key[key], Span) else []


def read_rows(definition: Definition, answers: Any) -> tuple[dict[Place, Answer | None], list[Problem]]:
    """Each row in its full form by what it answers, and what is wrong with the rows as such."""
    given: dict[Place, Answer | None] = {}
    if not isinstance(answers, list) or len(answers) > wellformed.PARTS_MAX:
        return given, [Problem("answers", f"must be a list of at most {wellformed.PARTS_MAX} answers")]
    problems: list[Problem] = []
    for i, row in enumerate(answers):
        faults = list(row_faults(definition, row, f"answers[{i}]"))
        place = place_of(row)
        if not faults and place in given:
            faults = [Problem(place_name(*place), "is answered twice")]
        given[place] = None if faults else {**EMPTY, **row}
        problems += faults
    return given, problems


def row_faults(definition: Definition, row: Any, where: str) -> Iterator[Problem]:
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        yield Problem(where, "must be an object with a question and a value")
        return
    if row["question"] not in definition.by_key:
        yield Problem(f"{where}.question", f"{row['question'][:80]!r} is not a question of this project")
        return
    target = row.get("target")
    if not isinstance(target, str | None):
        yield Problem(f"{where}.target", "must be the id of what the question is about, or null")
        return
    if target and (faults := [*wellformed.text_faults(target, f"{where}.target")]):
        yield from faults
        return
    where = place_name(row["question"], target)
    for key in row.keys() - EMPTY.keys():
        yield Problem(f"{where}.{wellformed.printable(str(key))}", "is not a known key of an answer")
    for flag in FLAGS:
        if not isinstance(row.get(flag, False), bool):
            yield Problem(f"{where}.{flag}", "must be true or false")
    if not isinstance(row.get("why"), str | None):
        yield Problem(f"{where}.why", "must be text or null")
    if not isinstance(row.get("cites", []), list):
        yield Problem(f"{where}.cites", "must be a list of addresses")
    yield from wellformed.faults(row, where)
    if wellformed.size(row.get("value")) + wellformed.size(row.get("why")) > wellformed.TEXT_MAX:
        yield Problem(where, f"has more than {wellformed.TEXT_MAX:,} characters")
    if wellformed.has_long_list(row):
        yield Problem(where, f"has more than {wellformed.PARTS_MAX:,} parts")


def read_value(question: AnyOf, row: Answer, content: Content, target: str | None) -> Any:
    """The value as stored, or null with the flag that explains it. Raises BadValue."""
    flags = [flag for flag in FLAGS if row[flag]]
    if len(flags) == 2:
        raise BadValue("cannot_assess", "excludes not_applicable; choose one")
    for flag in flags:
        if not getattr(question, flag):
            raise BadValue(flag, "is not offered by this question")
        if row["value"] is not None:
            raise BadValue("value", f"must be null where {flag} is set")
        return None
    if row["value"] is None:
        raise BadValue("value", "is missing; leave the whole answer out if there is none")
    try:
        return question.read(row["value"], content, target)
    except BadValue as fault:
        step = fault.where if fault.where.startswith("[") or not fault.where else f".{fault.where}"
        raise BadValue(f"value{step}", fault.reason) from None


def check_why(question: AnyOf, why: str | None, value: Any) -> None:
    """Raise BadValue when a reason is given unasked, or not given where it is asked for."""
    is_given = bool(why and why.strip())
    if question.why == "off" and is_given:
        raise BadValue("why", "is not asked for; leave it out")
    rule = question.why
    is_needed = rule.required_if.holds(value) if isinstance(rule, RequiredIf) else rule == "required"
    if is_needed and not is_given:
        raise BadValue("why", "is missing: this answer needs a reason")


def check_address(address: Any, content: Content, where: str) -> None:
    """Raise BadValue unless the address names a part of this item and quotes it truly."""
    if not isinstance(address, dict) or not isinstance(address.get("field"), str):
        raise BadValue(where, "must be an object with a field, and a part, start, end and quote as needed")
    for key in address.keys() - {"field", "part", "start", "end", "quote"}:
        raise BadValue(f"{where}.{key}", "is not a known key of an address")
    if address["field"] not in content.fields:
        raise BadValue(f"{where}.field", "is not a field of this project")
    texts, part = content.texts(address["field"]), address.get("part")
    if not isinstance(part, str | None) or (part not in texts and part not in (None, *content.ids(address["field"]))):
        raise BadValue(f"{where}.part", "is not a part of this field in this item")
    if given := {"start", "end", "quote"} & address.keys():
        if len(given) < 3 or part not in texts:
            raise BadValue(where, "points into a text by a part with start, end and quote, all three")
        check_slice(address, texts[part], where)


def check_value(definition: Definition, payload: Payload, key: str, target: str | None, value: Any) -> Any:
    """One value as it is stored, for suggestions and settled answers. Raises InvalidAnswers."""
    row = {"question": key, "target": target, "value": value}
    refuse_if(list(row_faults(definition, row, "answer")), InvalidAnswers, "the value cannot be taken")
    sheet = _Sheet(definition, definition.content(payload), {}, [])
    question, about = definition.question(key), definition.about(key)
    if (about is None or about.field is not None) and target not in sheet.targets(question):
        sheet.refuse(key, target, "", "is about nothing that the question is asked about in this item")
    else:
        sheet.take(question, target, {**EMPTY, **row, "why": "–" if question.why != "off" else None})
    refuse_if(sheet.problems, InvalidAnswers, "the value cannot be taken")
    return sheet.taken[key, target]["value"]


def check_gold(definition: Definition, payload: Payload, gold: Any) -> dict[str, Any]:
    """One key, `{"question", "target", "accept", "tolerance", "because"}`, as it is stored. Raises InvalidGold."""
    problems: list[Problem] = []
    accept = gold.get("accept") if isinstance(gold, dict) else None
    if not isinstance(gold, dict) or not isinstance(accept, list) or not accept:
        refuse_if(
            [Problem("gold", "must be an object with a question and a list of accepted values")], InvalidGold, "gold"
        )
        raise AssertionError
    if gold.get("question") not in [*definition.by_key]:
        problems.append(Problem("gold.question", "is not a question of this project"))
    for key in sorted(gold.keys() - GOLD_KEYS):
        problems.append(Problem(f"gold.{wellformed.printable(key)}", "is not a known key of gold"))
    tolerance = gold.get("tolerance")
    if tolerance is not None and ((number := as_number(tolerance)) is None or number < 0):
        problems.append(Problem("gold.tolerance", "must be a number, 0 or more"))
    if not isinstance(gold.get("because", ""), str | None):
        problems.append(Problem("gold.because", "must be text"))
    problems += wellformed.faults(gold.get("because"), "gold.because")
    values: list[Any] = []
    for i, value in enumerate(accept if not problems else ()):
        try:
            values.append(_accepted(definition, payload, gold, value))
        except InvalidAnswers as refused:
            problems += [Problem(f"gold.accept[{i}]: {fault.where}", fault.reason) for fault in refused.problems]
    refuse_if(problems, InvalidGold, "the key cannot be taken")
    return {"question": None, "target": None, "tolerance": None, "because": None, **gold, "accept": values}


def _accepted(definition: Definition, payload: Payload, gold: Mapping[str, Any], value: Any) -> Any:
    question = definition.question(gold["question"])
    if value is None and (question.not_applicable or question.cannot_assess):
        return None
    if isinstance(question, Pairwise) and value and question.is_verdict_alone(value):  # need not say how much better
        value = check_value(definition, payload, question.key, gold.get("target"), {**value, "strength": 1})
        return {"verdict": value["verdict"]}
    return check_value(definition, payload, question.key, gold.get("target"), value)


def complete_spans(definition: Definition, payload: Payload, answers: Sequence[Answer]) -> list[Answer]:
    """Answers recorded elsewhere, with the ids and quotes that their spans lack, ready for `check_answers`."""
    content = definition.content(payload)
    return [
        _completed(definition, content, row, f"{i}.") if isinstance(row, dict) else row for i, row in enumerate(answers)
    ]


def _completed(definition: Definition, content: Content, row: Answer, prefix: str) -> Answer:
    question = definition.by_key.get(str(row.get("question")))
    if not isinstance(question, Span) or not isinstance(row.get("value"), list):
        return row
    text = content.texts(question.of.field).get(row.get("target"), "")
    spans = [
        {"id": f"s{prefix}{n}", "quote": text[span["start"] : span["end"]], **span}
        if isinstance(span, dict) and all(type(span.get(key)) is int and span[key] >= 0 for key in ("start", "end"))
        else span
        for n, span in enumerate(row["value"], 1)
    ]
    return {**row, "value": spans}


def place_of(row: Any) -> Place:
    """What a row answers, also of one that has faults."""
    key, target = (row.get("question"), row.get("target")) if isinstance(row, dict) else (None, None)
    return str(key), target if isinstance(target, str) else None


def place_name(key: str, target: str | None) -> str:
    """How an answer is named in problems: `safe`, or `faults[c1]`."""
    return key if target is None else f"{key}[{target}]"


def refuse_if(problems: list[Problem], error: type[Invalid], sentence: str) -> None:
    if problems:
        raise error(f"{sentence}: {problems[0].where} {problems[0].reason}", problems)
