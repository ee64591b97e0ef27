"""The plan in words and as JSON: what `act-spec plan` prints before anything is spent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_jsonable_python

from act_spec.llm.batching import why_no_batches
from act_spec.llm.model import Model
from act_spec.llm.paths import path_of
from act_spec.llm.prices import CHARS_PER_TOKEN, Price, context_tokens, near_model
from act_spec.plan.media import media_fields, unsure_of_media
from act_spec.plan.model import Answering, Plan, Range
from act_spec.plan.rounds import RoundsPlan
from act_spec.plan.shapes import shapes
from act_spec.plan.together import why_judged_after
from act_spec.plan.wording import amount, duration

_MANY_CALLS = 10_000
_NEARLY = 0.9


def explain(plan: Plan) -> str:
    """The plan as text for a terminal, its hash on top and the next command left to the caller."""
    lines = [f"{plan.name}   plan {plan.hash[:8]}   {plan.data.items:,} items, nothing is spent by looking"]
    lines += [*_files_lines(plan), _stage_line("annotate", plan.annotate), *_judge_lines(plan)]
    lines += [
        *(_stage_line(one.stage, one) for one in plan.helpers),
        _review_line(plan),
        _total_line(plan),
        *_order_lines(plan),
        *_round_lines(plan),
        *(_forecast_lines(plan) if plan.rounds is None else _rounds_lines(plan, plan.rounds)),
    ]
    if plan.workers.apart and plan.calls_models:
        lines.append(f"Calls go out from {plan.workers}; limits and cap hold for all of them together.")
    lines += _batch_lines(plan)
    found = shapes(plan)
    if found:
        lines += ["The likely cost is over the cap. These would fit:", *(f"  {shape}" for shape in found)]
    return "\n".join(
        [
            *lines,
            *unsure_of_media(plan.data.show, _models(plan)),
            *_long_lines(plan),
            *_slow_lines(plan),
            *_unlisted_lines(plan),
            _where_items_go(plan),
        ]
    )


def _unlisted_lines(plan: Plan) -> list[str]:
    """Models that the price list does not know, beside the one that may have been meant."""
    asked = dict.fromkeys(model.name for model in _models(plan) if model.api_base is None and not model.price)
    near = {name: near_model(name) for name in asked}
    return [f"The price list has no {name}. Did you mean {meant}?" for name, meant in near.items() if meant]


def _batch_lines(plan: Plan) -> list[str]:
    """Which calls go by batches, and what that means for time and price."""
    wanting = [
        stage for stage in (plan.annotate, *_judges(plan)) if stage.wants_batches and not stage.by_batch
    ]
    reasons = (why_no_batches(model) for stage in wanting for model in stage.models.values())
    return [
        *_sent_by_batch(plan),
        *(f"mode: batch is not followed, and calls are made: {why}" for why in dict.fromkeys(reasons) if why),
    ]


def _sent_by_batch(plan: Plan) -> list[str]:
    stages = [stage for stage in (plan.annotate, *_judges(plan)) if stage.by_batch]
    if not stages:
        return []
    names = " and ".join(
        dict.fromkeys("the annotator" if stage is plan.annotate else "the judge" for stage in stages)
    )
    wanted = {str(stage.deadline) for stage in stages if stage.deadline}
    by = f" What is not back in time for {' and '.join(sorted(wanted))} goes by calls." if wanted else ""
    return [
        f"Calls of {names} go by batches, which the provider answers within a day, at the price of batches.{by}",
        "What a batch leaves open goes by calls at the full price; the highest cost is that of calls alone.",
        *_undiscounted(stages),
    ]


def _undiscounted(stages: Sequence[Answering]) -> list[str]:
    """Models of which no lower price of batches is known."""
    models = {model.name: model for stage in stages for model in stage.models.values()}
    same = [
        name for name, model in models.items() if model.paid is not None and model.paid_by_batch == model.paid
    ]
    return [
        f"No lower price for batches of {name} is known; they are booked at that of calls (price: {{…, batch: 50%}})."
        for name in same
        if models[name].paid != Price(0.0, 0.0)
    ]


def _judges(plan: Plan) -> Sequence[Answering]:
    return plan.candidates or ((plan.judge,) if plan.judge else ())


def _long_lines(plan: Plan) -> list[str]:
    """Models whose longest prompt may not take the longest item, unless the recipe says what becomes of it."""
    if any(field.max_chars is not None for field in plan.data.show.values()):
        return []
    tokens = plan.data.longest / CHARS_PER_TOKEN
    short = {
        model.name: most
        for model in _models(plan)
        if (most := context_tokens(model.name)) is not None and tokens > _NEARLY * most
    }
    return [
        f"The longest item has about {tokens:,.0f} tokens of text, and {name} takes {most:,}: "
        "say what becomes of such items with max_chars in data.show."
        for name, most in short.items()
    ]


def _slow_lines(plan: Plan) -> list[str]:
    """Models whose calls all go through LiteLLM: that is worth knowing where there are many."""
    stages = [plan.annotate, *(plan.candidates or ([plan.judge] if plan.judge else []))]
    many = (model for stage in stages if stage.calls >= _MANY_CALLS for model in stage.models.values())
    slow = dict.fromkeys(
        model.name for model in many if _path(model) == "litellm" and model.provider != "local"
    )
    return [
        f"Every call to {name} goes through LiteLLM, which takes more of this machine's time."
        for name in slow
    ]


def _path(model: Model) -> str:
    """`wire` where only the first call goes through LiteLLM, else `litellm`."""
    return "litellm" if path_of(model) == "litellm" else "wire"


def _files_lines(plan: Plan) -> list[str]:
    """How many files items name, and which cannot be used; empty where items are text."""
    media = plan.data.media
    if not media.sha256:
        return []
    kinds = " and ".join(sorted({field.type for field in media_fields(plan.data.show).values()}))
    lines = [f"  {'files':<10} {kinds:<40} {media.files:>9,} files"]
    if media.unusable:
        what = "its item is" if media.unusable == 1 else "their items are"
        lines.append(
            f"  {media.unusable:,} of them cannot be read, and {what} a recorded failure. The first: {media.first_fault}"
        )
    return lines


def _rounds_lines(plan: Plan, rounds: RoundsPlan) -> list[str]:
    """Who labels how many in which round, and what can be told of the result."""
    labels = sum(rounds.people) + sum(rounds.model)
    lines = [
        f"{amount(rounds.number, 'round')}, {labels:,} labels: {rounds.selector} chooses, people label, then the annotator, then {plan.train.learner.name} learns.",
        *(
            f"  round {number:<4} {people:>9,} by people {model:>9,} by the annotator"
            for number, (people, model) in enumerate(zip(rounds.people, rounds.model, strict=True), 1)
        ),
        f"{max(0, plan.data.items - labels):,} items get no label.",
    ]
    cost = _rounds_cost(plan, rounds)
    if cost is not None:
        lines.append(f"All labels cost about {usd(cost)}, people included.")
    if rounds.parts:
        lines.append(
            f"One item in {rounds.parts} is kept from labelling, to test the student on its known answer."
        )
    elif plan.train.test is None:
        lines.append("No known answers are kept to test the student on.")
    if rounds.drawn or (any(rounds.people) and plan.spending.audit):
        what = (
            "All labels of people are drawn"
            if rounds.drawn
            else f"{plan.spending.audit:,} labels of people are drawn"
        )
        lines.append(f"{what} at random: they tell what the last student is worth on what was still open.")
    else:
        lines.append(
            "No label of people is drawn at random, so people's labels estimate nothing about the other items. Set budget.audit."
        )
    return lines


def _rounds_cost(plan: Plan, rounds: RoundsPlan) -> float | None:
    """Of people and model in all rounds, likely; None where a price is not known."""
    if rounds.people_usd is None and any(rounds.people):
        return None
    people = sum(rounds.people) * (rounds.people_usd or 0.0)
    if rounds.model_usd is not None:
        return people + sum(rounds.model) * rounds.model_usd
    return None if plan.annotate.cost_usd is None else people + plan.annotate.cost_usd.likely


def _judge_lines(plan: Plan) -> list[str]:
    if plan.rounds is not None:
        return []
    if plan.judge is None:
        return ["  judge      nobody"]
    if plan.candidates:
        return [_stage_line("judge?", candidate) for candidate in plan.candidates]
    return [_stage_line("judge", plan.judge)]


def _order_lines(plan: Plan) -> list[str]:
    """When the judge begins, where both it and the annotator take their time."""
    judges = _judges(plan)
    if plan.rounds is not None or not judges or not all(one.model for one in (plan.annotate, *judges)):
        return []
    reason = why_judged_after(plan)
    if reason is None:
        return ["The judge starts while the annotator is at work: each label is judged as soon as it is in."]
    return [f"The judge starts when all labels are in: {reason}."]


def _round_lines(plan: Plan) -> list[str]:
    """What is not drawn all at once."""
    spending, lines = plan.spending, []
    if spending.pilot:
        what = "chooses the judge" if plan.candidates else "tells what judge and annotator are worth"
        lines.append(f"A pilot of {spending.pilot:,} random items is reviewed first and {what}.")
    if plan.combinations:
        judges = "both" if len(plan.candidates) == 2 else f"up to all {len(plan.candidates)} of them"
        lines.append(
            f"It also ranks {len(plan.combinations)} combinations of the judges and takes one only if it surely finds more; "
            f"then {judges} judge every item, which the highest total holds. (combine: false leaves them out.)"
        )
    if spending.target is not None:
        lines.append(
            f"Reviews go on in rounds, the first of {min(spending.batch, spending.reviews):,}, until {spending.target.accuracy:.1%} of the labels are right "
            f"with {spending.target.certainty:.0%} certainty, at most {spending.reviews:,}; {spending.target.looks} looks at most."
        )
    judge = plan.judge
    if judge is not None and judge.judged is not None:
        lines.append(
            f"Only the {judge.judged:,} items that the annotator was least sure of are judged; "
            "the others are scored by its confidence."
        )
    return lines


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as one JSON document."""
    return {
        "format": 1,
        "name": plan.name,
        "recipe": str(plan.recipe_path.resolve()),
        "recipe_sha256": plan.recipe_sha256,
        "settings": dict(plan.settings),
        "values": dict(plan.values),
        "plan": plan.hash,
        "seed": plan.seed,
        "data": {
            "source": plan.data.query.source.name,
            "sha256": plan.data.sha256,
            "items": plan.data.items,
            "show": {name: field.model_dump(exclude_none=True) for name, field in plan.data.show.items()},
            "files": plan.data.media.files,
            "unusable_files": plan.data.media.unusable,
        },
        "task": {"kind": plan.task.kind, "question": plan.task.question},
        "stages": [_stage_json(stage) for stage in (plan.annotate, plan.judge, *plan.helpers) if stage],
        "review": {
            "reviews": plan.spending.reviews,
            "audit": plan.spending.audit,
            "rule": plan.spending.rule,
            "parameters": dict(plan.spending.parameters),
            "reviewers": list(plan.review.reviewers),
            "simulated": plan.review.simulate is not None,
            "hours": plan.forecast.hours,
        },
        "loss": plan.loss.model_dump(),
        "forecast": {
            "most_changed_share": plan.forecast.most_changed,
            "half_width": plan.forecast.half_width,
            "assumed_error_rate": plan.forecast.error_rate,
            "other_rule": plan.forecast.other_rule[0] if plan.forecast.other_rule else None,
            "other_half_width": plan.forecast.other_rule[1] if plan.forecast.other_rule else None,
        },
        "cost_usd": _range_json(plan.cost_usd),
        "spend_usd": plan.spending.spend_usd,
        "shapes": shapes(plan),
        "pilot": plan.spending.pilot,
        "judge_waits": why_judged_after(plan),
        **({"rounds": _rounds_json(plan, plan.rounds)} if plan.rounds else {}),
        "candidates": [candidate.name for candidate in plan.candidates],
        "combinations": [combination.name for combination in plan.combinations],
        "hosts": list(plan.hosts),
        "price_date": plan.price_date,
        "workers": plan.workers.as_json(),
        "keys": plan.keys,
        "versions": dict(plan.versions),
    }


