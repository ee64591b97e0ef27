"""What `guideline.v1` is rendered from; its document stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.documents.guideline_facts import ConfusablePair, GuidelineFacts
from act_spec.documents.markdown import escape
from act_spec.documents.printable import shortened, visible
from act_spec.records import LabelDefinition, Task

MAX_EXAMPLE_CHARS = 600
MAX_PAIRS = 6
MAX_BOUNDARY_CASES = 12
_NOT_SHOWN = frozenset({"why", "label"})


def first_context(facts: GuidelineFacts) -> dict[str, Any]:
    """The values that the template names."""
    awaiting = frozenset(map(_folded, facts.awaiting))
    task = facts.task
    answer = {"type": "", **task.answer_schema()}
    sets = answer["type"] == "array" and "enum" in answer.get("items", {})
    composed = not sets and "enum" not in answer
    # Without definitions, or where answers are composed, a pair of labels explains nothing.
    comparable = bool(task.definitions) and not composed
    return {
        "title": facts.title,
        "recipe": facts.recipe,
        "recipe_hash": facts.recipe_hash[:8],
        "version": facts.version,
        "contact": facts.contact,
        "reviewers": facts.reviewers,
        "purpose": _paragraphs(facts.purpose),
        "question": task.question,
        "if_unsure": task.if_unsure,
        "answer_instruction": task.answer_instruction(),
        "guidance": task.guidance(),
        "several": sets,
        "may_be_empty": sets and not answer.get("minItems"),
        "composed": composed,
        "fields": facts.fields,
        "labels": [_label(definition, awaiting) for definition in task.definitions],
        "pairs": [_pair(pair, task, awaiting) for pair in facts.pairs[:MAX_PAIRS]] if comparable else [],
        "boundary_cases": _boundary_cases(facts, awaiting),
        "reviews": f"{facts.reviews:,}",
        "time": _time(facts.hours),
        "chosen": _paragraphs(facts.chosen),
        "simulated": facts.simulated,
    }


def _label(definition: LabelDefinition, awaiting: frozenset[str]) -> dict[str, Any]:
    return {
        "name": definition.name,
        "definition": definition.definition,
        "not_when": definition.not_when,
        "costly": definition.costly,
        "examples": _examples(definition.examples, awaiting),
        "near_misses": _examples(definition.near_misses, awaiting),
    }


def _examples(examples: Sequence[Mapping[str, Any]], awaiting: frozenset[str]) -> list[dict[str, str]]:
    return [_example(example) for example in examples if not _awaits(example, awaiting)]


def _example(example: Mapping[str, Any]) -> dict[str, str]:
    shown = {name: str(value) for name, value in example.items() if name not in _NOT_SHOWN}
    parts = [text if name == "text" else f"{name}: {text}" for name, text in shown.items()]
    return {
        "text": shortened("; ".join(parts), MAX_EXAMPLE_CHARS),
        "why": str(example.get("why") or ""),
        "label": str(example.get("label") or ""),
    }


def _awaits(example: Mapping[str, Any], awaiting: frozenset[str]) -> bool:
    texts = [str(value) for name, value in example.items() if name not in _NOT_SHOWN]
    return _all_await(texts, awaiting)


def _all_await(texts: Sequence[str], awaiting: frozenset[str]) -> bool:
    return bool(texts) and all(_folded(text) in awaiting for text in texts)


def _pair(pair: ConfusablePair, task: Task, awaiting: frozenset[str]) -> dict[str, Any]:
    known = {definition.name: _label(definition, awaiting) for definition in task.definitions}
    sides = []
    for label in (pair.label, pair.other):
        name = label if label in known else task.show(label)
        plain = {"name": name, "definition": "", "not_when": "", "near_misses": []}
        sides.append(known.get(name, plain))
    return {"sides": sides, "times": "once" if pair.count == 1 else f"{pair.count:,} times"}


def _boundary_cases(facts: GuidelineFacts, awaiting: frozenset[str]) -> list[dict[str, str]]:
    settled = [
        case
        for case in facts.boundary_cases
        if not _all_await([case.text], awaiting) and not _all_await(case.text.splitlines(), awaiting)
    ]
    return [
        {
            "text": shortened(case.text, MAX_EXAMPLE_CHARS),
            "label": case.label,
            "note": case.note,
        }
        for case in settled[:MAX_BOUNDARY_CASES]
    ]


def _folded(text: str) -> str:
    return visible(text).casefold()


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.replace("\r\n", "\n").split("\n\n") if escape(part)]


def _time(hours: float | None) -> str:
    if hours is None:
        return ""
    minutes = max(1, round(hours * 60))
    if minutes < 90:
        return "about a minute" if minutes == 1 else f"about {minutes} minutes"
    return f"about {hours:.1f} hours" if hours < 10 else f"about {hours:,.0f} hours"
