"""What an annotator is shown of an item: blinded, with the candidates in this assignment's own order."""

from typing import Any

from assay import projects
from assay.assignment.model import candidate_order
from assay.projects.fields import CandidatesField, put


def order_shown(definition: projects.Definition, payload: projects.Payload, seed: int) -> dict[str, list[str]]:
    """The ids of each field's candidates, in the order in which this assignment shows them."""
    content = definition.content(payload)
    return candidate_order(
        seed, {f.key: content.ids(f.key) for f in definition.fields if isinstance(f, CandidatesField)}
    )


def present(definition: projects.Definition, payload: projects.Payload, order: dict[str, list[str]]) -> dict[str, Any]:
    """The payload that may reach a browser."""
    shown = projects.blind_payload(definition, payload)
    content = definition.content(shown)
    for field in definition.fields:
        if field.key in order and (candidates := content.value(field.key)):
            by_id = {candidate["id"]: candidate for candidate in candidates}
            shown = put(shown, field.from_, [by_id[i] for i in order[field.key]])
    return shown
