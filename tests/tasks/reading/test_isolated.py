"""The child has nothing but the file: no network, none of our environment, none of our rooms."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assay.tasks.reading import BadRow, FileFormat, Row, Source, isolated, read


def in_child(code: str, *arguments: str) -> str:
    """What a program prints that starts as the child does."""
    start = isolated.START.rpartition("from assay")[0]
    command = [sys.executable, "-I", "-c", f"{start}\n{code}", "", str(isolated.ROOM), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=isolated.ENVIRONMENT).stdout.strip()


def test_the_child_reaches_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = """
import socket, sys
from assay.tasks.reading.child import cut_network
was_cut = cut_network()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[3])), timeout=2)
    print(was_cut, "reached")
except OSError:
    print(was_cut, "not reached")
"""
        said = in_child(code, str(server.getsockname()[1]))
    if said == "False reached":
        pytest.skip("this kernel lets nobody have a network of their own")
    assert said == "True not reached"


def test_the_child_loads_the_readers_and_no_other_room() -> None:
    code = """
import sys
from assay.tasks.reading import child
print(sorted({name.split(".")[1] for name in sys.modules if name.startswith("assay.")}), "psycopg" in sys.modules)
"""
    assert in_child(code) == "['kernel', 'tasks'] False"


def test_the_child_knows_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_DATABASE_URL", "postgresql://secret")
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1}\n' * 50_000)
    rows = read(Source(tmp_path / "a.jsonl", FileFormat.JSONL))
    assert isinstance(next(rows), Row)
    mine = [pid for pid in os.listdir("/proc") if pid.isdigit() and _parent(pid) == os.getpid()]
    environments = [Path(f"/proc/{pid}/environ").read_bytes() for pid in mine if _runs_the_readers(pid)]
    rows.close()  # type: ignore[attr-defined]
    assert environments
    assert not any(b"ASSAY" in environment for environment in environments)


def test_a_reader_that_is_left_early_ends_its_child(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1}\n' * 50_000)
    rows = read(Source(tmp_path / "a.jsonl", FileFormat.JSONL))
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    assert not [
        pid for pid in os.listdir("/proc") if pid.isdigit() and _parent(pid) == os.getpid() and _runs_the_readers(pid)
    ]


def test_a_child_that_dies_is_said_and_its_rows_stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1}\n')
    monkeypatch.setattr(isolated, "START", "import os; print('[1,{\"a\":1}]', flush=True); os.kill(os.getpid(), 11)")
    rows = list(read(Source(tmp_path / "a.jsonl", FileFormat.JSONL)))
    assert rows[0] == Row(1, {"a": 1}, 12)
    assert isinstance(rows[1], BadRow)
    assert "memory" in rows[1].reason


def _parent(pid: str) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _runs_the_readers(pid: str) -> bool:
    return b"assay.tasks.reading" in Path(f"/proc/{pid}/cmdline").read_bytes()
