"""How good the data of a project must be, and what a task pays: the plans that a version pins. Values only."""

from pydantic import Field, model_validator

from assay.projects.strict import Id, Many, Share, Strict


class ReviewShare(Strict):
    """How many responses of one annotator are reviewed: all of the first, then fewer as experience grows."""

    first_n: int = Field(default=20, ge=0, le=10_000)
    share: Share = 0.3
    share_later: Share = 0.1
    floor: Share = 0.05

    def share_at(self, responses_before: int) -> float:
        """The share for an annotator with so many responses so far: all of `first_n`, then `share` up to five times
        as many, `share_later` up to twenty-five times, then `floor`."""
        stages = ((1, 1.0), (5, self.share), (25, self.share_later))
        return next((share for times, share in stages if responses_before < times * self.first_n), self.floor)


class AcceptancePlan(Strict):
    """When a lot is good enough: its error rate is shown to lie below the limit, at this confidence."""

    error_limit: float = Field(default=0.05, gt=0, lt=1)
    confidence: float = Field(default=0.95, ge=0.5, lt=1)
    checks_min: int = Field(default=30, ge=1, le=1_000_000)
    checks_max: int = Field(default_factory=lambda data: max(300, data.get("checks_min", 0)), ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _range(self) -> "AcceptancePlan":
        if self.checks_min > self.checks_max:
            raise ValueError(f"checks_min {self.checks_min} must not be more than checks_max {self.checks_max}")
        return self


class QualityPlan(Strict):
    """How many answers a task gets, how they are checked, and how long an annotator has."""

    overlap_min: int = Field(default=1, ge=1, le=100)
    overlap_max: int = Field(default_factory=lambda data: data.get("overlap_min", 1), ge=1, le=100)
    confidence_wanted: float = Field(default=0.9, gt=0, lt=1)
    adjudicate_below: Share = Field(default_factory=lambda data: data.get("confidence_wanted", 0.9))
    gold_share: float = Field(default=0.05, ge=0, le=0.5)
    review: ReviewShare = ReviewShare()
    acceptance: AcceptancePlan = AcceptancePlan()
    qualifications: Many[Id] = ()
    held_max: int = Field(default=3, ge=1, le=50)
    estimated_seconds: int = Field(default=120, ge=1, le=86_400)
    lease_seconds: int = Field(default=900, ge=10, le=7 * 86_400)
    grace_seconds: int = Field(default=900, ge=0, le=7 * 86_400)
    recall_seconds: int = Field(default=30, ge=0, le=3_600)

    @model_validator(mode="after")
    def _range(self) -> "QualityPlan":
        if self.overlap_min > self.overlap_max:
            raise ValueError(f"overlap_min {self.overlap_min} must not be more than overlap_max {self.overlap_max}")
        return self


class PayPlan(Strict):
    """What annotators are shown as the price of one task. It is frozen on each assignment."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")  # ISO 4217
    price_minor: int = Field(ge=0, le=100_000_000)  # in the currency's smallest unit
