"""The first guide does what it says: its files and its Python are run as they stand, against a server of its own."""

import contextlib
import io
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

import assay
from assay.kernel import new_id

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "first-project.md"
ASSAY = Path(sys.executable).with_name("assay")
START_SECONDS = 60


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def environment(server_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of an installation with an empty database and a free port."""
    name = f"assay_guide_{new_id().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield {
        **os.environ,
        "ASSAY_DATA": str(tmp_path / "data"),
        "ASSAY_DATABASE_URL": make_conninfo(server_url, dbname=name),
        "ASSAY_URL": f"http://127.0.0.1:{port}",
    }
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    url = environment["ASSAY_URL"]
    command = [ASSAY, "serve", "--workers", "1", "--port", url.rpartition(":")[2]]
    served = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{url}/health").status_code == 200:
                break
        assert time.monotonic() < deadline, "the server does not start"
        assert served.poll() is None
        time.sleep(0.1)
    yield url
    served.terminate()
    served.wait(30)


def clients(names: dict[str, Any]) -> list[assay.Client]:
    """Those that a script has left open."""
    values = [*names.values(), *names.get("people", [])]
    return [value for value in values if isinstance(value, assay.Client)]


def run(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run([ASSAY, *words], env=environment, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.strip()


def test_the_first_guide_leads_to_a_verified_release(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (yaml,), (items, gold) = blocks("yaml"), blocks("json")
    for name, text in ("project.yaml", yaml), ("items.jsonl", items), ("gold.jsonl", gold):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with serving(environment) as url:
        run(environment, "organisation", "add", "Example Ltd", "--owner", "you@example.org")
        token = run(environment, "token", "you@example.org")
        script = "\n".join(blocks("python")).replace("http://127.0.0.1:8400", url).replace("assay_…", token)
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.ExitStack() as opened:
            names = {"__builtins__": __builtins__}
            opened.callback(lambda: [one.close() for one in clients(names)])
            exec(compile(script, str(GUIDE), "exec"), names)
    assert "lot.passed" in said.getvalue()
    assert "polite-replies-v1" in said.getvalue()
    run(environment, "verify", "polite/polite-replies-v1")
