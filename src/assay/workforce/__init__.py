"""Who may answer: annotators under pseudonyms, and the qualifications that admit them to work."""

from assay.workforce.annotators import add_annotator, pause, resume
from assay.workforce.model import Annotator, NoSuchAnnotator
from assay.workforce.qualifications import grant
from assay.workforce.store import annotator_of, get_annotator, recorded_annotators

__all__ = [
    "Annotator",
    "NoSuchAnnotator",
    "add_annotator",
    "annotator_of",
    "get_annotator",
    "grant",
    "pause",
    "recorded_annotators",
    "resume",
]
