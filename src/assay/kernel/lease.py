"""A lease: a reservation with a holder, an end on the database's clock, and a token that only grows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assay.kernel.errors import Conflict


class LeaseLost(Conflict):
    """The work was given to someone else, or the token is an old one."""


class LeaseOver(Conflict):
    """The time of the lease has passed."""


@dataclass(frozen=True)
class Lease:
    """Who holds what until when. Every write names its `fence`; an older one changes nothing."""

    holder: UUID
    until: datetime
    fence: int

    def check(self, *, holder: UUID, fence: int) -> None:
        """Raise LeaseLost unless this holder writes under the present token."""
        if holder != self.holder or fence != self.fence:
            raise LeaseLost(f"token {fence} is no longer current; take the work again to go on")

    def is_over(self, now: datetime) -> bool:
        return now >= self.until
