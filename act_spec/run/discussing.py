"""What a discussion of several models did to their first labels, as rows of `metrics`."""

from __future__ import annotations

from act_spec import registry
from act_spec.plan.model import Plan
from act_spec.records import Metric
from act_spec.store.database import Store
from act_spec.store.metrics import labelled
from act_spec.strategies.estimators.discussion import discussed


def discussion_metrics(plan: Plan, store: Store) -> list[Metric]:
    """Rows `discussion_…`; none where the annotator does not discuss."""
    if not registry.find("annotator", plan.annotate.strategy).traits.get("discusses", False):
        return []
    found = discussed(((row.votes, row.gold) for row in labelled(store, plan.task)), plan.task.same)
    if not found.items:
        return []
    made = [
        Metric("discussion_unanimous", found.unanimous / found.items, note="of the items, in round 0"),
        *(
            Metric(
                f"discussion_changed:{one.member}",
                one.changed / one.items,
                note=f"of {one.items:,} items: its last label is not its first",
            )
            for one in found.members
        ),
    ]
    if not found.known:
        return made
    note = f"answers of members, over {found.known:,} items with gold"
    bound = "some first label is right; who only takes over labels cannot pass it"
    return [
        *made,
        Metric("discussion_right_to_wrong", float(found.right_to_wrong), note=note),
        Metric("discussion_wrong_to_right", float(found.wrong_to_right), note=note),
        Metric("discussion_oracle", found.any_right / found.known, note=bound),
    ]
