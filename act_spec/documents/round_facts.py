"""What a report tells of rounds: labels, students and cost, round by round."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LearningRound:
    """
    One round of labelling and learning; scores in [0, 1], None where there is none.

    Attributes:
        number: From 1.
        people: Labels that people gave in it.
        asked: Items that people were asked about.
        model: Labels that the annotator gave.
        labels: All labels up to it.
        cost_usd: Of all rounds up to it.
        learnt: Items that its student learnt from; None before it did.
        score: Of the student, on known answers.
        low: Of its 95% interval.
        high: Likewise.
        note: What the score is of.
        estimate: Of the student, from the people of the next round.
        estimate_low: Likewise.
        estimate_high: Likewise.
        estimate_note: What the estimate is of, or why there is none.
    """

    number: int
    people: int
    asked: int
    model: int
    labels: int
    cost_usd: float | None
    learnt: int | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""
    estimate: float | None = None
    estimate_low: float | None = None
    estimate_high: float | None = None
    estimate_note: str = ""


@dataclass(frozen=True)
class LearningFacts:
    """
    The rounds of a run.

    Attributes:
        selector: Name with version.
        learner: Of the students.
        planned: How many rounds there are to be.
        rounds: Those that have begun.
        items: Of the run.
        unlabelled: Those of them without any label.
        examples: Whose labels the annotator's examples are.
    """

    selector: str
    learner: str
    planned: int
    rounds: tuple[LearningRound, ...]
    items: int
    unlabelled: int
    examples: str

    @property
    def last(self) -> LearningRound | None:
        """The last round whose student was measured."""
        return next((one for one in reversed(self.rounds) if one.learnt is not None), None)
