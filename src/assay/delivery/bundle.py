"""Write a release to a folder: the same content gives the same bytes, and the folder appears only when it is whole."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.delivery.card import write_card, write_training_card
from assay.delivery.content import LeftOut, ReleaseContent
from assay.delivery.croissant import describe
from assay.delivery.files import Part, write_bytes, write_table
from assay.delivery.keys import SigningKey
from assay.delivery.manifest import envelope, state
from assay.delivery.sheets import write_sheets
from assay.delivery.summary import CountsDisagree, Summary, summarise
from assay.delivery.tables import TABLES
from assay.delivery.training_files import write_training_files
from assay.kernel import Conflict, canonical_json, sha256_hex


class AlreadyThere(Conflict):
    """A release is written once."""


@dataclass(frozen=True)
class Written:
    """A finished bundle on disk."""

    folder: Path
    key_id: str
    manifest_sha256: str
    rows: dict[str, int]  # per file with rows
    bytes: int


def write(content: ReleaseContent, folder: Path, *, key: SigningKey) -> Written:
    """Write and sign the bundle. Raises AlreadyThere, OutOfOrder and CountsDisagree; then nothing is left behind.

    The work is done beside the folder, which is renamed into place at the end. A writer that was interrupted
    leaves its unfinished folder; the next one starts it afresh.
    """
    if folder.exists():
        raise AlreadyThere(f"{folder} exists; a release never changes, write a new one that replaces it")
    draft = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        written = _fill(content, draft, key)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    os.rename(draft, folder)
    return Written(folder, key.key_id, *written)


def _fill(content: ReleaseContent, folder: Path, key: SigningKey) -> tuple[str, dict[str, int], int]:
    parts = [write_table(folder, table, content.rows_of(table.name)) for table in TABLES]
    summary = summarise(folder)
    _check_lots(content, summary)
    definitions = {version.version: version.definition for version in content.versions}
    trained, aside = write_training_files(folder, definitions, content.training)
    sheets, escaped = write_sheets(folder, content.sheets)
    left_out = [*content.left_out, *aside]
    parts += [*trained, *sheets]
    parts += _texts(folder, content, summary, parts, left_out)
    parts.append(write_bytes(folder, "public-key.pem", key.public_pem))
    sums = "".join(f"{part.sha256}  {part.name}\n" for part in sorted(parts, key=lambda part: part.name))
    parts.append(write_bytes(folder, "SHA256SUMS", sums.encode()))
    return _sign(content, folder, key, parts=parts, summary=summary, left_out=left_out, escaped=escaped)


def _texts(
    folder: Path, content: ReleaseContent, summary: Summary, parts: list[Part], left_out: list[LeftOut]
) -> list[Part]:
    """Everything that is read whole: cards, numbers, certificates, guidelines, schemas, terms."""
    files: dict[str, bytes] = {
        "README.md": write_card(content, summary, parts, left_out),
        "LICENSE": content.head.licence.text.encode(),
        "croissant.json": canonical_json(describe(content, summary, parts)),
        "quality.json": canonical_json(content.quality),
        "consent.json": canonical_json(content.consent),
    }
    if training_card := write_training_card(content, parts):
        files["train/README.md"] = training_card
    files |= {f"certificates/{lot.id}.json": canonical_json(lot.certificate) for lot in content.lots}
    files |= {f"guidelines/{v.guideline_version}.md": v.guideline.encode() for v in content.versions}
    files |= {f"schema/{v.version}.json": canonical_json(v.definition) for v in content.versions}
    return [write_bytes(folder, name, content) for name, content in sorted(files.items())]


def _check_lots(content: ReleaseContent, summary: Summary) -> None:
    """What we say was inspected is what is delivered."""
    said = {lot.id: lot.tasks for lot in content.lots}
    found = {lot: counts["tasks"] for lot, counts in summary.by_lot.items()}
    if said != found:
        raise CountsDisagree(f"the lots have {said} tasks, the rows {found}")


def _sign(
    content: ReleaseContent,
    folder: Path,
    key: SigningKey,
    *,
    parts: list[Part],
    summary: Summary,
    left_out: list[LeftOut],
    escaped: dict[str, Any],
) -> tuple[str, dict[str, int], int]:
    statement = state(content, parts, summary, left_out=left_out, key_id=key.key_id, escaped=escaped)
    manifest = canonical_json(statement)
    write_bytes(folder, "manifest.json", manifest)
    write_bytes(folder, "manifest.dsse", envelope(manifest, key))
    rows = {part.name: part.rows for part in parts if part.rows is not None}
    return sha256_hex(manifest), rows, sum(part.bytes for part in parts)
