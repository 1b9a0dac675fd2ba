"""Cells of flat tables become the values that questions expect."""

import pytest

from assay.projects import parse_definition
from assay.tasks.imports.cells import value_of

FOLLOWS = parse_definition(
    {
        "fields": [{"key": "text", "type": "text", "from": "item.text"}],
        "questions": [
            {"key": "follows", "type": "choice", "title": "Follows?", "options": [{"id": "0"}, {"id": "1"}]},
            {"key": "stars", "type": "rating", "title": "Stars", "scale": {"min": 1, "max": 5}},
        ],
    }
)


@pytest.mark.parametrize(
    ("key", "cell", "value"),
    [("follows", 1, "1"), ("follows", 0.0, "0"), ("follows", "1", "1"), ("stars", 4.0, 4), ("stars", "4", 4)],
)
def test_a_number_in_a_column_names_an_option_or_a_step(key: str, cell: object, value: object) -> None:
    assert value_of(FOLLOWS.question(key), cell) == value
