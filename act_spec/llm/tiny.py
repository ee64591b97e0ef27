"""
The built-in model `local/tiny`: no key, no download, no network, and not much of a mind.

It compares an item with the label texts in its prompt and replies as asked.
It knows nothing but the prompt, so its mistakes are honest ones: it cannot
tell a paraphrase, a negation or a side remark from what is meant. It shows
what a run looks like; its labels are not for use. `local/tiny-2` to
`local/tiny-9` see each item a little differently, for recipes that ask
several models.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, prod
from typing import Any

from act_spec.llm.tiny_asked import shares
from act_spec.llm.tiny_claim import claim_scores
from act_spec.llm.tiny_composed import composed
from act_spec.llm.tiny_likeness import likeness, pieces, words
from act_spec.llm.tiny_pair import pair_scores
from act_spec.llm.tiny_prompt import Understood, understand
from act_spec.llm.tiny_scores import scored
from act_spec.llm.tiny_teaching import pattern, taught
from act_spec.records import TokenScore

Fields = Mapping[str, Mapping[str, Any]]

_SHARPNESS = 24.0
"""From differences in similarity to odds; set so that stated probabilities are near the demo's shares."""
_NEAR = 0.6
"""Of several labels, those are given that are at least so like, in parts of the best."""
_LEAST = 0.05
"""Below this similarity, what is shared is chance."""
_ALONE = 0.1
"""A label that is asked about alone is likelier right than wrong from this similarity on."""
_WOBBLE = 0.03
"""How far, at most, a sample after the first shifts a similarity."""
_PERSUASION = 0.02
"""How far an annotator who gave a label shifts its similarity."""


_APART = 10_000
"""From the samples of one of the built-in models to those of the next; more than are ever taken."""


@dataclass(frozen=True)
class TinyReply:
    """The built-in model's reply, with scores of its words."""

    text: str
    tokens: tuple[TokenScore, ...]


def answer(
    messages: Sequence[Mapping[str, Any]], response_format: Mapping[str, Any] | None, *, sample: int = 0
) -> str:
    """The text of `reply`."""
    return reply(messages, response_format, sample=sample).text


def reply(
    messages: Sequence[Mapping[str, Any]], response_format: Mapping[str, Any] | None, *, sample: int = 0
) -> TinyReply:
    """
    The model's reply: JSON that meets the schema asked for, or a plain yes or no.

    As annotator it compares pieces of words; as judge, whole words, so that
    the two err differently.

    Args:
        messages: The conversation, as any provider gets it.
        response_format: OpenAI's `json_schema` format. Without a schema it
            says yes or no where the prompt asks for that, else replies with a
            label, or judges the annotation if it finds one.
        sample: Samples other than 0 see the item a little differently each.

    Returns:
        The same for the same arguments.
    """
    asked = _fields(response_format)
    read = understand(messages, _names(asked))
    fields = asked or _unasked(read)
    opinion = _Opinion(read, fields, sample)
    if not asked and read.verdict is not None:
        wrong = 1 - opinion.probability(_annotated(opinion))
        said = f"{read.verdict}{'yes' if wrong >= 0.5 else 'no'}"
        text = f"{_reason(opinion)}\n{said}" if read.verdict else said
        return TinyReply(text, scored(text, wrong))
    text = json.dumps({name: _value(name, fields[name], opinion) for name in fields}, ensure_ascii=False)
    return TinyReply(text, scored(text, None))


_LABELS = ("label", "suggested_label")
"""Fields whose answers are labels."""
_JUDGING = frozenset({"error_probability", "choice"})
"""Fields that only judges are asked for."""


def first_sample(model: str) -> int:
    """Where the samples of `tiny`, `tiny-2` and so on begin, so that each is a model with views of its own."""
    found = re.search(r"tiny-([2-9])$", model)
    return _APART * (int(found[1]) - 1) if found else 0


class _Opinion:
    """What the model makes of one prompt."""

    def __init__(self, read: Understood, fields: Fields, sample: int) -> None:
        view = words if _JUDGING & fields.keys() else pieces
        scores = (
            pair_scores(read, view)
            or claim_scores(read, view)
            or likeness(read.labels, view).scores(read.item)
        )
        self.scores = {
            name: score + _wobble(sample, name, read.item) + _PERSUASION * read.said.count(name)
            for name, score in scores.items()
        }
        self.best = max(self.scores, key=lambda name: self.scores[name], default="")
        self.several = any(schema.get("type") == "array" for schema in fields.values())
        self.read = read
        schema = next((fields[name] for name in _LABELS if name in fields), {})
        self.composed = composed(read, schema, view, _wobble(sample, "", read.item) / _WOBBLE)

    def answer(self) -> list[str]:
        """The best label; of several, those that come near it, or none."""
        if not self.several or self.best == self.read.alone:
            return [self.best]
        near = [name for name in self.scores if name != self.read.alone and self._margin(name) >= 0]
        return near or ([self.read.alone] if self.read.alone else [])

    def probability(self, answer: Sequence[str]) -> float:
        """How likely it thinks that an answer is right; of several labels, that exactly these are."""
        if self.several:
            applies = {name: self.applies(name) for name in self.scores}
            return prod(share if name in answer else 1 - share for name, share in applies.items())
        if len(self.scores) == 1:
            return sum(
                1 / (1 + exp(-_SHARPNESS * (score - _ALONE)))
                for name, score in self.scores.items()
                if name in answer
            )
        best = self.scores.get(self.best, 0.0)
        powers = {name: exp(_SHARPNESS * (score - best)) for name, score in self.scores.items()}
        return sum(powers.get(name, 0.0) for name in answer) / (sum(powers.values()) or 1.0)

    def applies(self, name: str) -> float:
        """How likely it thinks that one label of several applies."""
        return 1 / (1 + exp(-_SHARPNESS * self._margin(name))) if name in self.scores else 0.0

    def _margin(self, name: str) -> float:
        return self.scores[name] - max(_NEAR * self.scores[self.best], _LEAST)


