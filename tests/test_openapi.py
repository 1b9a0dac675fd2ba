"""The HTTP API: every operation has its name, its row of permissions and its words."""

from collections import Counter
from typing import Any

import pytest

from assay.api.main import create_app
from assay.identity.model import Role
from assay.identity.permissions import OPEN, OPERATIONS


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app().openapi()


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[str]:
    return [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]


def test_every_operation_has_a_name_of_its_own(operations: list[str]) -> None:
    assert [name for name, times in Counter(operations).items() if times > 1] == []


def test_every_operation_has_a_row_of_permissions(operations: list[str]) -> None:
    assert sorted(set(operations) - OPERATIONS.keys() - OPEN) == []


def test_every_row_of_permissions_has_its_operation(operations: list[str]) -> None:
    assert sorted(OPERATIONS.keys() - set(operations)) == []
    assert sorted(OPEN - set(operations)) == []


def test_no_operation_is_both_open_and_permitted() -> None:
    assert OPEN & OPERATIONS.keys() == set()


def test_every_operation_is_permitted_to_someone() -> None:
    assert [name for name, roles in OPERATIONS.items() if not roles or not roles <= set(Role)] == []


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    bare = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if not operation.get("description")
    ]
    assert bare == []


def test_everything_is_under_one_version(document: dict[str, Any]) -> None:
    assert [path for path in document["paths"] if not path.startswith("/api/v1/")] == []
