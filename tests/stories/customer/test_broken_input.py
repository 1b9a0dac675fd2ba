"""Ten kinds of broken input as customers send them, by command line and SDK, to a server that stays up: each ends in a
sentence that names the line and the reason, the good rows are in, and nothing is half done."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.stories.customer.conftest import Served

import assay

PROJECT = """\
name: Broken
version: 1.0.0
guideline: {version: 1.0.0, markdown: Judge what the text says.}
fields: [{key: text, type: text, from: item.text}]
questions:
  - {key: safe, type: choice, title: Safe?, options: [{id: "yes"}, {id: "no"}]}
"""
GOOD = b'{"external_id": "good1", "text": "One"}\n'
LAST = b'{"external_id": "good2", "text": "Two"}\n'
BOTH = {"good1": "One", "good2": "Two"}
LINE_BYTES = 200_000_000
CHUNK = b"x" * 1_000_000
MORE_MEMORY = 150_000_000  # that a serving process may take for any of this


@dataclass
class Desk:
    """A customer at their own machine: a project, a folder, a command line."""

    served: Served
    client: assay.Client
    token: str
    folder: Path

    def types(self, *words: object) -> subprocess.CompletedProcess[str]:
        done = self.served.type(*words, token=self.token)
        assert "Traceback" not in done.stderr
        return done

    def sends(self, content: bytes, *words: object, name: str = "items.jsonl") -> subprocess.CompletedProcess[str]:
        path = self.folder / name
        path.write_bytes(content)
        return self.types("import", "Broken", path, *words)

    def texts(self) -> dict[str, str]:
        """What the project holds."""
        project = self.client.projects.find("Broken").id
        items = [self.client.items.get(item.id) for item in self.client.items.list(project)]
        tasks = sorted(task.external_id for task in self.client.tasks.list(project))
        assert tasks == sorted(item.external_id for item in items)  # never an item without its task
        return {item.external_id: (item.payload or {})["text"] for item in items}

    def projects(self) -> list[str]:
        return [project.name for project in self.client.projects.list()]


@pytest.fixture
def desk(served: Served, tmp_path: Path) -> Iterator[Desk]:
    owner = served.found()
    (tmp_path / "project.yaml").write_text(PROJECT)
    owner.projects.create(tmp_path / "project.yaml")
    token = owner.tokens.issue("command line").token
    assert token is not None
    before = served.processes()
    yield Desk(served, owner, token, tmp_path)
    assert httpx2.get(f"{served.url}/health").status_code == 200
    assert before <= served.processes(), "a serving process died"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b'{"external_id": "bad", "text": \n', "not valid JSON", id="a bad JSON line"),
        pytest.param('{"external_id": "bad", "text": "ä"}\n'.encode("latin-1"), "not UTF-8", id="wrong encoding"),
        pytest.param(b'{"external_id": "bad", "text": NaN}\n', "NaN, which is not a number", id="NaN"),
        pytest.param(b'{"external_id": "good1", "text": "Else"}\n', "'good1' stands in line 1", id="a duplicated id"),
    ],
)
def test_a_broken_line_is_named_and_costs_itself_alone(desk: Desk, line: bytes, reason: str) -> None:
    done = desk.sends(GOOD + line + LAST)
    assert done.returncode == 0
    assert done.stdout.startswith("2 rows in, 0 known before, 1 with problems")
    assert "line 2: " in done.stderr
    assert reason in done.stderr
    assert desk.texts() == BOTH
    assert desk.sends(GOOD + line + LAST).stdout.startswith("0 rows in, 2 known before, 1 with problems")


def test_a_csv_in_another_encoding_goes_in_once_that_is_said(desk: Desk) -> None:
    rows = "".join(f"{n},欧盟峰会为难民政策争论，接收过程步步瓶颈。\n" for n in range(30))
    content = f"external_id,text\n{rows}".encode("gb18030")
    refused = desk.sends(content, name="items.csv")
    assert refused.returncode == 1
    assert "encoding=gb18030" in refused.stderr
    assert desk.texts() == {}
    assert desk.sends(content, "--encoding", "gb18030", name="items.csv").stdout.startswith("30 rows in")


def test_a_line_of_200_mb_is_streamed_past(desk: Desk) -> None:
    """Written while it is sent: neither side ever holds it."""
    highest: dict[int, int] = {}

    def lines() -> Iterator[bytes]:
        yield GOOD + b'{"external_id": "bad", "text": "'
        for _ in range(LINE_BYTES // len(CHUNK)):
            yield CHUNK
            note_memory(desk.served, highest)
        yield b'"}\n' + LAST

    before: dict[int, int] = {}
    note_memory(desk.served, before)
    url = f"{desk.served.url}/api/v1/projects/{desk.client.projects.find('Broken').id}/imports"
    headers = {"authorization": f"Bearer {desk.token}", "content-type": "application/octet-stream"}
    query = {"kind": "items", "name": "items.jsonl", "wait": "true"}
    sent = httpx2.post(url, params=query, headers=headers, content=lines(), timeout=120)
    note_memory(desk.served, highest)
    assert sent.status_code == 201, sent.text
    assert (sent.json()["state"], sent.json()["accepted"], sent.json()["problems_count"]) == ("loaded", 2, 1)
    (problem,) = desk.client.imports.problems(sent.json()["id"])
    assert problem.where == "line 2"
    assert "longer than" in problem.reason
    assert desk.texts() == BOTH
    assert max(highest[pid] - before[pid] for pid in before if pid in highest) < MORE_MEMORY


def note_memory(served: Served, highest: dict[int, int]) -> None:
    for pid in served.processes():
        if psutil.pid_exists(pid):
            highest[pid] = max(highest.get(pid, 0), psutil.Process(pid).memory_info().rss)


def test_a_csv_formula_is_text_and_stays_what_it_is(desk: Desk) -> None:
    done = desk.sends(b'external_id,text\na,"=HYPERLINK(""http://x"")"\nb,@SUM(1)\nc,-1\n', name="items.csv")
    assert done.stdout.startswith("3 rows in, 0 known before, 0 with problems")
    assert desk.texts() == {"a": '=HYPERLINK("http://x")', "b": "@SUM(1)", "c": "-1"}


def test_an_unknown_label_is_named_beside_those_there_are(desk: Desk) -> None:
    desk.sends(GOOD + LAST)
    said = [("good1", "r1", "purple"), ("good1", "r2", "no"), ("nowhere", "r1", "no"), ("good2", "r1", "yes")]
    rows = [{"item": item, "rater": rater, "safe": label} for item, rater, label in said]
    done = desk.sends(b"\n".join(json.dumps(row).encode() for row in rows), "--kind", "responses", name="said.jsonl")
    assert done.stdout.startswith("2 rows in, 0 known before, 2 with problems")
    assert "line 1: safe.value must be one of yes, no" in done.stderr
    assert "line 3: is about the item 'nowhere', which this project does not have" in done.stderr
    progress: dict[str, Any] = desk.client.projects.progress(desk.client.projects.find("Broken").id)
    assert (progress["responses"], progress["items"]) == (2, 2)


def giant_page(path: Path) -> None:
    table = pa.table({"text": pa.array(["x" * 400_000_000])})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)


def many_rows(path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 600_000, pa.int32()), pa.array(["x" * 1000]))
    pq.write_table(pa.table({"text": text}), path, compression="zstd")


@pytest.mark.parametrize("bomb", [giant_page, many_rows])
def test_a_parquet_bomb_ends_as_a_problem_of_the_file(desk: Desk, bomb: Callable[[Path], None]) -> None:
    path = desk.folder / "items.parquet"
    bomb(path)
    assert path.stat().st_size < 200_000
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    note_memory(desk.served, before)
    found = desk.client.imports.send(desk.client.projects.find("Broken").id, path)
    note_memory(desk.served, after)
    assert (found.state, found.accepted) == ("failed", 0)
    *_, last = desk.client.imports.problems(found.id)
    assert last.where == "file"
    assert "more memory" in last.reason or "decompression bomb" in last.reason
    assert desk.texts() == {}
    assert max(after[pid] - before[pid] for pid in before if pid in after) < MORE_MEMORY


def test_an_unknown_type_of_question_makes_no_project(desk: Desk) -> None:
    path = desk.folder / "new.yaml"
    path.write_text(PROJECT.replace("Broken", "New").replace("type: choice", "type: telepathy"))
    refused = desk.types("project", "create", path)
    assert refused.returncode == 1
    assert "questions[0]" in refused.stderr
    assert "line 6" in refused.stderr
    assert "telepathy" in refused.stderr
    assert desk.projects() == ["Broken"]


def test_a_cyclic_yaml_makes_no_project(desk: Desk) -> None:
    path = desk.folder / "new.yaml"
    path.write_text("name: New\nversion: 1.0.0\nfields: &all [*all]\nquestions: *all\n")
    refused = desk.types("project", "create", path)
    assert refused.returncode == 1
    assert "line 3" in refused.stderr
    assert desk.projects() == ["Broken"]
