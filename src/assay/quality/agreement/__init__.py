"""Agreement: how alike do annotators answer? No truth is involved.

`alpha` corrects for chance; `likeness` does not, for answers that cannot be compared across items. `distances` holds
what one answer is to another, per question type.
"""

from assay.quality.agreement import distances
from assay.quality.agreement.alpha import alpha
from assay.quality.agreement.likeness import likeness
from assay.quality.agreement.result import Agreement

__all__ = ["Agreement", "alpha", "distances", "likeness"]