def _value(name: str, schema: Mapping[str, Any], opinion: _Opinion) -> Any:
    """What it replies in one field."""
    if name == "choice":
        return _grade(_wrong(opinion), schema["enum"])
    if name == "parts":
        return _parts(schema, opinion)
    if name in _LABELS and opinion.composed is not None:
        return opinion.composed.answer
    if "enum" in schema:
        return _chosen(schema["enum"], opinion)
    if schema.get("type") == "array":
        return (
            taught(name, schema, opinion.read)
            or opinion.answer()
            or [opinion.best][: schema.get("minItems", 0)]
        )
    return round(_number(name, opinion), 4) if schema.get("type") == "number" else _said(name, opinion)


def _number(name: str, opinion: _Opinion) -> float:
    if name == "error_probability":
        return _wrong(opinion)
    if name == "missing":
        return _wrong(opinion) / 2
    return opinion.probability(opinion.answer()) if opinion.composed is None else opinion.composed.sure


def _wrong(opinion: _Opinion) -> float:
    """How likely it thinks the annotation is wrong."""
    if opinion.composed is not None:
        return 1 - opinion.composed.probability(opinion.read.annotation)
    return 1 - opinion.probability(_annotated(opinion))


def _parts(schema: Mapping[str, Any], opinion: _Opinion) -> list[dict[str, Any]]:
    """Of each part of an annotation, how likely it is wrong."""
    names = schema["items"]["properties"]["part"]["enum"]
    return [{"part": name, "error_probability": round(_part_wrong(name, opinion), 4)} for name in names]


def _part_wrong(name: str, opinion: _Opinion) -> float:
    if opinion.composed is not None:
        return _wrong(opinion) if opinion.composed.part is None else 1 - opinion.composed.part(name)
    applies = opinion.applies(name)
    return 1 - applies if name in _annotated(opinion) else applies


def _grade(wrong: float, grades: Sequence[str]) -> str:
    """The grade of doubt, of several that rise in equal steps."""
    return grades[min(int(wrong * len(grades)), len(grades) - 1)]


def _chosen(answers: Sequence[str], opinion: _Opinion) -> str:
    """Of the answers offered, the likeliest: labels themselves, or what the question makes of them."""
    if opinion.best in answers:
        return opinion.best
    labels = {name: opinion.probability([name]) for name in opinion.scores}
    likely = shares(answers, opinion.read.question, labels)
    return max(answers, key=lambda answer: likely[answer])


def _annotated(opinion: _Opinion) -> list[str]:
    """The labels that the annotation in the prompt names."""
    shown = opinion.read.annotation
    named = {part.strip() for part in shown.split(";")} if opinion.several else {shown}
    return [name for name in opinion.scores if name in named]


def _said(name: str, opinion: _Opinion) -> str:
    return pattern(opinion.read) if name == "pattern" else _reason(opinion)


def _reason(opinion: _Opinion) -> str:
    """A sentence on why, from what the model looks at and nothing else."""
    if opinion.composed is not None:
        return opinion.composed.why
    ranked = sorted(opinion.scores, key=lambda name: -opinion.scores[name])[:2]
    if not ranked or opinion.scores[ranked[0]] < _LEAST:
        return "The item shares next to nothing with any label's text."
    likes = " and ".join(f"{name} ({opinion.scores[name]:.2f})" for name in ranked)
    return f"By shared wording the item is most like {likes}."


def _fields(response_format: Mapping[str, Any] | None) -> Fields:
    wrapped: Mapping[str, Any] = (response_format or {}).get("json_schema") or {}
    fields: Fields = (wrapped.get("schema") or {}).get("properties") or {}
    return fields


def _unasked(read: Understood) -> Fields:
    """The fields of a reply that nobody gave a form to."""
    if read.annotation or read.verdict is not None:
        return {"error_probability": {"type": "number"}}
    return {"label": {"enum": [label.name for label in read.labels]}}


def _names(fields: Fields) -> list[str]:
    """The labels that a schema offers, in a field that is for labels; answers to a wording are none."""
    return next((names for name in _LABELS if (names := _enum(fields.get(name)))), [])


def _enum(schema: Any) -> list[str]:
    """The first list of words in a schema."""
    if isinstance(schema, Mapping):
        if "enum" in schema:
            return [str(name) for name in schema["enum"]]
        schema = list(schema.values())
    if not isinstance(schema, list):
        return []
    return next((names for part in schema if (names := _enum(part))), [])


def _wobble(sample: int, name: str, item: str) -> float:
    """A shift in [-_WOBBLE, _WOBBLE] that looks random and is the same every time; 0 for the first sample."""
    if sample == 0:
        return 0.0
    digest = hashlib.sha256(f"{sample}\n{name}\n{item}".encode()).digest()
    return _WOBBLE * (int.from_bytes(digest[:4]) / 2**31 - 1)
