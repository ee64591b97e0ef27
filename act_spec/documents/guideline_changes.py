"""What has changed from one version of a guideline to the next: both as plain values, and their differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from act_spec.documents.guideline_facts import Change, GuidelineFacts
from act_spec.records import sha256

MAX_QUOTED_CHARS = 300
_TEXTS = ("title", "question", "if_unsure", "contact", "fields")


def snapshot(facts: GuidelineFacts) -> dict[str, Any]:
    """
    All of a guideline that can change an answer, as a value that JSON holds.

    Examples are kept as hashes: one that is an item under review must not
    come to light because it is gone.
    """
    task = facts.task
    return {
        "title": facts.title,
        "question": task.question,
        "if_unsure": task.if_unsure,
        "purpose": facts.purpose,
        "contact": facts.contact,
        "fields": ", ".join(facts.fields),
        "answer": [
            task.answer_form().instruction or task.answer_instruction(),
            list(task.guidance()),
            dict(facts.own),
        ],
        "labels": {
            one.name: {
                "definition": one.definition,
                "not_when": one.not_when,
                "costly": one.costly,
                "examples": sha256(
                    [[dict(example) for example in kind] for kind in (one.examples, one.near_misses)]
                ),
            }
            for one in task.definitions
        },
        "order": [one.name for one in task.definitions],
        "rules": {str(rule.number): rule.text for rule in facts.rules},
        "cases": {case.item: case.label for case in facts.boundary_cases},
        "pairs": [[pair.label, pair.other, pair.count] for pair in facts.pairs],
        "round": facts.round,
        "review": [facts.reveal, facts.overlap, facts.settling],
    }


def changes_since(
    before: Mapping[str, Any] | None, facts: GuidelineFacts, *, withheld: bool = False
) -> tuple[Change, ...]:
    """
    What is new against an earlier version; never empty, because a version is only made where the text differs.

    Args:
        before: The earlier version's `snapshot`; None if it was not kept.
        facts: Of the version to be made.
        withheld: Whether other examples are left out than before.
    """
    if before is None:
        return (Change("unknown"),)
    found = list(_changes(before, snapshot(facts), facts))
    if withheld and Change("withheld") not in found:
        found.append(Change("withheld"))
    return tuple(found) or (Change("wording"),)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], facts: GuidelineFacts) -> Iterator[Change]:
    yield from (
        Change(key, before=_cut(before[key]), after=_cut(after[key]))
        for key in _TEXTS
        if before[key] != after[key]
    )
    yield from (Change(key) for key in ("purpose", "answer") if before[key] != after[key])
    yield from _labels(before, after)
    yield from _rules(before["rules"], after["rules"])
    yield from _cases(before["cases"], after["cases"], facts)
    yield from (Change(key) for key in ("pairs", "round", "review") if before[key] != after[key])


def _labels(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = before["labels"], after["labels"]
    yield from (Change("label_added", name) for name in new if name not in old)
    yield from (Change("label_removed", name) for name in old if name not in new)
    kept = [name for name in after["order"] if name in old]
    if kept != [name for name in before["order"] if name in new]:
        yield Change("label_order")
    for name in kept:
        for key in ("definition", "not_when"):
            if old[name][key] != new[name][key]:
                yield Change(key, name, _cut(old[name][key]), _cut(new[name][key]))
        yield from (Change(key, name) for key in ("costly", "examples") if old[name][key] != new[name][key])


def _rules(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    yield from (Change("rule_added", after=text) for number, text in new.items() if number not in old)
    yield from (Change("rule_removed", before=text) for number, text in old.items() if number not in new)


def _cases(old: Mapping[str, str], new: Mapping[str, str], facts: GuidelineFacts) -> Iterator[Change]:
    shown = {case.item: case.text for case in facts.boundary_cases}
    for item, label in new.items():
        if item in old and old[item] != label:
            yield Change("case_changed", _cut(shown[item]), old[item], label)
    if added := len(new.keys() - old.keys()):
        yield Change("cases", count=added)
    # How many went, or which, could tell that they have to do with items under review.
    if old.keys() - new.keys():
        yield Change("withheld")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_QUOTED_CHARS else text[: MAX_QUOTED_CHARS - 1].rstrip() + "…"
