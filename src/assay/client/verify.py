"""Check a release on the reader's own machine: no server, no network, nothing of ours but this file.

It trusts the public key alone. Whoever wants to be sure whose key it is passes the one they were given.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

MANIFEST, ENVELOPE, PUBLIC_KEY, SUMS = "manifest.json", "manifest.dsse", "public-key.pem", "SHA256SUMS"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:assay:release:v1"
PAYLOAD = "application/vnd.in-toto+json"
CHUNK = 1 << 20

# Without type stubs, so imported as what they are to a type checker.
arrow: Any = import_module("pyarrow")
compute: Any = import_module("pyarrow.compute")
parquet: Any = import_module("pyarrow.parquet")

Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the file, and what about it."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True)
class Verification:
    """What came of it. `ok` means: signed by this key, whole, and the rows lead to each other."""

    ok: bool
    problems: tuple[Fault, ...]
    key_id: str | None  # SHA-256 of the raw public key that the release is signed with
    key_was_given: bool  # whether the reader said whose key it must be
    files: int
    rows: int
    release: Json  # id, name, version, as signed


@dataclass(frozen=True)
class _Signed:
    """The statement as far as it can be trusted, and what was wrong on the way to it."""

    statement: Json | None
    key_id: str | None
    problems: tuple[Fault, ...]


def verify(folder: Path, *, key: bytes | None = None) -> Verification:
    """Check the signature, every file, every count and every reference of a release.

    Args:
        folder: the unpacked release.
        key: the public key (PEM) that must have signed it; None takes the one in the release,
            which shows that nothing was altered since it was signed, not by whom.
    Returns:
        The problems in the order found; the first names the first file that is wrong.
    """
    if not (folder / MANIFEST).is_file():
        return _result(_Signed(None, None, (Fault(MANIFEST, "is missing; this is not a release"),)), key)
    signed = _signature(folder, key)
    if signed.statement is None:
        return _result(signed, key)
    problems = [*signed.problems, *_names(folder, signed.statement)]
    problems += _contents(folder, signed.statement)
    if not problems:  # rows are only read from files that are known to be whole
        problems += _rows(folder, signed.statement)
    return _result(_Signed(signed.statement, signed.key_id, tuple(problems)), key)


def _result(signed: _Signed, key: bytes | None) -> Verification:
    predicate = (signed.statement or {}).get("predicate", {})
    files: Json = predicate.get("files", {})
    return Verification(
        ok=signed.statement is not None and not signed.problems,
        problems=signed.problems,
        key_id=signed.key_id,
        key_was_given=key is not None,
        files=len(files),
        rows=sum(file.get("rows", 0) for file in files.values()),
        release=predicate.get("release", {}),
    )


# The signature: manifest.json, the envelope and the key are three witnesses; the two that agree name the third.


def _signature(folder: Path, given: bytes | None) -> _Signed:
    manifest = (folder / MANIFEST).read_bytes()
    problems: list[Fault] = []
    public = _public_key(given if given is not None else _read(folder / PUBLIC_KEY))
    if public is None:
        where = "the key given" if given is not None else PUBLIC_KEY
        problems.append(Fault(where, "is not an Ed25519 public key in PEM, as it was written"))
    enveloped, signature, key_id = _open(_read(folder / ENVELOPE))
    own_id = _key_id(public) if public else None
    stated = _statement(manifest) or _statement(enveloped or b"")
    if public is None or own_id is None:
        return _Signed(stated, None, tuple(problems))
    if given is not None and own_id != key_id:
        problems.append(Fault(ENVELOPE, f"is signed with key {key_id}, not with the key given, {own_id}"))
        return _Signed(stated, key_id, tuple(problems))
    if _is_signed(public, signature, manifest):
        if _read(folder / ENVELOPE) != _sealed(manifest, signature or b"", own_id):
            problems.append(Fault(ENVELOPE, "was altered; the manifest itself is as signed"))
        return _Signed(_statement(manifest), own_id, tuple(problems))
    if enveloped is not None and _is_signed(public, signature, enveloped):
        problems.append(Fault(MANIFEST, "was altered; it is not what was signed"))
        return _Signed(_statement(enveloped), own_id, tuple(problems))
    return _Signed(stated, own_id, (*problems, _unsigned(stated, own_id, key_id)))


def _unsigned(statement: Json | None, own_id: str, key_id: str | None) -> Fault:
    stated_id = (statement or {}).get("predicate", {}).get("key_id")
    if own_id != stated_id and stated_id == key_id:
        return Fault(PUBLIC_KEY, f"is key {own_id}, but the release was signed with {key_id}")
    return Fault(ENVELOPE, f"holds no signature of key {own_id} over {MANIFEST}")


def _public_key(pem: bytes | None) -> Ed25519PublicKey | None:
    try:
        public = load_pem_public_key(pem or b"")
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(public, Ed25519PublicKey):
        return None
    written = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return public if pem is not None and written.strip() == pem.strip() else None


def _key_id(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def _open(envelope: bytes | None) -> tuple[bytes | None, bytes | None, str | None]:
    """Payload, signature and key id of a DSSE envelope; None for what cannot be read."""
    try:
        read: Json = json.loads(envelope or b"")
        signature: Json = read["signatures"][0]
        payload = base64.b64decode(read["payload"], validate=True)
        return payload, base64.b64decode(signature["sig"], validate=True), str(signature["keyid"])
    except (ValueError, KeyError, IndexError, TypeError, binascii.Error, RecursionError):
        return None, None, None


def _sealed(payload: bytes, signature: bytes, key_id: str) -> bytes:
    """The one way in which an envelope is written; any other bytes were altered."""
    signatures = [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}]
    envelope = {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD, "signatures": signatures}
    return json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()


def _is_signed(public: Ed25519PublicKey, signature: bytes | None, payload: bytes) -> bool:
    try:
        public.verify(signature or b"", b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload))
    except InvalidSignature:
        return False
    return True


def _statement(manifest: bytes) -> Json | None:
    """The statement, if it has the form that the rest of this file relies on."""
    try:
        read = json.loads(manifest)
        predicate = read["predicate"]
        named = {subject["name"]: subject["digest"]["sha256"] for subject in read["subject"]}
        fits = (read["_type"], read["predicateType"]) == (STATEMENT, PREDICATE) and named.keys() == predicate[
            "files"
        ].keys()
        fits = fits and isinstance(predicate["counts"], dict) and isinstance(predicate["lots"], list)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return read if fits else None


# The files: all that are named, no others, each with its digest.


def _names(folder: Path, statement: Json) -> Iterator[Fault]:
    named = set(statement["predicate"]["files"])
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    for name in sorted(named - there):
        yield Fault(name, "is missing")
    for name in sorted(there - named - {MANIFEST, ENVELOPE}):
        yield Fault(name, "is not part of the release")


def _contents(folder: Path, statement: Json) -> Iterator[Fault]:
    files: Json = statement["predicate"]["files"]
    for subject in statement["subject"]:
        name: str = subject["name"]
        path = folder / name
        if not _is_inside(name) or path.is_symlink():
            yield Fault(name, "is not a plain file inside the release")
        elif path.is_file():
            fault = _content(path, name, subject["digest"]["sha256"], files[name])
            if fault:
                yield fault


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _content(path: Path, name: str, sha256: str, stated: Json) -> Fault | None:
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            whole.update(chunk)
    if whole.hexdigest() == sha256:
        return None
    return Fault(name, f"was altered{_altered_rows(path, stated)}")


def _altered_rows(path: Path, stated: Json) -> str:
    """Which rows the first altered stretch of the file holds, if the manifest tells stretches apart."""
    row = 0
    with path.open("rb") as file:
        for rows, size, sha256 in stated.get("blocks", ()):
            if hashlib.sha256(file.read(size)).hexdigest() != sha256:
                return f" in rows {row + 1}-{row + rows}" if rows else " outside its rows"
            row += rows
    return " after its end" if "blocks" in stated else ""


# The content: counts, references and certificates, read only from whole files.


def _rows(folder: Path, statement: Json) -> list[Fault]:
    try:
        return [*_counts(folder, statement), *_references(folder), *_certificates(folder, statement)]
    except (KeyError, TypeError, AttributeError, ValueError, OSError, arrow.ArrowException) as unreadable:
        reason = f"was signed, but its tables cannot be read as version 1 of a release ({unreadable!r})"
        return [Fault(MANIFEST, reason)]


def _counts(folder: Path, statement: Json) -> Iterator[Fault]:
    predicate: Json = statement["predicate"]
    for name, file in predicate["files"].items():
        if name.endswith(".parquet"):
            rows = int(parquet.read_metadata(folder / name).num_rows)
            if not rows == file["rows"] == predicate["counts"]["tables"].get(name):
                yield Fault(name, f"has {rows} rows, but the manifest says {file['rows']}")
        elif name.endswith(".jsonl"):
            with (folder / name).open("rb") as lines:
                rows = sum(1 for _ in lines)
            if rows != file["rows"]:
                yield Fault(name, f"has {rows} rows, but the manifest says {file['rows']}")
    yield from _lot_counts(folder, predicate)


def _lot_counts(folder: Path, predicate: Json) -> Iterator[Fault]:
    by_lot: Json = predicate["counts"]["by_lot"]
    for table in ("settled", "responses", "checks"):
        found: Any = compute.value_counts(_column(folder, table, "lot"))
        counts = {str(each["values"]): each["counts"] for each in found.to_pylist()}
        if counts != {lot: said[table] for lot, said in by_lot.items() if said[table]}:
            yield Fault(f"data/{table}.parquet", f"has {counts} rows per lot, but the manifest says otherwise")
    tasks = {lot["id"]: lot["tasks"] for lot in predicate["lots"]}
    if tasks != {lot: said["tasks"] for lot, said in by_lot.items()}:
        yield Fault(MANIFEST, "names other lots, or other numbers of tasks, than its rows have")


_LEADS = (  # table, column -> table, column
    ("settled", "external_id", "items", "external_id"),
    ("items", "external_id", "settled", "external_id"),
    ("responses", "external_id", "items", "external_id"),
    ("responses", "task_id", "settled", "task_id"),
    ("responses", "annotator", "annotators", "annotator"),
    ("answers", "response_id", "responses", "response_id"),
    ("settled", "responses", "responses", "response_id"),
    ("reviews", "response_id", "responses", "response_id"),
    ("adjudications", "task_id", "settled", "task_id"),
    ("checks", "task_id", "settled", "task_id"),
)


def _references(folder: Path) -> Iterator[Fault]:
    for table, column, other, other_column in _LEADS:
        cells = _column(folder, table, column)
        leads: Any = compute.is_in(cells, value_set=_column(folder, other, other_column))
        lost: Any = compute.filter(cells, compute.invert(leads))
        if len(lost):
            reason = f"{len(lost)} rows have a {column} that data/{other}.parquet lacks; the first is {lost[0].as_py()}"
            yield Fault(f"data/{table}.parquet", reason)


def _table(folder: Path, table: str, columns: list[str]) -> list[Json]:
    return parquet.read_table(folder / "data" / f"{table}.parquet", columns=columns).to_pylist()


def _column(folder: Path, table: str, column: str) -> Any:
    cells: Any = parquet.read_table(folder / "data" / f"{table}.parquet", columns=[column])[column]
    return compute.list_flatten(cells) if arrow.types.is_list(cells.type) else cells


def _certificates(folder: Path, statement: Json) -> Iterator[Fault]:
    """Each certificate says what its own checks say, and they are the tasks that its seed draws."""
    checks: list[Json] = _table(folder, "checks", ["lot", "position", "task_id", "verdict"])
    settled: list[Json] = _table(folder, "settled", ["lot", "task_id"])
    for lot in statement["predicate"]["lots"]:
        name = f"certificates/{lot['id']}.json"
        if name not in statement["predicate"]["files"]:
            yield Fault(name, "is missing: the lot has no certificate")
            continue
        certificate: Json = json.loads((folder / name).read_bytes())
        mine = sorted((row for row in checks if row["lot"] == lot["id"]), key=lambda row: int(row["position"]))
        yield from _certificate(name, certificate, [row["verdict"] for row in mine], tasks=lot["tasks"])
        tasks = {str(row["task_id"]) for row in settled if row["lot"] == lot["id"]}
        drawn = sorted(tasks, key=lambda task: (_place(certificate["seed"], task), task))[: len(mine)]
        if [row["task_id"] for row in mine] != drawn:
            yield Fault(name, f"names the seed {certificate['seed']}, which does not draw the tasks that were checked")


def _place(seed: str, task: str) -> bytes:
    """Where a task comes in the random order of a lot."""
    return hashlib.sha256(f"{seed}\n{task}".encode()).digest()


def _certificate(name: str, certificate: Json, verdicts: list[str], *, tasks: int) -> Iterator[Fault]:
    n, wrong = len(verdicts), sum(verdict != "conforming" for verdict in verdicts)
    said = (certificate["population"], certificate["n"], certificate["wrong"])
    if said != (tasks, n, wrong):
        yield Fault(name, f"says (tasks, checked, wrong) = {said}, but the rows say {(tasks, n, wrong)}")
    elif n and abs(certificate["error_rate"] - wrong / n) > 1e-9:
        yield Fault(name, f"says an error rate of {certificate['error_rate']}, but {wrong} of {n} checks were wrong")
    elif not wrong / tasks <= certificate["upper_bound"] <= 1:
        yield Fault(name, f"has an upper bound of {certificate['upper_bound']}, below the errors that were found")


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
