"""The numbers: truth inference, agreement, skill, acceptance and their intervals, over plain arrays.

Knows nothing of the rest of the house and needs numpy and scipy only, so that it serves a notebook as well as the
server. One method is one file, one paper, one frozen result and one test file: `aggregation` infers labels, `agreement`
compares annotators, `skill` rates them, `sampling` draws and accepts, `estimation` holds the intervals. Bad input is a
ValueError.
"""

from assay.quality.votes import Votes

__all__ = ["Votes"]
