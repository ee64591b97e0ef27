"""The recipe's `blind_spots`: errors that the machine was sure of, and who teaches the model about them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from act_spec.recipe.roles import Writer
from act_spec.recipe.section import Section

Probability = Annotated[float, Field(gt=0, le=1)]
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


class BlindSpots(Section):
    """Confident errors that reviews found, and labelled examples that a teacher writes against them."""

    confidence: Probability = Field(
        0.9,
        description="From how sure of a label on its error counts: the annotator, or 1 - error probability.",
    )
    likeness: float = Field(
        0.1, ge=0, le=1, description="How like errors of one blind spot are on average, by shared wording."
    )
    least: int = Field(2, ge=1, description="Fewest errors of a blind spot.")
    most: int = Field(5, ge=1, le=50, description="Most blind spots that are taught, the largest first.")
    teacher: Writer | None = Field(
        None, description="The model that teaches; without one, people do, with act-spec spots."
    )
    hypotheses: int = Field(
        2, ge=1, le=10, description="Further patterns that the teacher derives from a blind spot."
    )
    examples: int = Field(5, ge=1, le=50, description="Labelled examples that it writes for each of them.")
    distinct: Probability = Field(
        0.9, description="An example is dropped that is as like an item, or another example, as this."
    )
    train_on: Literal["accepted", "all"] = Field(
        "accepted",
        description="Which examples training takes: those that a person accepted, or all but declined ones.",
    )
    thresholds: tuple[Probability, ...] = Field(
        THRESHOLDS,
        min_length=1,
        description="From how sure on errors of the trained model are counted in the report.",
    )
