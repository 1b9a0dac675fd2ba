"""How good is an annotator? Accuracy against gold and accuracy inferred from other annotators, never mixed."""

from assay.quality.skill import accuracy

__all__ = ["accuracy"]
