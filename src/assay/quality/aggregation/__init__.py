"""Truth inference: what is the right label of each item, given the votes? One file per method.

`majority` counts; `dawid_skene` learns how each annotator errs. Each has `fit(votes) -> Fit`.
"""

from assay.quality.aggregation import dawid_skene, majority

__all__ = ["dawid_skene", "majority"]
