"""Which snapshot of a model answered: held against the one that answered before, where a role pins it."""

from __future__ import annotations

from dataclasses import dataclass, field

from act_spec.errors import StoppedEarly
from act_spec.llm.client import Completion
from act_spec.llm.model import Model


class SnapshotChanged(StoppedEarly):
    """A provider answered with another snapshot than the pinned one."""


@dataclass
class Snapshots:
    """
    The snapshots that answered so far, earlier sessions and `act.lock` included.

    Attributes:
        seen: Model, as the recipe names it, to what has answered for it; where one is not in it, its first answer pins it.
    """

    seen: dict[str, frozenset[str]] = field(default_factory=dict)

    def changed(self, model: Model, completion: Completion) -> SnapshotChanged | None:
        """The reason to stop, if the model is pinned and another snapshot answered; else the answer is remembered."""
        now = snapshot(completion.model, completion.fingerprint)
        before = self.seen.get(model.name, frozenset())
        if model.pin == "exact" and before and now not in before:
            return SnapshotChanged(
                f"{model.name} answered as {now or 'an unnamed snapshot'}, and so far as {', '.join(sorted(before))}. "
                "`pin: exact` stops here; that reply is not used. To go on with the new snapshot take the pin out, or "
                "begin a run of its own with --run; to wait for the old one, run the same command later."
            )
        self.seen[model.name] = before | {now}
        return None


def snapshot(answered: str | None, fingerprint: str | None) -> str:
    """A snapshot's name: the model as it answered, with the provider's mark of its configuration."""
    return " ".join(part for part in (answered, fingerprint) if part)
