"""The model that drafts rules for the guideline, as a part of the plan: its prompt, its key and its price."""

from __future__ import annotations

from dataclasses import dataclass, replace

from act_spec import resources
from act_spec.content.fields import message_parts
from act_spec.llm.formats import messages_for
from act_spec.llm.model import Model
from act_spec.llm.prices import Price
from act_spec.plan.cost import estimate
from act_spec.plan.keys import model_identity
from act_spec.plan.model import Answering
from act_spec.plan.prompting import task_context
from act_spec.recipe.roles import Writer
from act_spec.recipe.schema import ShownField
from act_spec.records import Item, Part, Steps, Task, sha256
from act_spec.strategies.drafting import (
    MAX_ARGUMENT_CHARS,
    MOST_ARGUMENTS,
    PROMPT,
    REPLY_TOKENS,
    Dispute,
    Drafted,
    draft_rules,
)
from act_spec.templating import PromptSet

MOST_DISPUTES = 5
"""Pairs of labels that rules are drafted for, the most frequent ones; one call each."""
STAGE = "guideline"
_STRATEGY = "rules.v1"


@dataclass(frozen=True)
class Drafting:
    """Rules are asked for with this plan's prompt."""

    writer: Answering
    task: Task

    def start(self, dispute: Dispute) -> Steps[Drafted]:
        """The request for one dispute, not yet sent."""
        prompts = PromptSet(self.writer.prompts, task_context(self.task), text_fields)
        return draft_rules(dispute, prompts)


def writer_of(writer: Writer, task: Task) -> Answering:
    """The writer as the plan holds it, priced at the longest arguments that it may be shown."""
    text = resources.template(PROMPT)
    model = model_of(writer)
    made = Answering(
        STAGE,
        f"{model.name} rules",
        _STRATEGY,
        {},
        model,
        {PROMPT: text},
        calls_per_item=1,
        key=sha256(
            {
                "task": task_context(task)
                | {"definitions": [[one.name, one.definition, one.not_when] for one in task.definitions]},
                "strategy": _STRATEGY,
                "model": model_identity(model),
                "prompts": {PROMPT: sha256(text)},
            }
        ),
        calls=MOST_DISPUTES,
    )
    names = [definition.name for definition in task.definitions] or [""]
    longest = Dispute(names[0], names[-1], ("x" * MAX_ARGUMENT_CHARS,) * MOST_ARGUMENTS)
    [request] = next(Drafting(made, task).start(longest))
    sent = [messages_for(model, request.messages, request.reply_schema)]
    cost = estimate(model, sent, MOST_DISPUTES, REPLY_TOKENS)
    return replace(
        made,
        prompt_tokens=cost.prompt_tokens,
        completion_tokens=cost.completion_tokens,
        cost_usd=cost.cost_usd,
    )


def model_of(writer: Writer) -> Model:
    """The model that a recipe's writer names."""
    price = writer.price
    return Model(
        name=writer.model,
        api_base=writer.api_base,
        api_key_env=writer.api_key_env,
        temperature=writer.temperature,
        max_tokens=writer.max_tokens,
        timeout_s=writer.timeout_s,
        concurrency=MOST_DISPUTES,
        requests_per_minute=None,
        tokens_per_minute=None,
        reply_format="auto",
        price=None
        if price is None
        else Price(price.input_usd_per_million / 1e6, price.output_usd_per_million / 1e6),
    )


def text_fields(item: Item) -> tuple[Part, ...]:
    """An item of texts as a prompt shows it."""
    return message_parts(item, {name: ShownField(column=name) for name in item.content})
