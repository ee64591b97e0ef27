"""Discussions for tests: scripted agents on one item."""

from __future__ import annotations

from scripted import labelled, prompts_for, rounds

from act_spec.records import Item
from act_spec.strategies.annotators.discussion import discussion
from act_spec.tasks.classification import Classification

ITEM = Item("1", {"text": "Broke at once."})
LABELS = ("a", "b", "c")
THREE = Classification(question="Which?", labels={label: {} for label in LABELS})


def replies(*labels):
    """A round of replies, one an agent, each with a reason of its own."""
    return [labelled(label, why=f"Since {label}.", key=f"{label}{at}") for at, label in enumerate(labels)]


def run(*batches, task=THREE, **parameters):
    """What agents who reply so ask at each step, and their record."""
    members = [f"m/{at}" for at in range(len(batches[0]))]
    return rounds(discussion(ITEM, task, prompts_for(task), members, **parameters), *batches)
