"""May this annotator work on this project? Pure: everything needed is passed in."""

from collections.abc import Iterable

from assay.assignment.model import Standing


def refusal(standing: Standing, qualifications_needed: Iterable[str]) -> str | None:
    """Why not, in words fit to show; None means they may."""
    if standing.project_state != "live":
        return f"the project is {standing.project_state}; it takes no answers now"
    if standing.annotator_state == "paused":
        return "you paused your work; resume it to get tasks"
    if standing.annotator_state != "active":
        return f"your account is {standing.annotator_state}; your cases page says why"
    if standing.excluded_because:
        return f"you do not work on this project: {standing.excluded_because}"
    if missing := set(qualifications_needed) - standing.qualifications:
        return f"needs {', '.join(sorted(missing))}"
    return None


def primary_language(tag: str) -> str:
    """The first part of a language tag: zh-Hans and zh-Hant are both zh."""
    return tag.split("-", 1)[0].lower()
