"""Who judges blind cannot look up what they judge."""

import pytest

from assay.identity.permissions import is_permitted


@pytest.mark.parametrize("role", ["annotator", "reviewer", "auditor"])
@pytest.mark.parametrize(
    "operation", ["list_items", "get_item", "get_task", "list_import_problems", "list_task_quality"]
)
def test_sources_and_settled_answers_are_hidden_from_who_judges(operation: str, role: str) -> None:
    assert not is_permitted(operation, frozenset({role}))
    assert is_permitted(operation, frozenset({"manager"}))


def test_an_operation_without_a_row_is_refused() -> None:
    assert not is_permitted("no_such_operation", frozenset({"owner", "manager"}))
