"""The types of question: one file each, with its definition, the check of an answer, and the grade against gold."""

from typing import Annotated, get_args

from pydantic import Field

from assay.projects.questions.choice import Choice
from assay.projects.questions.choices import Choices
from assay.projects.questions.number import Number
from assay.projects.questions.pairwise import Pairwise
from assay.projects.questions.question import BadValue, Grade, Question
from assay.projects.questions.ranking import Ranking
from assay.projects.questions.rating import Rating
from assay.projects.questions.span import Span
from assay.projects.questions.text import Text

AnyOf = Choice | Choices | Rating | Number | Ranking | Pairwise | Text | Span
AnyQuestion = Annotated[AnyOf, Field(discriminator="type")]
QUESTION_TYPES = tuple(get_args(one.model_fields["type"].annotation)[0] for one in get_args(AnyOf))

__all__ = [
    "QUESTION_TYPES",
    "AnyOf",
    "AnyQuestion",
    "BadValue",
    "Choice",
    "Choices",
    "Grade",
    "Number",
    "Pairwise",
    "Question",
    "Ranking",
    "Rating",
    "Span",
    "Text",
]
