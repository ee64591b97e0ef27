"""The model that teaches about blind spots, as a part of the plan: its prompts, its key and its price."""

from __future__ import annotations

from dataclasses import dataclass, replace

from act_spec import resources
from act_spec.llm.formats import messages_for
from act_spec.plan.cost import estimate
from act_spec.plan.keys import model_identity
from act_spec.plan.model import Answering
from act_spec.plan.prompting import task_context
from act_spec.plan.writing import model_of, text_fields
from act_spec.recipe.blind_spots import BlindSpots
from act_spec.recipe.schema import Recipe
from act_spec.records import Steps, Task, sha256
from act_spec.strategies.blind_spots import Reviewed, Spot
from act_spec.strategies.settling import answers_are_composed, answers_are_sets
from act_spec.strategies.teaching import MAX_TEXT_CHARS, MOST_ERRORS, PROMPTS, REPLY_TOKENS, Lesson, teach
from act_spec.templating import PromptSet

STAGE = "teach"
_STRATEGY = "teach.v1"
_CONTRASTS = 4


@dataclass(frozen=True)
class Teaching:
    """Lessons are asked for with this plan's prompts."""

    teacher: Answering
    chosen: BlindSpots
    task: Task
    fields: tuple[str, ...]

    def start(self, spot: Spot) -> Steps[Lesson]:
        """The requests for one blind spot, not yet sent."""
        prompts = PromptSet(self.teacher.prompts, task_context(self.task), text_fields)
        return teach(
            spot,
            self.task,
            prompts,
            self.fields,
            hypotheses=self.chosen.hypotheses,
            examples=self.chosen.examples,
        )


def check_teachable(recipe: Recipe, task: Task) -> None:
    """
    Whether blind spots can be found and written about.

    Raises:
        ValueError: If answers are no single labels, or a shown field is no text.
    """
    if not task.definitions or answers_are_sets(task) or answers_are_composed(task):
        raise ValueError(
            f"blind spots are told for answers that are one label, and those of {task.kind} are not. Leave them out."
        )
    other = [name for name, field in recipe.data.show.items() if field.type != "text"]
    if other:
        raise ValueError(
            f"'{other[0]}' is no text, and examples can be written of texts alone. Leave blind_spots out."
        )


def blind_spots_key(chosen: BlindSpots, teacher: Answering | None, upstream: tuple[str, ...]) -> str:
    """Key of what is found and written; what training and reports make of it is no part of it."""
    found = chosen.model_dump(mode="json", exclude={"teacher", "train_on", "thresholds"})
    return sha256({"found": found, "teacher": teacher and teacher.key, "upstream": list(upstream)})


def teacher_of(chosen: BlindSpots, task: Task, fields: tuple[str, ...]) -> Answering | None:
    """The teacher as the plan holds it, priced at the longest errors that it may be shown; None for people."""
    if chosen.teacher is None:
        return None
    prompts = {name: resources.template(name) for name in PROMPTS}
    model = replace(model_of(chosen.teacher), concurrency=chosen.most)
    calls = 2 + 1 + chosen.hypotheses
    made = Answering(
        STAGE,
        f"{model.name} teaches",
        _STRATEGY,
        {},
        model,
        prompts,
        calls_per_item=calls,
        key=sha256(
            {
                "task": task_context(task)
                | {"definitions": [[one.name, one.definition, one.not_when] for one in task.definitions]},
                "strategy": _STRATEGY,
                "model": model_identity(model),
                "prompts": {name: sha256(text) for name, text in prompts.items()},
            }
        ),
        calls=chosen.most * calls,
    )
    names = [definition.name for definition in task.definitions]
    one = Reviewed("", "x" * MAX_TEXT_CHARS, names[0], names[-1], 1.0)
    longest = Spot(names[0], names[-1], (one,) * MOST_ERRORS, (one,) * _CONTRASTS)
    [request] = next(Teaching(made, chosen, task, fields).start(longest))
    sent = [messages_for(model, request.messages, request.reply_schema)]
    cost = estimate(model, sent, made.calls, REPLY_TOKENS)
    return replace(
        made,
        prompt_tokens=cost.prompt_tokens,
        completion_tokens=cost.completion_tokens,
        cost_usd=cost.cost_usd,
    )
