"""A release that was altered anywhere is refused, and the file is named."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.client.verify import Verification, verify
from assay.delivery.bundle import write
from assay.delivery.keys import SigningKey, signing_key
from assay.delivery.manifest import envelope
from assay.kernel import canonical_json


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, make_content, key: SigningKey) -> Path:
    return write(make_content(), tmp_path_factory.mktemp("releases") / "vat-advice-v1", key=key).folder


@pytest.fixture
def copy(release: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(release, tmp_path / "copy"))


def names(verification: Verification) -> list[str]:
    return [fault.file for fault in verification.problems]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_untouched_release_is_good(release: Path, key: SigningKey) -> None:
    found = verify(release)
    assert (found.ok, found.problems, found.key_id) == (True, (), key.key_id)
    assert found.release["name"] == "vat-advice"
    assert found.rows > 200


def flipped(path: Path, place: int, mask: int) -> Iterator[None]:
    before = path.read_bytes()
    after = bytearray(before)
    after[place] ^= mask
    path.write_bytes(after)
    yield
    path.write_bytes(before)


def test_a_flipped_byte_at_either_end_of_any_file_is_named(copy: Path) -> None:
    for path in files(copy):
        for place in (0, path.stat().st_size // 2, path.stat().st_size - 1):
            for _ in flipped(path, place, 0x01):
                found = verify(copy)
                assert not found.ok
                assert path.relative_to(copy).as_posix() == names(found)[0], found.problems
    assert verify(copy).ok


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_anywhere_is_named(copy: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(files(copy)))
    place = data.draw(st.integers(0, path.stat().st_size - 1))
    for _ in flipped(path, place, data.draw(st.integers(1, 255))):
        found = verify(copy)
        assert not found.ok
        assert path.relative_to(copy).as_posix() == names(found)[0], found.problems


@pytest.mark.parametrize("name", ["manifest.dsse", "public-key.pem"])
def test_every_single_byte_of_the_seal_counts(copy: Path, name: str) -> None:
    path = copy / name
    for place in range(0, path.stat().st_size, 1 if name == "public-key.pem" else 97):
        for _ in flipped(path, place, 0x20):
            assert name in names(verify(copy)), place


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "quality.json").unlink()
    assert names(verify(copy)) == ["quality.json"]


def test_a_file_too_many_is_named(copy: Path) -> None:
    (copy / "data" / "extra.parquet").write_bytes(b"")
    assert names(verify(copy)) == ["data/extra.parquet"]


def test_a_link_in_the_place_of_a_file_is_refused(copy: Path, tmp_path: Path) -> None:
    shutil.move(copy / "LICENSE", tmp_path / "elsewhere")
    (copy / "LICENSE").symlink_to(tmp_path / "elsewhere")
    assert names(verify(copy)) == ["LICENSE"]


@pytest.mark.parametrize("name", ["manifest.json", "manifest.dsse", "public-key.pem"])
def test_without_its_seal_it_is_no_release(copy: Path, name: str) -> None:
    (copy / name).unlink()
    found = verify(copy)
    assert not found.ok
    assert names(found)[0] == name


def test_the_altered_rows_are_named(tmp_path: Path, make_content, key: SigningKey) -> None:
    folder = write(make_content(4_000), tmp_path / "release", key=key).folder
    lines = folder / "train" / "preference.train.jsonl"
    rows = lines.read_bytes().splitlines(keepends=True)
    rows[1_500] = rows[1_500].replace(b"Monthly", b"monthly").replace(b"depends", b"Depends")
    lines.write_bytes(b"".join(rows))
    assert "rows 1001-2000" in verify(folder).problems[0].reason
    parquet = folder / "data" / "items.parquet"
    content = bytearray(parquet.read_bytes())
    content[len(content) // 2] ^= 1
    parquet.write_bytes(content)
    reasons = {fault.file: fault.reason for fault in verify(folder).problems}
    assert "in rows 2001-3000" in reasons["data/items.parquet"] or "in rows 1001-2000" in reasons["data/items.parquet"]


def test_a_release_signed_by_another_passes_only_without_the_key_given(
    tmp_path: Path, make_content, key: SigningKey
) -> None:
    other = signing_key(Ed25519PrivateKey.generate())
    folder = write(make_content(), tmp_path / "release", key=other).folder
    assert verify(folder).ok
    found = verify(folder, key=key.public_pem)
    assert not found.ok
    assert "not with the key given" in found.problems[0].reason
    assert verify(folder, key=other.public_pem).ok


def test_a_swapped_key_file_is_named(copy: Path) -> None:
    (copy / "public-key.pem").write_bytes(signing_key(Ed25519PrivateKey.generate()).public_pem)
    assert names(verify(copy))[0] == "public-key.pem"


def resigned(folder: Path, key: SigningKey, change: dict) -> None:
    """Sign a changed manifest with the right key: what only the maker could do wrong."""
    statement = json.loads((folder / "manifest.json").read_bytes())
    statement["predicate"] |= change
    manifest = canonical_json(statement)
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "manifest.dsse").write_bytes(envelope(manifest, key))


def test_signed_counts_that_are_not_so_are_found(copy: Path, key: SigningKey) -> None:
    resigned(copy, key, {"lots": []})
    assert names(verify(copy)) == ["manifest.json"]


def test_a_signed_manifest_of_another_shape_is_a_problem_not_a_crash(copy: Path, key: SigningKey) -> None:
    resigned(copy, key, {"counts": {}})
    assert names(verify(copy)) == ["manifest.json"]


def test_a_certificate_that_its_checks_do_not_bear_out_is_named(tmp_path: Path, make_content, key: SigningKey) -> None:
    content = make_content()
    lot = content.lots[0]
    boasting = replace(lot, certificate={**lot.certificate, "wrong": 0, "error_rate": 0.0})
    folder = write(replace(content, lots=(boasting,)), tmp_path / "release", key=key).folder
    found = verify(folder)
    assert names(found) == [f"certificates/{lot.id}.json"]
    assert "the rows say (30, 10, 1)" in found.problems[0].reason


def test_a_sample_that_its_seed_does_not_draw_is_found(tmp_path: Path, make_content, key: SigningKey) -> None:
    content = make_content()
    lot = content.lots[0]
    chosen = replace(lot, certificate={**lot.certificate, "seed": "chosen"})
    folder = write(replace(content, lots=(chosen,)), tmp_path / "release", key=key).folder
    (problem,) = verify(folder).problems
    assert "does not draw" in problem.reason


def test_answers_of_a_response_that_is_not_there_are_found(tmp_path: Path, make_content, key: SigningKey) -> None:
    content = make_content()
    last = {**list(make_content().answers)[-1], "response_id": "9" * 36}
    folder = write(replace(content, answers=[*content.answers, last]), tmp_path / "release", key=key).folder
    assert names(verify(folder)) == ["data/answers.parquet"]


def test_it_needs_no_server_and_no_database() -> None:
    code = (
        "import sys, assay.client.verify; print([n for n in ('psycopg', 'fastapi', 'sqlalchemy') if n in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
