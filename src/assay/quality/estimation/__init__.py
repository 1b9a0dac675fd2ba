"""Shares with intervals: of a sample looked at once (`proportion`), and of a finite lot looked at as often as one
likes (`without_replacement`).
"""

from assay.quality.estimation import proportion, without_replacement
from assay.quality.estimation.proportion import Estimate

__all__ = ["Estimate", "proportion", "without_replacement"]
