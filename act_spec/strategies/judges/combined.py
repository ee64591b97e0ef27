"""Several judges as one: the weighted mean of what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from act_spec.records import Annotation, Item, Judgment, Lookup, Prompts, Steps, Task
from act_spec.registry import Entry, declared, find, most_calls, parameters, register
from act_spec.strategies.together import in_step


class Part(BaseModel):
    """
    One of the judges, with its weight; further keys are its own parameters.

    Attributes:
        name: With its version.
        weight: Beside those of the others.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(description="Name of a judge strategy.")
    weight: float = Field(1.0, gt=0, allow_inf_nan=False, description="Weight beside the others.")

    @model_validator(mode="before")
    @classmethod
    def _check(cls, value: Any) -> Any:
        """Parameters are checked and written in one way, so that equal parts have equal hashes."""
        given = {"name": value} if isinstance(value, str) else value
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            return given
        entry = _usable(given["name"])
        rest = {key: one for key, one in given.items() if key not in cls.model_fields}
        settings = parameters(entry).model_validate(rest)
        _check_columns(entry, dict(settings))
        own = {key: given[key] for key in given.keys() & {"weight"}}
        written = settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {"name": entry.full_name, **own, **written}

    @property
    def entry(self) -> Entry:
        """The registered judge."""
        return find("judge", self.name)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What its function takes as keywords."""
        return dict(parameters(self.entry).model_validate(self.model_extra or {}))


def _usable(name: str) -> Entry:
    try:
        entry = find("judge", name)
    except KeyError as error:
        raise ValueError(str(error.args[0])) from error
    if entry.name == "combined":
        raise ValueError("a combined judge cannot be part of another; name its parts here.")
    return entry


def _check_columns(entry: Entry, settings: Mapping[str, Any]) -> None:
    if entry.traits.get("lookup"):
        lookup: Lookup[Judgment] = entry.build(**settings)
        if lookup.columns:
            raise ValueError(f"'{entry.name}' reads columns, and only a judge of its own can.")


def _several(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if len(parts) < 2:
        raise ValueError("a mean takes at least two judges.")
    if all(part.entry.traits.get("lookup") for part in parts):
        raise ValueError("none of these judges asks a model; at least one must.")
    return parts


# Checked after the parts: a shortest length would be missed as well where a part is wrong.
Parts = Annotated[tuple[Part, ...], AfterValidator(_several)]


def _calls(chosen: Mapping[str, Any], members: int) -> int:
    return sum(most_calls(part.entry, part.settings, members) for part in chosen["judges"])


def _prompts(chosen: Mapping[str, Any]) -> tuple[str, ...]:
    named = (declared(part.entry, "prompts", part.settings, ()) for part in chosen["judges"])
    return tuple(dict.fromkeys(name for names in named for name in names))


def _logprobs(chosen: Mapping[str, Any]) -> bool:
    return any(declared(part.entry, "logprobs", part.settings) for part in chosen["judges"])


@register(
    "judge",
    "combined.v1",
    calls=_calls,
    prompts=_prompts,
    logprobs=_logprobs,
    reply_tokens=(12, 80, 500),
    votes=True,
)
def combined(
    item: Item, annotation: Annotation, task: Task, prompts: Prompts, *, judges: Parts
) -> Steps[Judgment]:
    """
    Ask several judges, and take the weighted mean of their error probabilities.

    sum of w*e / sum of w, with the weights as given. Their requests go out
    together, and equal ones are one call. Where one judgment fails, the whole
    fails with its status: a mean over the others would be another score.

    Args:
        item: What was labelled.
        annotation: One that did not fail.
        task: Gives the form of a label.
        prompts: Holds the judges' templates.
        judges: At least two strategies, each a name or a mapping with its
            weight and parameters. One that reads columns cannot be among them.

    Returns:
        The judgment, with the suggestion of the heaviest judge that names a
        label, and with every rationale under its judge's name.

    Each judge's own error probability stays in the judgment's `units`. With
    `calibrate: logistic` in the recipe, reviews decide the weights instead: a
    logistic mix of the judges, fitted on them and cross-fitted for measuring.

    Source: ours.
    """
    started = [_started(part, item, annotation, task, prompts) for part in judges]
    judgments = yield from in_step(started)
    return _mean(judges, judgments)


def _started(part: Part, item: Item, annotation: Annotation, task: Task, prompts: Prompts) -> Steps[Judgment]:
    if part.entry.traits.get("lookup"):
        return _read(part.entry.build(**part.settings), annotation, task)
    steps: Steps[Judgment] = part.entry.build(item, annotation, task, prompts, **part.settings)
    return steps


def _read(lookup: Lookup[Judgment], annotation: Annotation, task: Task) -> Steps[Judgment]:
    """A judge that asks nobody, as steps without a request."""
    yield from ()
    return lookup.settle((), task, annotation)


def _mean(parts: Sequence[Part], judgments: Sequence[Judgment]) -> Judgment:
    told = [
        f"{part.entry.name}: {one.rationale}"
        for part, one in zip(parts, judgments, strict=True)
        if one.rationale
    ]
    rationale = "\n\n".join(told) or None
    failed = next((one.status for one in judgments if one.status != "ok"), None)
    if failed is not None:
        return Judgment(None, rationale=rationale, status=failed)
    weighed = [(part.weight, one) for part, one in zip(parts, judgments, strict=True)]
    total = sum(weight for weight, _ in weighed)
    mean = sum(weight * (one.error_probability or 0.0) for weight, one in weighed) / total
    naming = [(weight, one.suggested_label) for weight, one in weighed if one.suggested_label is not None]
    suggested = max(naming, key=lambda pair: pair[0], default=(0.0, None))[1]
    units = {
        name: one.error_probability or 0.0 for name, one in zip(_told_apart(parts), judgments, strict=True)
    }
    return Judgment(min(1.0, mean), suggested, rationale, units=units)


def _told_apart(parts: Sequence[Part]) -> list[str]:
    """Each judge's name; a second one of that name has a number."""
    names = [part.entry.name for part in parts]
    return [
        f"{name}#{names[:index].count(name) + 1}" if name in names[:index] else name
        for index, name in enumerate(names)
    ]
