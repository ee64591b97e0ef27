"""Several verifiers answer afresh, and judges look at what they hold against the label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Annotated, Any, Literal

from pydantic import Field

from act_spec.records import Annotation, Item, Judgment, Prompts, Reply, Request, Steps, Task
from act_spec.registry import register
from act_spec.strategies.answers import annotation_from, annotation_schema, judgment_from, judgment_schema

Route = Literal["any", "majority", "all"]
_ROUTES: Mapping[Route, Callable[[Sequence[float]], float]] = {"any": max, "majority": median, "all": min}


def _calls(parameters: Mapping[str, Any], members: int) -> int:
    judges = min(int(parameters["judges"]), members - 1)
    verifiers = members - judges
    return verifiers + verifiers * judges


@register(
    "judge",
    "verifiers.v1",
    calls=_calls,
    prompts=("annotate_cot.v1", "judge_cot.v1"),
    reply_tokens=(60, 150, 500),
    needs=("members",),
)
def verifiers(
    item: Item,
    annotation: Annotation,
    task: Task,
    prompts: Prompts,
    members: Sequence[str],
    *,
    judges: Annotated[int, Field(ge=0, le=20)] = 3,
    route: Route = "any",
) -> Steps[Judgment]:
    """
    Let several models answer afresh, and others judge the answers that contradict the label.

    Where all verifiers give the label that is there, nothing more is asked
    and the error probability is 0. Every other answer that any of them gives
    is put to all judges, each of which says how likely it is wrong. The error
    probability is how much they believe the answer that they believe most.

    Args:
        item: What was labelled.
        annotation: One that did not fail; verifiers do not see it.
        task: Gives the form of a label.
        prompts: Holds `annotate_cot.v1` and `judge_cot.v1`.
        members: The models: verifiers first, judges last.
        judges: How many of them judge; with none a contradiction is believed.
        route: Whose word counts: `any`, the judge who believes most; `all`,
            the one who believes least; `majority`, the one in the middle.

    Returns:
        The judgment, with the answer that is believed most as its suggestion
        and each verifier's distance from the label in `units`. Where none
        contradicts and some answer cannot be read it is 0.5. It failed, with
        the reply's status, if a call brought no reply or no judge can be read.

    Raises:
        ValueError: If no verifier is left.

    Source: Verifying the Verifiers (arXiv:2506.13342), the two panels and the
    rule `any`; judges by error probability, and the other rules, are ours.
    """
    asked, judging = members[: len(members) - judges], members[len(members) - judges :]
    if not asked:
        raise ValueError(f"{judges} judges of {len(members)} models leave no verifier. Name more models.")
    messages = prompts.messages("annotate_cot.v1", item, confidence=False)
    schema = annotation_schema(task, reasoning=True)
    replies = yield [Request(messages, schema, member=name) for name in asked]
    if failed := _lost(replies):
        return failed
    answers = [annotation_from(reply, task) for reply in replies]
    label = annotation.label or ""
    units = {
        name: 1.0 if one.label is None else task.distance(label, one.label)
        for name, one in zip(asked, answers, strict=True)
    }
    against = [one for one in answers if one.label is not None and not task.same(label, one.label)]
    if not against:
        unread = any(one.label is None for one in answers)
        return Judgment(0.5 if unread else 0.0, label, units=units)
    distinct = list({one.label: one for one in reversed(against) if one.label is not None}.values())[::-1]
    if not judging:
        return Judgment(1.0, distinct[0].label, distinct[0].rationale, units=units)
    return (yield from _judged(item, distinct, task, prompts, judging, route, units))


def _judged(
    item: Item,
    answers: Sequence[Annotation],
    task: Task,
    prompts: Prompts,
    judging: Sequence[str],
    route: Route,
    units: Mapping[str, float],
) -> Steps[Judgment]:
    schema = judgment_schema(task, reasoning=True)
    replies = yield [
        Request(
            prompts.messages("judge_cot.v1", item, annotation=task.show(answer.label or "")),
            schema,
            member=name,
        )
        for answer in answers
        for name in judging
    ]
    if failed := _lost(replies):
        return failed
    best: Judgment | None = None
    for number, answer in enumerate(answers):
        given = [judgment_from(reply, task) for reply in replies[number * len(judging) :][: len(judging)]]
        beliefs = [1 - one.error_probability for one in given if one.error_probability is not None]
        if not beliefs:
            continue
        believed = _ROUTES[route](beliefs)
        if best is None or believed > (best.error_probability or 0.0):
            best = Judgment(believed, answer.label, answer.rationale, units=units)
    return best or Judgment(None, status="invalid", units=units)


def _lost(replies: Sequence[Reply]) -> Judgment | None:
    """A failed judgment where a call brought nothing: the item is then tried again as a whole."""
    lost = next((one for one in replies if one.status == "provider_error"), None)
    return None if lost is None else Judgment(None, status=lost.status)
