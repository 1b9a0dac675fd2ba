"""One small project to ask questions in: text in four scripts, a conversation, and four candidates."""

from dataclasses import dataclass
from typing import Any

import pytest

from assay.projects import (
    Definition,
    Grade,
    InvalidAnswers,
    InvalidDefinition,
    check_answers,
    check_gold,
    parse_definition,
    project_file,
)
from assay.projects.questions import AnyOf

FIELDS = [
    {"key": "source", "type": "text", "from": "item.source"},
    {"key": "chat", "type": "conversation", "from": "item.messages", "optional": True},
    {"key": "candidates", "type": "candidates", "from": "item.candidates", "min": 2, "max": 4, "optional": True},
    {"key": "pair", "type": "candidates", "from": "item.pair", "min": 2, "max": 2, "optional": True},
]
ITEM = {
    "source": "a😀b 𠮷 欧盟峰会 مرحبا",
    "messages": [
        {"id": "m1", "role": "user", "text": "When is VAT due?"},
        {"id": "m2", "role": "assistant", "text": "Monthly."},
    ],
    "candidates": [{"id": f"c{i}", "text": f"Answer {i}", "source": f"model_{i}"} for i in (1, 2, 3, 4)],
    "pair": [{"id": "p1", "text": "Yes", "source": "x"}, {"id": "p2", "text": "No", "source": "y"}],
    "options": ["red", {"id": "green", "title": "Green"}],
}


@dataclass(frozen=True)
class Asked:
    """One question in that project, and what becomes of answers to it."""

    definition: Definition
    key: str
    item: dict[str, Any]

    @property
    def question(self) -> AnyOf:
        return self.definition.question(self.key)

    def row(self, value: Any, **more: Any) -> dict[str, Any]:
        """The stored answer."""
        [row] = check_answers(self.definition, self.item, [{"question": self.key, "value": value, **more}])
        return row

    def stored(self, value: Any, **more: Any) -> Any:
        return self.row(value, **more)["value"]

    def refusal(self, value: Any, **more: Any) -> tuple[str, str]:
        """Where and why a value is refused."""
        with pytest.raises(InvalidAnswers) as refused:
            self.stored(value, **more)
        [problem] = refused.value.problems
        return problem.where, problem.reason

    def grade(self, accept: Any, value: Any, **more: Any) -> Grade:
        target = more.pop("target", None)
        gold = check_gold(
            self.definition, self.item, {"question": self.key, "target": target, "accept": accept, **more}
        )
        return self.question.grade(gold, self.stored(value, target=target))

    def columns(self, value: Any, *, shown: dict[str, list[str]] | None = None, **more: Any) -> dict[str, Any]:
        return self.question.columns(self.row(value, **more), self.definition.content(self.item), shown=shown)


@pytest.fixture
def ask():
    """Build one question; its definition is also written to a file and read back, and must be the same."""

    def build(item: dict[str, Any] | None = None, **question: Any) -> Asked:
        question = {"key": "q", "title": "问？", **question}
        definition = parse_definition({"fields": FIELDS, "questions": [question]})
        assert definition.as_json()["questions"] == [question]
        whole = project_file.of_values(
            {
                "name": "n",
                "version": "1.0.0",
                "guideline": {"version": "1.0.0", "markdown": "x"},
                **definition.as_json(),
            }
        )
        assert project_file.load(project_file.dump(whole)) == whole
        return Asked(definition, "q", item or ITEM)

    return build


@pytest.fixture
def fault(ask):
    """Where and why a definition is refused."""

    def build(**question: Any) -> tuple[str, str]:
        with pytest.raises(InvalidDefinition) as refused:
            ask(**question)
        problem = refused.value.problems[0]
        return problem.where, problem.reason

    return build
