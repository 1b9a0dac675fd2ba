"""Projects: what is shown, what is asked, under which guideline, and how good the answers must be.

A project has published versions that never change; each pins a guideline, the fields and questions, and the plans.
"""

from assay.projects.answers import (
    Answer,
    InvalidAnswers,
    InvalidGold,
    check_answers,
    check_gold,
    check_value,
    complete_spans,
)
from assay.projects.definition import (
    Definition,
    InvalidDefinition,
    blind_payload,
    check_item,
    normalise_item,
    parse_definition,
)
from assay.projects.fields import Content, Payload
from assay.projects.model import NoSuchProject, Project, ProjectNotLive, Version
from assay.projects.plan import AcceptancePlan, PayPlan, QualityPlan, ReviewShare
from assay.projects.project_file import ProjectFile
from assay.projects.publish import create, publish
from assay.projects.questions import Grade, Question
from assay.projects.states import move, require_live
from assay.projects.store import get, version
from assay.projects.yaml_text import InvalidFile

__all__ = [
    "AcceptancePlan",
    "Answer",
    "Content",
    "Definition",
    "Grade",
    "InvalidAnswers",
    "InvalidDefinition",
    "InvalidFile",
    "InvalidGold",
    "NoSuchProject",
    "PayPlan",
    "Payload",
    "Project",
    "ProjectFile",
    "ProjectNotLive",
    "QualityPlan",
    "Question",
    "ReviewShare",
    "Version",
    "blind_payload",
    "check_answers",
    "check_gold",
    "check_item",
    "check_value",
    "complete_spans",
    "create",
    "get",
    "move",
    "normalise_item",
    "parse_definition",
    "publish",
    "require_live",
    "version",
]
