"""Keys are made once, belong to us alone, and never lie in the database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from assay.delivery.keys import KeyUnusable, load_or_create, pseudonym, pseudonym_key


def test_a_key_is_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    first = load_or_create(tmp_path / "keys")
    assert load_or_create(tmp_path / "keys").key_id == first.key_id
    assert (tmp_path / "keys" / "release-signing.pem").stat().st_mode & 0o077 == 0
    load_pem_public_key(first.public_pem).verify(first.sign(b"said"), b"said")  # type: ignore[union-attr, call-arg]


def test_many_at_once_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: load_or_create(tmp_path).key_id, range(16)))
    assert len(set(ids)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["release-signing.pem"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    (tmp_path / "release-signing.pem").chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        load_or_create(tmp_path)


def test_a_damaged_key_is_refused_rather_than_replaced(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    (tmp_path / "release-signing.pem").write_bytes(b"damaged")
    with pytest.raises(KeyUnusable):
        load_or_create(tmp_path)


def test_two_customers_cannot_join_their_pseudonyms(tmp_path: Path) -> None:
    person = UUID(int=7)
    keys = [pseudonym_key(tmp_path, UUID(int=customer)) for customer in (1, 2)]
    assert pseudonym(keys[0], person) != pseudonym(keys[1], person)
    assert pseudonym(keys[0], person) == pseudonym(pseudonym_key(tmp_path, UUID(int=1)), person)
