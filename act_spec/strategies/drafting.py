"""Rules for a guideline, drafted by a model from what was argued; a person decides about each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from act_spec.records import Item, Prompts, Request, Status, Steps

PROMPT = "guideline_rules.v1"
MOST_RULES = 2
MOST_ARGUMENTS = 8
MAX_ARGUMENT_CHARS = 500
MAX_RULE_CHARS = 400
REPLY_TOKENS = (10, 70, 200)
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"rules": {"type": "array", "items": {"type": "string"}}},
    "required": ["rules"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Dispute:
    """
    Two labels that were confused, and what was argued.

    Attributes:
        label: A label's name.
        other: Another's; empty where the question was whether `label` applies at all.
        arguments: Of judges, each about one item that nobody is about to review.
    """

    label: str
    other: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Drafted:
    """The rules that a model drafted for a dispute; none, with the reply's status, if the call failed."""

    label: str
    other: str
    rules: tuple[str, ...]
    status: Status = "ok"


def draft_rules(dispute: Dispute, prompts: Prompts) -> Steps[Drafted]:
    """Ask once for the rules that would have settled a dispute."""
    messages = prompts.messages(PROMPT, as_item(dispute), label=dispute.label, other=dispute.other)
    [reply] = yield [Request(messages, _SCHEMA)]
    if reply.status != "ok" or reply.value is None:
        return Drafted(dispute.label, dispute.other, (), reply.status)
    return Drafted(dispute.label, dispute.other, _rules(reply.value["rules"]))


def as_item(dispute: Dispute) -> Item:
    """The arguments as an item, so that a prompt shows them as data that cannot speak for itself."""
    shown = (one[:MAX_ARGUMENT_CHARS] for one in dispute.arguments[:MOST_ARGUMENTS])
    name = f"{dispute.label} / {dispute.other}".rstrip(" /")
    return Item(name, {f"argument {number}": text for number, text in enumerate(shown, 1)})


def _rules(written: Sequence[str]) -> tuple[str, ...]:
    plain = (" ".join(rule.split())[:MAX_RULE_CHARS] for rule in written)
    return tuple(dict.fromkeys(rule for rule in plain if rule))[:MOST_RULES]
