"""The user's verbs of `assay`, each as a person types it, against a real server."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import assay
from assay.cli import app

Typed = Callable[..., Result]


@pytest.fixture
def typed(url: str, owner_token: str) -> Typed:
    """`typed("project", "create", file)` as a manager types it."""
    environment = {"ASSAY_URL": url, "ASSAY_TOKEN": owner_token}
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], env=environment)


def test_a_project_is_made_shown_and_opened(typed: Typed, project_file: Path, client: assay.Client) -> None:
    made = typed("project", "create", project_file)
    assert made.exit_code == 0
    project = client.projects.get(made.stdout.strip())
    assert project.name in typed("project", "list").stdout
    assert f"name: {project.name}" in typed("project", "file", project.name).stdout
    assert "1.0.0" in typed("project", "publish", project.name, project_file).stdout
    assert typed("project", "open", project.name).exit_code == 0
    assert client.projects.get(project.id).state == "live"
    assert typed("project", "close", project.name).exit_code == 0


def test_a_file_is_imported_and_its_bad_rows_are_listed(typed: Typed, project_file: Path, tmp_path: Path) -> None:
    typed("project", "create", project_file)
    name = typed("project", "list").stdout.split("\t")[1]
    path = tmp_path / "items.tsv"
    path.write_text("id\ttext\tjunk\n1\t=1+1\tx\n2\n")
    loaded = typed("import", name, path, "--separator", "\\t", "--column", "text=prompt", "--column", "junk=")
    assert loaded.exit_code == 0
    assert "1 rows in, 0 known before, 1 with problems" in loaded.stdout
    assert "text was read as prompt" in loaded.stdout
    assert "line 3: has 1 cells" in loaded.stderr
    assert "1 staged" in typed("batch", "list", name).stdout
    assert '"items": 1' in typed("progress", name).stdout
    assert typed("project", "open", name, "--batches").exit_code == 0
    assert "1 open" in typed("batch", "list", name).stdout
    assert typed("quality", name).exit_code == 0
    assert '"responses": 0' in typed("quality", name, "--json").stdout
    assert "0 tasks settled" in typed("settle", name).stdout


def test_a_file_of_which_nothing_goes_in_ends_with_one(typed: Typed, project_file: Path, tmp_path: Path) -> None:
    typed("project", "create", project_file)
    name = typed("project", "list").stdout.split("\t")[1]
    path = tmp_path / "items.jsonl"
    path.write_text("nonsense\n")
    loaded = typed("import", name, path)
    assert loaded.exit_code == 1
    assert "line 1" in loaded.stderr
    assert typed("import", name, path, "--column", "nonsense").exit_code == 1


def test_refusals_are_said_in_plain_words(typed: Typed, tmp_path: Path) -> None:
    broken = tmp_path / "project.yaml"
    broken.write_text("name: X\nquestions: []\n")
    refused = typed("project", "create", broken)
    assert refused.exit_code == 1
    assert "fields (line 1): is missing" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "there is no project 'nowhere'" in typed("progress", "nowhere").stderr
    assert typed("release", "create", "nowhere").exit_code == 1


def test_without_a_token_it_says_how_to_get_one(url: str) -> None:
    refused = CliRunner().invoke(app, ["project", "list"], env={"ASSAY_URL": url, "ASSAY_TOKEN": ""})
    assert refused.exit_code == 1
    assert "ASSAY_TOKEN" in refused.stderr


def test_a_folder_that_is_no_release_does_not_verify(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert refused.exit_code == 1
    assert "manifest" in refused.stderr


def test_the_command_line_starts_without_the_server_and_its_libraries() -> None:
    slow = "('fastapi', 'pyarrow', 'psycopg', 'httpx2', 'numpy')"
    code = f"import sys, assay.cli; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
