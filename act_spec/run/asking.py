"""A stage's strategies on the items that it is due to settle, ready for an engine to drive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from act_spec.content.fields import unusable
from act_spec.plan.model import Answering, Plan
from act_spec.plan.prompting import Asking
from act_spec.records import Annotation, Item, Judgment, Pool, Steps
from act_spec.store.answers import write_annotations, write_judgments
from act_spec.store.database import Store
from act_spec.store.pending import Pending, Scope, pending

ROUND = 1
_WRITE: Mapping[str, Callable[..., None]] = {"annotate": write_annotations, "judge": write_judgments}
Keep = Callable[[Store, Sequence[tuple[str, Any]]], None]


def keeping(role: Answering, number: int = ROUND) -> Keep:
    """Writes a stage's (item id, record) pairs, in a round of this number."""
    return partial(_keep, role, number)


def _keep(role: Answering, number: int, store: Store, settled: Sequence[tuple[str, Any]]) -> None:
    _WRITE[role.stage](store, role.key, number, role.name, settled)


class Starting:
    """Starts a stage's strategy on items; see `plan.prompting.Asking`."""

    def __init__(self, plan: Plan, role: Answering, examples: Pool | None = None) -> None:
        """
        Prepare.

        Args:
            plan: What to do.
            role: The annotator or the judge.
            examples: A pool in the place of the strategy's own.
        """
        self._role = role
        self._show = plan.data.show
        self._asking = Asking(role, plan.task, plan.data.show, plan.recipe_path.parent, examples)

    def on(self, item: Item, annotation: Annotation | None) -> Steps[Any]:
        """The strategy at work on an item, or its failure where it cannot be put before a model."""
        reason = unusable(item, self._show)
        return self._without_asking(reason) if reason else self._asking.start(item, annotation)

    def on_pending(self, reader: Store, scope: Scope) -> Iterator[tuple[Pending, Steps[Any]]]:
        """The same for all items that the stage has not settled."""
        for one in pending(reader, self._role.stage, self._role.key, scope):
            yield one, self.on(one.item, one.annotation)

    def _without_asking(self, reason: str) -> Steps[Any]:
        yield []
        if self._role.stage == "annotate":
            return Annotation(None, rationale=reason, status="invalid")
        return Judgment(None, rationale=reason, status="invalid")
