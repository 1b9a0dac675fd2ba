"""What the answers so far say: posteriors of tasks, skills of annotators, agreement on questions, hidden checks graded.

Incremental as responses come in, anew by a refit; every stored number names its run, method, version and n.
"""

from assay.scoring.evidence import note_review
from assay.scoring.model import VERSION, Verdict
from assay.scoring.refit import refit
from assay.scoring.refresh import queue_refit, rescore_tasks

__all__ = ["VERSION", "Verdict", "note_review", "queue_refit", "refit", "rescore_tasks"]
