"""Who does what next: tasks are claimed under leases, worked on in drafts, submitted, given back, or expire.

The seat that a lease takes is counted in the task's own row (room `tasks`); a fencing token guards every write.
"""

from assay.assignment.expire import expire
from assay.assignment.model import Assignment, NoSuchAssignment, NothingToDo
from assay.assignment.revise import ask_for_revision

__all__ = ["Assignment", "NoSuchAssignment", "NothingToDo", "ask_for_revision", "expire"]
