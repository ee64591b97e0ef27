"""What `rounds` needs of the other sections, and what has no place beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from act_spec.errors import did_you_mean
from act_spec.recipe.nodes import KeyPath
from act_spec.recipe.rounds import Rounds
from act_spec.recipe.schema import Annotator, Budget, Data
from act_spec.tasks.kind import TaskKind


@dataclass(frozen=True)
class Found:
    """A fault between sections, at a path."""

    path: KeyPath
    message: str
    hint: str


def check_rounds(rounds: Rounds, sections: Mapping[str, Any]) -> Iterator[Found]:
    """The faults of a recipe with rounds; `sections` are those that are right by themselves."""
    if rounds.rounds() is None:
        what = "nothing says how many rounds there are."
        yield Found(("rounds",), what, "Write number: 5, or list the batches.")
    for key in ("judge", "judges", "pilot"):
        if sections.get(key):
            what = "rounds choose what is labelled, and nothing that the machine labels is judged in them."
            yield Found((key,), what, f"Leave out {'judge' if key == 'judges' else key}, or rounds.")
    if isinstance(sections.get("budget"), Budget):
        yield from _budget(sections["budget"])
    if isinstance(sections.get("annotator"), Annotator):
        yield from _examples(rounds, sections["annotator"])
    yield from _selector(rounds, sections.get("task"), sections.get("data"))


def _budget(budget: Budget) -> Iterator[Found]:
    if "rule" in budget.model_fields_set:
        what = "with rounds the selector says who is labelled by people, and no rule does."
        yield Found(("budget", "rule"), what, "Leave out the rule.")
    if budget.reviews == "auto":
        what = "rounds divide a fixed number of people's labels, and 'auto' is none."
        yield Found(("budget", "reviews"), what, "Write a number, or a share of the items.")


def _examples(rounds: Rounds, annotator: Annotator) -> Iterator[Found]:
    if rounds.examples == "strategy":
        return
    strategy = annotator.strategy
    if "pool" not in strategy.entry.traits.get("needs", ()):
        what = f"'{strategy.entry.name}' shows no examples, and rounds.examples gives it some."
        yield Found(("rounds", "examples"), what, "Take annotator.strategy: few_shot.")
    elif strategy.parameters.get("source") is not None:
        what = "the strategy takes its examples from a file, and rounds.examples from this run."
        yield Found(("rounds", "examples"), what, "Keep one of them.")


def _selector(rounds: Rounds, task: Any, data: Any) -> Iterator[Found]:
    entry, place = rounds.select.entry, ("rounds", "select")
    if entry.traits.get("student") and isinstance(task, TaskKind) and task.target_form() is None:
        what = f"'{entry.name}' asks a trained student, and nothing is trained for {task.kind}."
        yield Found(place, what, "Take random or k_means.")
    if not entry.traits.get("trials") or not isinstance(data, Data):
        return
    if data.gold is None:
        what = f"'{entry.name}' counts right answers, and data.gold is not given."
        yield Found(place, what, "Name the column of known answers, or take another selector.")
    removed = rounds.select.parameters["without"]
    for index, name in enumerate(removed):
        if name not in data.show:
            what = f"'{name}' is not one of the fields that data.show shows."
            yield Found((*place, "without", index), what, did_you_mean(name, list(data.show)))
    if not removed or set(removed) >= set(data.show):
        what = "some fields must be removed, and some must stay."
        yield Found((*place, "without"), what, "Name a part of the shown fields.")