def _rounds_json(plan: Plan, rounds: RoundsPlan) -> dict[str, Any]:
    return {
        "selector": rounds.selector,
        "parameters": to_jsonable_python(dict(rounds.parameters)),
        "people": list(rounds.people),
        "model": list(rounds.model),
        "examples": rounds.examples,
        "cost_usd": _rounds_cost(plan, rounds),
    }


def _models(plan: Plan) -> list[Model]:
    """Every model that is asked, each once."""
    stages = [plan.annotate, *(plan.candidates or ([plan.judge] if plan.judge else []))]
    return list({model.name: model for stage in stages for model in stage.models.values()}.values())


def usd(amount: float) -> str:
    """Dollars as people read them: small sums with as many digits as they need."""
    if amount == 0:
        return "$0.00"
    if amount < 0.01:
        return f"${amount:.4f}"
    return f"${amount:,.2f}" if amount < 1000 else f"${amount:,.0f}"


def _stage_line(name: str, stage: Answering) -> str:
    who = f"{stage.name}, batch" if stage.by_batch else stage.name
    if stage.model is None:
        return f"  {name:<10} {who:<40} {'no':>9} calls"
    tokens = stage.prompt_tokens.likely + stage.completion_tokens.likely
    return f"  {name:<10} {who:<40} {stage.calls:>9,} calls   {_tokens(tokens):>14}   {_cost(stage.cost_usd)}"


