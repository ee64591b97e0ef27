"""
What experience says about this very recipe: advice, never an error.

Seven pieces come from a study of annotation with criticism (ACT, arXiv
2511.09833, November 2025) and are told as that study's findings, with its
models; the others are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from act_spec.recipe.by_name import Strategy
from act_spec.recipe.load import LoadedRecipe
from act_spec.recipe.nodes import Place
from act_spec.recipe.schema import Recipe, Role
from act_spec.recipe.silence import CODES

_BEST = re.compile(r"gpt-4o(?!-mini)")
_OTHERS = re.compile(r"claude-3[.-]5-sonnet|gemini-1\.5-pro|llava|qwen2\.5-?vl|internvl2[._]5", re.IGNORECASE)
_SMALL = re.compile(r"(?<![a-z])(?:mini|nano|lite|flash|haiku|small)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class Advice:
    """
    One piece of advice on a recipe.

    Attributes:
        code: What silences it, in `silence: [code]`.
        path: The part of the recipe that it is about.
        sentence: What and why.
        place: Where that part stands.
    """

    code: str
    path: str
    sentence: str
    place: Place

    def __str__(self) -> str:
        where = f"{self.place.file}:{self.place.line}:{self.place.column}"
        return f"{where}: {self.path}: {self.sentence} To silence: silence: [{self.code}]."


def advise(loaded: LoadedRecipe) -> list[Advice]:
    """The advice that applies to a recipe and that it has not silenced, in the order of the recipe."""
    recipe = loaded.recipe
    found = [
        Advice(code, path, CODES[code], loaded.places.at(path))
        for code, (path, applies) in _ADVICE.items()
        if code not in recipe.silence and applies(recipe)
    ]
    return sorted(found, key=lambda advice: (advice.place, advice.code))


def _plain(strategy: Strategy) -> str:
    return strategy.name.partition(".v")[0]


def _model(role: Role | None) -> str:
    """A role's model without its provider; empty if it asks none."""
    return (role.model or "").rpartition("/")[2] if role else ""


def _other_than_the_best(recipe: Recipe) -> bool:
    return bool(_OTHERS.search(_model(recipe.annotator)))


def _cot_annotator(recipe: Recipe) -> bool:
    return _plain(recipe.annotator.strategy) == "cot"


def _judge_without_cot(recipe: Recipe) -> bool:
    return recipe.judge is not None and _plain(recipe.judge.strategy) == "direct"


def _self_criticism(recipe: Recipe) -> bool:
    return bool(_model(recipe.judge)) and _model(recipe.judge) == _model(recipe.annotator)


def _white_box(recipe: Recipe) -> bool:
    return recipe.judge is not None and bool(recipe.judge.strategy.entry.traits.get("white_box"))


def _normalized(recipe: Recipe) -> bool:
    return _plain(recipe.budget.rule) == "normalized"


def _strong_judge(recipe: Recipe) -> bool:
    annotator, judge = _model(recipe.annotator), _model(recipe.judge)
    if not annotator or not judge or annotator == judge:
        return False
    smaller = bool(_SMALL.search(annotator)) and not _SMALL.search(judge)
    return smaller or bool(_BEST.search(judge) and _OTHERS.search(annotator))


def _no_judge(recipe: Recipe) -> bool:
    return not recipe.candidates and recipe.rounds is None and _plain(recipe.budget.rule) != "uniform"


def _uniform(recipe: Recipe) -> bool:
    return bool(recipe.candidates) and _plain(recipe.budget.rule) == "uniform"


def _no_audit(recipe: Recipe) -> bool:
    if recipe.rounds is not None and (
        recipe.rounds.select.entry.traits.get("drawn") or not recipe.budget.reviews
    ):
        return False
    draws = recipe.budget.rule.entry.traits.get("audit", True)
    return bool(draws) and not recipe.budget.audit.fraction


def _no_definitions(recipe: Recipe) -> bool:
    definitions = getattr(recipe.task, "definitions", ())
    return sum(not label.definition for label in definitions) * 2 > len(definitions)


def _no_if_unsure(recipe: Recipe) -> bool:
    return not recipe.task.if_unsure


def _no_cap(recipe: Recipe) -> bool:
    roles = (recipe.annotator, *recipe.candidates)
    asked = [(role.model, role.api_base) for role in roles]
    asked += [(member.model, member.api_base or role.api_base) for role in roles for member in role.models]
    # Models of one's own machine cost nothing that a cap could hold.
    paid = any(
        model and api_base is None and not model.startswith(("local/", "ollama")) for model, api_base in asked
    )
    return paid and recipe.budget.spend_usd is None


def _no_id(recipe: Recipe) -> bool:
    # The files of a folder have their names.
    return recipe.data.id is None and not recipe.data.source.endswith("/")


_ADVICE: Mapping[str, tuple[str, Callable[[Recipe], bool]]] = {
    "annotator-choice": ("annotator.model", _other_than_the_best),
    "cot-annotator": ("annotator.strategy", _cot_annotator),
    "judge-without-cot": ("judge.strategy", _judge_without_cot),
    "self-criticism": ("judge.model", _self_criticism),
    "white-box-judge": ("judge.strategy", _white_box),
    "normalized-rule": ("budget.rule", _normalized),
    "strong-judge": ("judge.model", _strong_judge),
    "no-judge": ("budget.rule", _no_judge),
    "uniform-rule": ("budget.rule", _uniform),
    "no-audit": ("budget.audit", _no_audit),
    "no-definitions": ("task.labels", _no_definitions),
    "no-if-unsure": ("task", _no_if_unsure),
    "no-cap": ("budget", _no_cap),
    "no-id": ("data", _no_id),
}
