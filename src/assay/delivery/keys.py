"""The keys that must not lie in the database: one to sign releases, one per customer for pseudonyms."""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from assay.kernel import Unavailable


class KeyUnusable(Unavailable):
    """The key file is there, but it cannot be used safely."""


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key that can sign; its id is the SHA-256 of the raw public key."""

    key_id: str
    public_pem: bytes
    sign: Callable[[bytes], bytes]


def load_or_create(folder: Path) -> SigningKey:
    """The installation's signing key, made on first use. Raises KeyUnusable."""
    path = folder / "release-signing.pem"
    try:
        key = load_pem_private_key(_keep(path, _new_private_pem), password=None)
    except ValueError as broken:
        raise KeyUnusable(f"{path} does not hold a private key; restore it from your backup") from broken
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} is not an Ed25519 key; releases are signed with Ed25519")
    return signing_key(key)


def signing_key(key: Ed25519PrivateKey) -> SigningKey:
    public = key.public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(hashlib.sha256(raw).hexdigest(), pem, key.sign)


def pseudonym_key(folder: Path, organisation_id: UUID) -> bytes:
    """The secret under which this customer sees annotators, made on first use. Raises KeyUnusable."""
    secret = _keep(folder / "pseudonyms" / f"{organisation_id}.key", lambda: os.urandom(32))
    if len(secret) != 32:
        raise KeyUnusable(f"the pseudonym key of {organisation_id} is damaged; restore it from your backup")
    return secret


def pseudonym(key: bytes, person: UUID) -> str:
    """The name under which one customer knows a person; two customers cannot join theirs."""
    digest = hmac.new(key, person.bytes, hashlib.sha256).digest()
    return "p-" + base64.b32encode(digest)[:16].decode().lower()


def _new_private_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _keep(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's content; made once, complete and readable by us alone, even if two processes come at the same time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if another process was first; then theirs is the key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        raise KeyUnusable(f"{path} can be read by others; make it private with: chmod 600 {path}")
    return path.read_bytes()
