"""What to look at, and when to stop: a random order that anyone can draw again, and the rule that accepts a lot."""

from assay.quality.sampling import acceptance, draw

__all__ = ["acceptance", "draw"]
