"""
What ties an answer to the draw that asked for it, through any format.

A seal is a hash of what was shown of an item, and of the round and probability
with which it was drawn. An answer counts only if the run still has the item
with that seal. Whoever holds a packet or a worklist sees the seal alone and
cannot read from it how suspicious an item is; a tool that keeps such figures
from reviewers is given the whole slip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import isclose

from pydantic import BaseModel, ConfigDict, ValidationError

from act_spec.exchange.returned import Expected, RefusedError
from act_spec.records import sha256

_SEAL_CHARS = 24


@dataclass(frozen=True)
class SealedItem:
    """
    An item as people are shown it, and how it was drawn.

    Attributes:
        item_id: As the data has it.
        round: In which it was drawn.
        inclusion_probability: With which it was drawn.
        fields: Shown fields as text.
        media: Hashes of the images and sounds that are shown.
    """

    item_id: str
    round: int
    inclusion_probability: float
    fields: Mapping[str, str]
    media: tuple[str, ...] = ()

    @property
    def seal(self) -> str:
        """The same for the same item, shown the same and drawn the same."""
        sealed = {**asdict(self), "fields": dict(self.fields)}
        if not self.media:
            del sealed["media"]
        return sha256(sealed)[:_SEAL_CHARS]


def seals_of(items: Iterable[SealedItem]) -> dict[str, str]:
    """Item id to seal."""
    return {item.item_id: item.seal for item in items}


class Slip(BaseModel):
    """
    What travels beside an item through another tool, and comes back with it.

    Attributes:
        run: Name of the recipe.
        plan: Hash of the plan that made it.
        review_key: Of the question, the answers and what is shown.
        guideline_version: Of the guideline at that time; may be empty.
        item_id: As the data has it.
        round: In which the item was drawn.
        inclusion_probability: With which it was drawn in that round.
        seal: Of the item.
        handed_out: How many items were written with this one, so that a part that is missing is seen.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    run: str
    plan: str
    review_key: str
    guideline_version: str
    item_id: str
    round: int
    inclusion_probability: float
    seal: str
    handed_out: int


def read_slip(said: object, expected: Expected) -> Slip:
    """
    The slip of an item that came back, if the item is one that this run waits for.

    Raises:
        RefusedError: If there is none, or it is of another run, question or draw.
    """
    try:
        slip = Slip.model_validate(said)
    except ValidationError as error:
        hint = "Add nothing by hand; export whole tasks, with their metadata."
        raise RefusedError("this is no item that act-spec handed out.", hint) from error
    name = slip.item_id[:80]
    if slip.run != expected.run:
        raise RefusedError(f"'{name}' is of the run '{slip.run[:80]}', not of '{expected.run}'.")
    if slip.review_key != expected.review_key:
        raise RefusedError(
            f"'{name}' was handed out before the question, the labels or what is shown changed.",
            "Export again.",
        )
    if slip.item_id not in expected.seals:
        raise RefusedError(f"'{name}' is not drawn in this run any more.")
    if slip.seal != expected.seals[slip.item_id] or not _as_drawn(slip, expected):
        raise RefusedError(f"'{name}', or the chance with which it was drawn, has changed since.")
    return slip


def _as_drawn(slip: Slip, expected: Expected) -> bool:
    number, probability = expected.draws[slip.item_id]
    return slip.round == number and isclose(slip.inclusion_probability, probability, rel_tol=1e-9)
