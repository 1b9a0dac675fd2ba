"""The signed statement about a release: every file by digest, every count, and what was left out. Pure."""

import base64
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from assay.delivery.content import LeftOut, ReleaseContent
from assay.delivery.files import Part
from assay.delivery.keys import SigningKey
from assay.delivery.summary import Summary
from assay.delivery.tables import TABLES
from assay.kernel import canonical_json

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:assay:release:v1"
PAYLOAD = "application/vnd.in-toto+json"


def state(
    content: ReleaseContent,
    parts: Iterable[Part],
    summary: Summary,
    *,
    left_out: list[LeftOut],
    key_id: str,
    escaped: dict[str, Any],
) -> dict[str, Any]:
    """An in-toto Statement whose subjects are the files of the bundle."""
    parts = sorted(parts, key=lambda part: part.name)
    head = content.head
    return {
        "_type": STATEMENT,
        "subject": [{"name": part.name, "digest": {"sha256": part.sha256}} for part in parts],
        "predicateType": PREDICATE,
        "predicate": {
            "release": {
                "id": head.id,
                "name": head.name,
                "version": head.version,
                "released_at": head.released_at.isoformat(),
                "replaces": head.replaces,
            },
            "files": {part.name: part.as_json() for part in parts},
            "counts": {
                "tables": {part.name: part.rows for part in parts if part.name.startswith("data/")},
                "by_lot": summary.by_lot,
                "settled": summary.how_settled,
            },
            "lots": [
                {"id": lot.id, "rule": lot.rule, "tasks": lot.tasks, "sample": lot.sample} for lot in content.lots
            ],
            "versions": [{"version": v.version, "guideline": v.guideline_version} for v in content.versions],
            "training": content.training.as_json(),
            "left_out": [left.as_json() for left in left_out],
            "escaped": escaped,
            "order": {table.path: list(table.order) for table in TABLES},
            "differs_between_installations": ["ids", "times", "pseudonyms"],
            "made_with": {name: version(name) for name in ("assay", "pyarrow", "cryptography")},
            "key_id": key_id,
        },
    }


def envelope(statement: bytes, key: SigningKey) -> bytes:
    """A DSSE envelope over the bytes of the statement."""
    signed = {
        "payload": base64.b64encode(statement).decode(),
        "payloadType": PAYLOAD,
        "signatures": [{"keyid": key.key_id, "sig": base64.b64encode(key.sign(_authenticated(statement))).decode()}],
    }
    return canonical_json(signed)


def _authenticated(statement: bytes) -> bytes:
    """The pre-authentication encoding of DSSE v1: what is really signed."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(statement), statement)
