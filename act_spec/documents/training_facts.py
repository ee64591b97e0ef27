"""What the report tells of models that were trained on a run's labels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainedArm:
    """
    Models that were trained on one kind of labels.

    Attributes:
        name: What they learnt from, as people read it.
        role: `human`, `machine`, `delivered` or `corrected`.
        reviews: Human labels among what they learnt from; None for all or none.
        own: Whether these are the run's own labels, not a point of the curve.
        mean: Score over seeds, in [0, 1].
        sd: Standard deviation over seeds; None for one seed.
        behind: How much better human labels did, with its 95% interval; None where not known.
    """

    name: str
    role: str
    reviews: int | None
    own: bool
    mean: float
    sd: float | None
    behind: tuple[float, float | None, float | None] | None = None


@dataclass(frozen=True)
class TrainingFacts:
    """
    What models trained on the labels are worth.

    Attributes:
        learner: By name with version.
        reads: What it reads, as people read it.
        against: What was tested against, in words.
        tested: Test items over all seeds.
        seeds: How often everything was trained.
        arms: The run's own labels first, then the curve by reviews.
        sentences: What the differences come to.
        curve: Where the reviews of the curve come from, in words; empty without one.
        unknown: From how sure on errors are counted; how many models made,
            mean over seeds, before and after they saw the examples written
            against blind spots, None where they saw none.
        written: Such examples that nobody has declined.
    """

    learner: str
    reads: str
    against: str
    tested: int
    seeds: int
    arms: tuple[TrainedArm, ...]
    sentences: tuple[str, ...] = ()
    curve: str = ""
    unknown: tuple[tuple[float, float, float | None], ...] = ()
    written: int = 0
