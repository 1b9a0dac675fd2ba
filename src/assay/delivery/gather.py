"""Gather what a release is made of from the tables, as streams of rows: nothing is held in memory."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from assay import projects
from assay.delivery import store
from assay.delivery.certify import agreement, gold_accuracy
from assay.delivery.content import Head, LeftOut, Licence, LotContent, ReleaseContent, Training, Version
from assay.delivery.keys import pseudonym
from assay.delivery.model import NoSuchCertificate, Release
from assay.delivery.tables import Row
from assay.storage import Session

VENDOR_ZERO = "zero"  # the organisation's own crowd, until vendors have a room
Pseudonym = Callable[[UUID], str]


def gather(session: Session, release: Release, lot_ids: list[UUID], *, pseudonym_key: bytes) -> ReleaseContent:
    """Everything of one release. The rows are read when the writer asks for them, table after table."""

    @cache
    def named(person: UUID) -> str:
        return pseudonym(pseudonym_key, person)

    labels = list(projects.version(session, _project_version(session, release)).file.content_labels)
    return ReleaseContent(
        head=_head(session, release),
        versions=tuple(_version(session, version_id) for version_id in store.versions_of(session, lot_ids)),
        lots=tuple(_lot(session, lot_id) for lot_id in lot_ids),
        items=({**row, "content_labels": labels} for row in store.item_rows(session, lot_ids)),
        responses=_responses(store.response_rows(session, lot_ids), named),
        answers=_answers(store.response_rows(session, lot_ids), named),
        settled=store.settled_rows(session, lot_ids),
        reviews=_reviews(store.review_rows(session, lot_ids), named),
        adjudications=_adjudications(store.adjudication_rows(session, lot_ids), named),
        annotators=_annotators(store.annotator_rows(session, lot_ids), named),
        checks=({**row, "auditor": named(row["person"])} for row in store.check_rows(session, lot_ids)),
        quality=_quality(session, release.project_id, named),
        consent={
            "annotators": "shown under pseudonyms made for this customer; names, pay and country are not included",
            "basis": "kept by the operator; not part of the data",
        },
        left_out=_left_out(session, release.project_id),
        training=Training(**_training(release.wishes)),
        sheets=tuple(release.wishes.get("sheets", ())),
    )


def _project_version(session: Session, release: Release) -> UUID:
    version_id = projects.get(session, release.project_id).version_id
    assert version_id is not None, "a project with lots has a published version"
    return version_id


def _head(session: Session, release: Release) -> Head:
    project = projects.get(session, release.project_id)
    wishes = release.wishes
    return Head(
        id=str(release.id),
        name=project.name,
        title=wishes.get("title") or project.name,
        version=str(release.number),
        description=wishes.get("description") or f"Human judgements collected in the project {project.name}.",
        organisation=store.organisation_name(session),
        languages=project.languages,
        released_at=release.prepared_at,
        licence=Licence(wishes["licence"], wishes["licence_text"]),
        use_cases=wishes.get("use_cases"),
        social_impact=wishes.get("social_impact"),
    )


def _training(wishes: dict[str, Any]) -> dict[str, Any]:
    given = {name: wishes[name] for name in ("pairs", "test_share", "bare") if name in wishes}
    demonstrations = wishes.get("demonstrations")
    return {**given, "demonstrations": None if demonstrations is None else tuple(demonstrations)}


def _version(session: Session, version_id: UUID) -> Version:
    found = projects.version(session, version_id)
    values = found.file.as_json()
    definition = {name: values[name] for name in ("fields", "questions")}
    return Version(found.number, definition, found.file.guideline.version, found.file.guideline.markdown)


def _lot(session: Session, lot_id: UUID) -> LotContent:
    lot, certificate = store.lot(session, lot_id), store.certificate(session, lot_id)
    if certificate is None:
        raise NoSuchCertificate("the lot has no certificate: it has not passed its inspection")
    body: dict[str, Any] = certificate["body"]
    sample = {name: body[name] for name in ("design", "method", "seed", "n")}
    issued = {"id": str(certificate["id"]), "issued_at": certificate["issued_at"].isoformat()}
    return LotContent(str(lot_id), lot.rule, lot.size, sample, {**body, **issued})


def _responses(rows: Iterator[Row], named: Pseudonym) -> Iterator[Row]:
    for row in rows:
        yield {
            **row,
            "annotator": named(row["person"]),
            "vendor": VENDOR_ZERO,
            "order": row["shown"],
            "ai_disclosure": None,
            "comment": None,
        }


def _answers(rows: Iterator[Row], named: Pseudonym) -> Iterator[Row]:
    for row in rows:
        whose = {
            **{name: row[name] for name in ("external_id", "item_id", "response_id")},
            "annotator": named(row["person"]),
        }
        for answer in sorted(row["answers"], key=lambda answer: (answer["question"], answer["target"] or "")):
            yield {**whose, **answer}


def _reviews(rows: Iterator[Row], named: Pseudonym) -> Iterator[Row]:
    for row in rows:
        notes = {"note": row["note"]} if row["note"] else None
        yield {**row, "reviewer": named(row["person"]), "notes": notes, "corrected": row["answers"]}


def _adjudications(rows: Iterator[Row], named: Pseudonym) -> Iterator[Row]:
    for row in rows:
        yield {**row, "adjudicator": named(row["person"]), "feedback": row["note"] or None}


def _annotators(rows: list[dict[str, Any]], named: Pseudonym) -> list[Row]:
    known = [
        {
            "annotator": named(row["person"]),
            "vendor": VENDOR_ZERO,
            "languages": row["languages"],
            "qualifications": row["qualifications"],
            "country": None,
        }
        for row in rows
    ]
    return sorted(known, key=lambda row: row["annotator"])


def _quality(session: Session, project_id: UUID, named: Pseudonym) -> dict[str, Any]:
    """All numbers but those of the certificates; each with n, method and interval where it is an estimate."""
    measured = agreement(session, project_id)
    run = store.latest_run(session, project_id)
    skills = [
        {"annotator": named(row["person"]), **{name: row[name] for name in row if name != "person"}}
        for row in store.skills(session, project_id)
    ]
    return {
        "agreement": {f"{row['question']} ({row['measure']})": row for row in measured if not row["slice"]},
        "agreement_by_slice": [row for row in measured if row["slice"]],
        "gold_accuracy": gold_accuracy(session, project_id),
        "truth_inference": {**run, "id": str(run["id"])} if run else None,
        "skills": sorted(skills, key=lambda row: (row["question"], row["evidence"], row["annotator"])),
    }


def _left_out(session: Session, project_id: UUID) -> tuple[LeftOut, ...]:
    counts = store.task_counts(session, project_id)
    found = (
        LeftOut("gold tasks", "they test annotators and are used again", counts["gold"]),
        LeftOut("tasks", "not settled", counts["unsettled"]),
        LeftOut("tasks", "cancelled", counts["cancelled"]),
    )
    return tuple(left for left in found if left.count)