def _review_line(plan: Plan) -> str:
    who = "simulated from gold" if plan.review.simulate else ", ".join(plan.review.reviewers) or "people"
    noun = "item" if plan.spending.reviews == 1 else "items"
    time = duration(plan.forecast.hours * 3600)
    return (
        f"  {'review':<10} {who:<40} {plan.spending.reviews:>9,} {noun}   "
        f"{time} at {plan.review.seconds_per_item:g} s each"
    )


def _total_line(plan: Plan) -> str:
    cap = f"   of at most {usd(plan.spending.spend_usd)}" if plan.spending.spend_usd is not None else ""
    return f"  {'total':<10} {'model calls':<40} {_cost(plan.cost_usd)}{cap}"


def _forecast_lines(plan: Plan) -> list[str]:
    spending, forecast = plan.spending, plan.forecast
    by_rule = spending.reviews - spending.audit
    they = "It" if spending.reviews == 1 else "They"
    lines = [
        (
            f"{amount(spending.reviews, 'review')} by the rule {spending.rule}: {by_rule:,} by suspicion, {spending.audit:,} at random. "
            f"{they} can change at most {forecast.most_changed:.1%} of the labels."
        )
    ]
    if spending.rule.startswith("uniform"):
        lines = [
            f"{amount(spending.reviews, 'review')} at random. {they} can change at most {forecast.most_changed:.1%} of the labels."
        ]
    assumed = f"if {forecast.error_rate:.0%} of the machine labels are wrong (an assumption)"
    if forecast.half_width is None:
        lines.append(
            "How right the labels are cannot be estimated: some items have no chance of review. Set budget.audit."
        )
    else:
        lines.append(
            f"The accuracy will be known to about ±{forecast.half_width * 100:.1f} points, {assumed}."
        )
    if forecast.other_rule:
        name, width = forecast.other_rule
        lines.append(f"The rule {name} would know it to about ±{width * 100:.1f} points.")
    return lines


