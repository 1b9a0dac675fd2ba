"""Issue the certificate of a lot that passed: what was measured, how, and what it does not cover."""

from collections import Counter
from dataclasses import asdict
from typing import Any
from uuid import UUID

from assay import audit
from assay.delivery import store
from assay.delivery.model import Lot
from assay.kernel import new_id
from assay.quality.estimation.proportion import beta_interval
from assay.quality.sampling.acceptance import Decision
from assay.storage import Session
from assay.storage.session import Row

NOT_COVERED = (
    "It says how many tasks of the lot are wrong in the eyes of the auditors; it says nothing of other data.",
    "A task is right or wrong as a whole; how often single answers are wrong is lower or equal.",
    "Slices and severities are described, not bounded: their samples were not planned.",
)


def certify(session: Session, lot: Lot, checks: list[Row], decision: Decision) -> UUID:
    """Write the certificate, which never changes. Records `certificate.issued`."""
    certificate_id = new_id()
    store.add_certificate(session, certificate_id, lot.id, _body(session, lot, checks, decision))
    audit.record(session, "certificate.issued", subject=certificate_id, body={"lot": str(lot.id)})
    return certificate_id


def gold_accuracy(session: Session, project_id: UUID) -> dict[str, Any] | None:
    """The share of answers to hidden gold that were right; None when there were none."""
    counts = store.gold_counts(session, project_id)
    return asdict(beta_interval(counts["right"], counts["n"])) if counts["n"] else None


def agreement(session: Session, project_id: UUID) -> list[dict[str, Any]]:
    """Agreement per question as it was last measured, with interval, n and method."""
    rows = store.agreement(session, project_id)
    return [{"n": row["n_items"], **{name: row[name] for name in row if name != "n_items"}} for row in rows]


def _body(session: Session, lot: Lot, checks: list[Row], decision: Decision) -> dict[str, Any]:
    interval = decision.interval
    severities = Counter(check["severity"] for check in checks if check["severity"])
    return {
        "lot": str(lot.id),
        "project": str(lot.project_id),
        "population": lot.size,
        "n": interval.checked,
        "wrong": interval.wrong,
        "unclear": sum(check["verdict"] == "unclear" for check in checks),
        "by_severity": dict(sorted(severities.items())),
        "severe": severities["critical"] + severities["major"],
        "error_rate": interval.rate or 0.0,
        "upper_bound": decision.bound,
        "lower_bound": decision.lower,
        "confidence": interval.confidence,
        "method": interval.method,
        "plan": asdict(lot.plan),
        "design": "simple random sample without replacement, by sha256 of seed and task id",
        "seed": lot.seed,
        "auditors": len({check["auditor_id"] for check in checks}),
        "slices": _slices(checks),
        "gold_accuracy": gold_accuracy(session, lot.project_id),
        "agreement": [row for row in agreement(session, lot.project_id) if not row["slice"]],
        "not_covered": list(NOT_COVERED),
    }


def _slices(checks: list[Row]) -> list[dict[str, Any]]:
    """Checks and errors by slice and language, each with an interval of its own."""
    n, wrong = Counter[str](), Counter[str]()
    for check in checks:
        names = {f"{key}={value}" for key, value in check["slices"].items()}
        for name in names | ({f"language={check['language']}"} if check["language"] else set()):
            n[name] += 1
            wrong[name] += check["verdict"] != "conforming"
    return [{"slice": name, "wrong": wrong[name], **asdict(beta_interval(wrong[name], n[name]))} for name in sorted(n)]
