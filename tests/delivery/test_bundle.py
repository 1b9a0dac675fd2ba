"""A release is whole, says what it holds, and is the same bytes each time."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from assay.delivery.bundle import AlreadyThere, write
from assay.delivery.content import Training
from assay.delivery.files import OutOfOrder
from assay.delivery.keys import SigningKey
from assay.delivery.summary import CountsDisagree


def test_the_same_content_gives_the_same_bytes(tmp_path: Path, make_content, key: SigningKey) -> None:
    one, two = (write(make_content(), tmp_path / name, key=key).folder for name in ("one", "two"))

    def all_bytes(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert all_bytes(one) == all_bytes(two)


def test_the_folder_holds_the_files_that_formats_promises(bundle) -> None:
    there = {str(path.relative_to(bundle.folder)) for path in bundle.folder.rglob("*") if path.is_file()}
    tables = ("items", "responses", "answers", "settled", "reviews", "adjudications", "annotators", "checks")
    promised = {f"data/{table}.parquet" for table in tables}
    promised |= {"manifest.json", "manifest.dsse", "SHA256SUMS", "README.md", "LICENSE", "croissant.json"}
    promised |= {"quality.json", "consent.json", "guidelines/1.0.0.md", "schema/1.0.0.json", "public-key.pem"}
    promised |= {"certificates/0193a000-0000-7000-8000-000000000001.json"}
    assert promised <= there


def test_coreutils_can_check_the_sums(bundle) -> None:
    for line in (bundle.folder / "SHA256SUMS").read_text().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256((bundle.folder / name).read_bytes()).hexdigest() == sha256


def test_the_manifest_counts_every_row_and_says_what_was_left_out(bundle) -> None:
    predicate = json.loads((bundle.folder / "manifest.json").read_bytes())["predicate"]
    tables = predicate["counts"]["tables"]
    assert (tables["data/items.parquet"], tables["data/responses.parquet"]) == (30, 60)
    left_out = {(left["what"], left["why"]): left["count"] for left in predicate["left_out"]}
    assert left_out["gold tasks", "they test annotators"] == 4
    assert left_out["rows of train/ from question better", "tie"] == 5
    assert left_out["rows of train/ from question better", "both bad"] == 5
    assert "pyarrow" in predicate["made_with"]


def test_a_number_without_interval_and_method_does_not_reach_the_card(bundle) -> None:
    card = (bundle.folder / "README.md").read_text()
    assert "agreement better" in card
    assert "unsure" not in card


def test_groups_of_fewer_than_ten_people_are_withheld(bundle) -> None:
    card = (bundle.folder / "README.md").read_text()
    assert "en: 12, zh: withheld" in card


def test_the_card_leads_dataset_libraries_to_each_table(bundle) -> None:
    head = yaml.safe_load((bundle.folder / "README.md").read_text().split("---\n")[1])
    paths = {config["config_name"]: config["data_files"][0]["path"] for config in head["configs"]}
    assert paths["responses"] == "data/responses.parquet"
    assert "reviews" not in paths  # it is empty


def test_rows_are_sorted_and_cells_of_json_are_canonical(bundle) -> None:
    rows = pq.read_table(bundle.folder / "data" / "responses.parquet").to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["external_id"], row["response_id"]))
    assert rows[0]["order"] == '{"candidates":["c2","c1"]}'


def test_unsorted_rows_are_refused_and_leave_nothing_behind(tmp_path: Path, make_content, key: SigningKey) -> None:
    release = make_content()
    with pytest.raises(OutOfOrder):
        write(replace(release, items=reversed(list(release.items))), tmp_path / "release", key=key)
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_comes_twice_is_refused(tmp_path: Path, make_content, key: SigningKey) -> None:
    release = make_content()
    first, *others = release.settled
    with pytest.raises(OutOfOrder):
        write(replace(release, settled=[first, first, *others]), tmp_path / "release", key=key)


def test_a_release_with_fewer_tasks_than_its_lots_is_refused(tmp_path: Path, make_content, key: SigningKey) -> None:
    release = make_content()
    lot = replace(release.lots[0], tasks=31)
    with pytest.raises(CountsDisagree):
        write(replace(release, lots=(lot,)), tmp_path / "release", key=key)


def test_a_response_of_a_missing_item_is_refused(tmp_path: Path, make_content, key: SigningKey) -> None:
    release = make_content()
    with pytest.raises(CountsDisagree, match="have no item"):
        write(replace(release, items=list(release.items)[1:]), tmp_path / "release", key=key)


def test_a_release_is_written_once(bundle, make_content, key: SigningKey) -> None:
    with pytest.raises(AlreadyThere):
        write(make_content(), bundle.folder, key=key)


def test_what_an_interrupted_writer_left_is_started_afresh(tmp_path: Path, make_content, key: SigningKey) -> None:
    half = tmp_path / "release.unfinished" / "data"
    half.mkdir(parents=True)
    (half / "items.parquet").write_bytes(b"half")
    written = write(make_content(), tmp_path / "release", key=key)
    assert written.rows["data/items.parquet"] == 30
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_train_and_test_are_split_by_item(bundle) -> None:
    def ids(split: str) -> set[str]:
        lines = (bundle.folder / "train" / f"preference.{split}.jsonl").read_text().splitlines()
        return {json.loads(line)["external_id"] for line in lines}

    assert ids("train") & ids("test") == set()
    assert len(ids("train") | ids("test")) == 20  # 30 items, 5 ties, 5 both bad


def test_bare_rows_have_only_the_columns_trainers_know(tmp_path: Path, make_content, key: SigningKey) -> None:
    release = make_content(training=Training(bare=True))
    folder = write(release, tmp_path / "release", key=key).folder
    row = json.loads((folder / "train" / "preference.train.jsonl").read_text().splitlines()[0])
    assert row.keys() == {"prompt", "chosen", "rejected", "margin", "weight"}


def test_a_sheet_escapes_formulas_and_the_manifest_says_where(bundle) -> None:
    sheet = (bundle.folder / "sheets" / "responses.csv").read_bytes()
    assert sheet.startswith(b"\xef\xbb\xbf")
    assert b'"\'=1+1"' in sheet
    predicate = json.loads((bundle.folder / "manifest.json").read_bytes())["predicate"]
    assert predicate["escaped"]["sheets/responses.csv"]["columns"] == {"comment": 30}


def test_no_release_without_responses_is_odd_but_possible(tmp_path: Path, make_content, key: SigningKey) -> None:
    release = make_content()
    settled = [row | {"responses": [], "how": "adjudicated", "confidence": None} for row in release.settled]
    alone = replace(release, responses=(), answers=(), settled=settled)
    assert write(alone, tmp_path / "release", key=key).rows["data/responses.parquet"] == 0
