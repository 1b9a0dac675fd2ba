"""Ten kinds of broken input, each by the door it would come through: a clear error, good rows in, nothing half done."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from assay.api.main import create_app
from assay.identity import found_organisation, issue_token
from assay.kernel import new_id
from assay.storage import Actor, Database, Settings

GOOD = b'{"external_id": "good1", "text": "One"}\n'
LAST = b'{"external_id": "good2", "text": "Two"}\n'
PROJECT: dict[str, Any] = {
    "name": "Broken",
    "version": "1.0.0",
    "guideline": {"version": "1.0.0", "markdown": "Read."},
    "fields": [{"key": "text", "type": "text", "from": "item.text"}],
    "questions": [{"key": "safe", "type": "choice", "title": "Safe?", "options": [{"id": "yes"}, {"id": "no"}]}],
}


class Desk:
    """A project, and files sent into it."""

    def __init__(self, http: TestClient) -> None:
        self.http = http
        made = http.post("/api/v1/projects", json=PROJECT)
        assert made.status_code == 201, made.text
        self.project = made.json()["id"]

    def send(self, content: bytes, kind: str = "items", **said: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """The import when it is over, and its problems: where and why."""
        query = {"kind": kind, "wait": "true", **said}
        reply = self.http.post(f"/api/v1/projects/{self.project}/imports", params=query, content=content)
        assert reply.status_code == 201, reply.text
        problems = self.http.get(f"/api/v1/imports/{reply.json()['id']}/problems").json()["items"]
        return reply.json(), [(problem["where"], problem["reason"]) for problem in problems]

    def texts(self) -> dict[str, str]:
        """What the project holds: external id -> text."""
        rows = self.http.get(f"/api/v1/projects/{self.project}/items").json()["items"]
        whole = [self.http.get(f"/api/v1/items/{row['id']}").json() for row in rows]
        return {row["external_id"]: row["payload"]["text"] for row in whole}

    def projects(self) -> list[str]:
        return [project["name"] for project in self.http.get("/api/v1/projects").json()["items"]]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    organisation_id, owner = found_organisation(
        database, "House", owner_email=f"{new_id()}@example.org", owner_name="O"
    )
    token = database.transact(organisation_id, Actor("person", owner), lambda s: issue_token(s, owner, label="t")[1])
    with TestClient(create_app(database, Settings(tmp_path, None, "http://test"))) as http:
        http.headers["authorization"] = f"Bearer {token}"
        yield Desk(http)
    assert list((tmp_path / "imports").glob("*")) == []  # no upload stays behind


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b'{"external_id": "bad", "text": \n', "not valid JSON", id="a bad JSON line"),
        pytest.param('{"external_id": "bad", "text": "ä"}\n'.encode("latin-1"), "not UTF-8", id="wrong encoding"),
        pytest.param(b'{"external_id": "bad", "text": NaN}\n', "NaN, which is not a number", id="NaN"),
        pytest.param(b'{"external_id": "good1", "text": "Other"}\n', "other content", id="a duplicated id"),
        pytest.param(
            b'{"external_id": "bad", "text": "' + b"x" * 200_000_000 + b'"}\n', "longer than", id="a line of 200 MB"
        ),
    ],
)
def test_a_broken_line_costs_itself_alone(desk: Desk, line: bytes, reason: str) -> None:
    found, problems = desk.send(GOOD + line + LAST)
    assert (found["state"], found["accepted"], found["problems_count"]) == ("loaded", 2, 1)
    assert problems[0][0] == "line 2"
    assert reason in problems[0][1]
    assert desk.texts() == {"good1": "One", "good2": "Two"}


def test_a_csv_in_the_wrong_encoding_names_the_likely_one_and_reads_nothing_under_a_guess(desk: Desk) -> None:
    text = "external_id,文本\n" + "".join(f"{n},欧盟峰会为难民政策争论，接收过程步步瓶颈。\n" for n in range(30))
    found, problems = desk.send(text.encode("gb18030"), name="items.csv")
    assert (found["state"], found["accepted"]) == ("failed", 0)
    assert problems[0][0] == "file"
    assert "encoding=gb" in problems[0][1]
    assert desk.texts() == {}


def test_a_csv_formula_is_text_and_comes_in_as_it_is(desk: Desk) -> None:
    found, _ = desk.send(b'external_id,text\na,"=HYPERLINK(""http://x"")"\nb,@SUM(1)\n', name="items.csv")
    assert found["accepted"] == 2
    assert desk.texts() == {"a": '=HYPERLINK("http://x")', "b": "@SUM(1)"}


def test_an_unknown_label_is_named_with_those_there_are(desk: Desk) -> None:
    desk.send(GOOD)
    rows = [{"item": "good1", "annotator": "r1", "safe": "purple"}, {"item": "good1", "annotator": "r2", "safe": "no"}]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    found, problems = desk.send(content, "responses")
    assert (found["accepted"], found["problems_count"]) == (1, 1)
    assert problems == [("line 1", "safe.value must be one of yes, no")]


def giant_page(file: io.BytesIO) -> None:
    table = pa.table({"text": pa.array(["x" * 400_000_000])})
    pq.write_table(table, file, compression="zstd", use_dictionary=False, write_statistics=False)


def many_rows(file: io.BytesIO) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 600_000, pa.int32()), pa.array(["x" * 1000]))
    pq.write_table(pa.table({"text": text}), file, compression="zstd")


@pytest.mark.parametrize(("bomb", "reason"), [(giant_page, "more memory"), (many_rows, "decompression bomb")])
def test_a_parquet_bomb_ends_in_a_problem_of_the_file(
    desk: Desk, bomb: Callable[[io.BytesIO], None], reason: str
) -> None:
    file = io.BytesIO()
    bomb(file)
    assert len(file.getvalue()) < 200_000
    found, _ = desk.send(file.getvalue())
    assert (found["state"], found["accepted"]) == ("failed", 0)
    last = desk.http.get(f"/api/v1/imports/{found['id']}/problems?after={found['problems_count'] - 1}").json()["items"]
    assert [problem["where"] for problem in last] == ["file"]
    assert reason in last[0]["reason"]
    assert desk.texts() == {}


def test_an_unknown_question_type_makes_no_project(desk: Desk) -> None:
    body = {**PROJECT, "name": "New", "questions": [{"key": "q", "type": "telepathy", "title": "?"}]}
    refused = desk.http.post("/api/v1/projects", json=body)
    assert refused.status_code == 422
    assert "telepathy" in refused.text
    assert any(problem["where"].startswith("questions[0]") for problem in refused.json()["problems"])
    assert desk.projects() == ["Broken"]


def test_a_cyclic_yaml_makes_no_project(desk: Desk) -> None:
    text = b"name: New\nversion: 1.0.0\nfields: &all [*all]\nquestions: *all\n"
    refused = desk.http.post("/api/v1/projects", content=text, headers={"content-type": "application/yaml"})
    assert refused.status_code == 422
    assert refused.json()["code"] == "InvalidFile"
    assert desk.projects() == ["Broken"]