def _where_items_go(plan: Plan) -> str:
    if not plan.hosts:
        return "Items stay on this machine."
    return f"Items go to {' and '.join(plan.hosts)}. Prices of {plan.price_date}."


def _cost(cost: Range | None) -> str:
    if cost is None:
        return "price unknown (set `price:` beside the model)"
    if cost.high == 0:
        return "$0.00"
    return f"{usd(cost.low)} … {usd(cost.likely)} … {usd(cost.high)}"


def _tokens(count: float) -> str:
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {name} tokens"
    return f"{count:.0f} tokens"


def _stage_json(stage: Answering) -> dict[str, Any]:
    return {
        "stage": stage.stage,
        "strategy": stage.strategy,
        "parameters": to_jsonable_python(dict(stage.parameters)),
        "model": stage.model.name if stage.model else None,
        "path": _path(stage.model) if stage.model else None,
        "mode": stage.model.mode if stage.model else None,
        "deadline": str(stage.deadline) if stage.deadline else None,
        "prompts": sorted(stage.prompts),
        "calls": stage.calls,
        "prompt_tokens": _range_json(stage.prompt_tokens),
        "completion_tokens": _range_json(stage.completion_tokens),
        "cost_usd": _range_json(stage.cost_usd),
    }


def _range_json(amount: Range | None) -> dict[str, float] | None:
    return None if amount is None else {"low": amount.low, "likely": amount.likely, "high": amount.high}
