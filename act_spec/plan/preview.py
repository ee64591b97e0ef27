"""The very prompts that a run would send, for one item."""

from __future__ import annotations

from act_spec.errors import Problem, RecipeError
from act_spec.plan.media import measured_items
from act_spec.plan.model import Answering, Plan
from act_spec.plan.prompting import Asking
from act_spec.records import Item, Message, Part
from act_spec.store.scratch import Scratch
from act_spec.store.staging import stage_items, staged_item, staged_sample
from act_spec.strategies.nearest import ExamplePool
from act_spec.strategies.sampling import seeded_order


def prompts_text(plan: Plan, item_id: str | None) -> str:
    """
    Every stage's prompt for an item, as text.

    Args:
        plan: What would run.
        item_id: An item; None for the first of the walk.

    Raises:
        RecipeError: If there is no such item.
    """
    with Scratch.new() as scratch:
        count = stage_items(scratch, plan.data.query)
        found = (
            staged_sample(scratch, seeded_order(count, plan.seed), 1)
            if item_id is None
            else staged_item(scratch, item_id)
        )
    if not found:
        raise RecipeError([Problem(str(plan.recipe_path), 0, 0, "data", f"there is no item '{item_id}'.")])
    measured = measured_items(found, plan.data.show, plan.data.query.source, plan.recipe_path.parent)
    stages = [stage for stage in (plan.annotate, plan.judge) if stage is not None]
    if not measured:
        return f"── item {found[0].item_id}: a file of it cannot be used, so no model is asked"
    return "\n\n".join(_stage_text(plan, stage, measured[0]) for stage in stages)


def _stage_text(plan: Plan, stage: Answering, item: Item) -> str:
    if stage.model is None:
        return f"── {stage.stage}: recorded answers, no prompt"
    labels_of_rounds = plan.rounds is not None and plan.rounds.examples != "strategy"
    pool = ExamplePool([]) if labels_of_rounds else None
    sent = Asking(stage, plan.task, plan.data.show, plan.recipe_path.parent, pool).first_messages(item)
    note = "   (the annotation shown is an example)" if stage.stage == "judge" else ""
    note = "   (examples come from the labels of this run)" if labels_of_rounds else note
    head = f"── {stage.stage}: {stage.model.name} {stage.strategy}, item {item.item_id}{note}"
    return "\n".join([head, *(_message_text(message) for messages in sent for message in messages)])


def _message_text(message: Message) -> str:
    content = message["content"]
    if not isinstance(content, str):
        content = "".join(_part_text(part) for part in content)
    return f"[{message['role']}]\n{content}"


def _part_text(part: Part) -> str:
    if part["type"] == "text":
        return str(part["text"])
    if part["type"] == "image":
        return f"[image, {part['width']} x {part['height']} pixels]"
    return f"[sound, {part['seconds']:.1f} s]"
