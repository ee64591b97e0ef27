"""Which passages the built-in model marks: names, numbers and words of the examples, by what they look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from math import exp, prod
from typing import Any

from act_spec.llm.tiny_likeness import View, likeness, pieces, words
from act_spec.llm.tiny_prompt import LabelText, Understood

_FIELD = re.compile(r'passage of the field "([^"\n]*)"')
NAME = re.compile(r"[A-Z][\w'-]*(?:\s+(?:(?:of|the|de|van|von)\s+)?[A-Z][\w'-]*)*")
_NUMBER = re.compile(r"\d[\d.,:/]*(?:\s?%|\s+[^\W\d]+)?")
_WORD = re.compile(r"[^\W\d_]+")
_SHOWN = re.compile(r"(.+?)\s@\s(\d+)\s\[([^\[\]]+)\](?:; |$)", re.DOTALL)
_SHAPE = 0.25
"""How much it weighs that a passage has the shape of an example, beside having its pieces."""
_LEAST = 0.12
_SURE = 0.75
"""How sure it is that there is nothing to mark."""
_UNMARKED = 0.25
"""How right a passage is that it would not mark so."""
_SHARPNESS = 12.0

Passages = tuple[list[dict[str, Any]], float, Callable[[str], float], str, Callable[[str], float]]


def passages(read: Understood, view: View, shift: float) -> Passages:
    """
    The passages that it marks, how sure it is, how like others' are, why, and how right each of others' is.

    See `tiny_composed.Composed`.
    """
    named = _FIELD.search(read.told)
    text = read.fields.get(named[1], read.item) if named else read.item
    least = _LEAST * (1 + 0.3 * shift)
    own: dict[tuple[str, int, str], float] = {}
    for start, end in _candidates(text, read.labels):
        label, score, lead = _label(text, start, end, read.labels, view)
        if label and score >= least:
            own[text[start:end], start, label] = 1 / (1 + exp(-_SHARPNESS * min(lead, score - least)))
    marked = [{"label": label, "text": passage, "start": start} for passage, start, label in own]

    def like(shown: str) -> float:
        others = set(_read(shown))
        return 2 * len(own.keys() & others) / (len(own) + len(others)) if own or others else 1.0

    def part(shown: str) -> float:
        return next((own.get(one, _UNMARKED) for one in _read(shown)), _UNMARKED)

    found = ", ".join(f"{passage} as {label}" for passage, _, label in list(own)[:3])
    why = f"By wording and shape it marks {found}." if found else "Nothing looks like the labels."
    return marked, prod(own.values()) if own else _SURE, like, why, part


def _read(shown: str) -> list[tuple[str, int, str]]:
    """Passages as prompts show them."""
    return [(found[1], int(found[2]), found[3]) for found in _SHOWN.finditer(shown)]


def _candidates(text: str, labels: Sequence[LabelText]) -> Iterator[tuple[int, int]]:
    """Places that may be passages, from left to right, none in another."""
    known = {
        word.casefold()
        for label in labels
        for line in label.like[2:]
        for word in _WORD.findall(line)
        if len(word) > 3
    }
    found = [without_common(match) for match in NAME.finditer(text)]
    found += [match.span() for match in _NUMBER.finditer(text)]
    found += [match.span() for match in _WORD.finditer(text) if match[0].casefold() in known]
    last = 0
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if last <= start < end:
            yield start, end
            last = end


def without_common(name: re.Match[str]) -> tuple[int, int]:
    """A name without a common word in front, which has its capital from the beginning of a sentence."""
    start, end = name.span()
    first = _WORD.match(name[0])
    if first is not None and not words(first[0]):
        rest = name[0][first.end() :]
        start += first.end() + len(rest) - len(rest.lstrip())
    return start, end


def _label(
    text: str, start: int, end: int, labels: Sequence[LabelText], view: View
) -> tuple[str, float, float]:
    """The likeliest label of a passage, its score, and its lead over the next."""
    passage = text[start:end]
    near = text[max(0, start - 25) : end + 15]
    scores = likeness(tuple(labels), pieces).scores(passage)
    around = likeness(tuple(labels), view).scores(near)
    for label in labels:
        shapes = [_shape(line) for line in label.like[2:]]
        alike = shapes.count(_shape(passage)) / len(shapes) if shapes else 0.0
        scores[label.name] += _SHAPE * alike + around[label.name] / 2
    first, second = (*sorted(scores.values(), reverse=True), 0.0, 0.0)[:2]
    return max(scores, key=lambda name: scores[name], default=""), first, first - second


def _shape(text: str) -> str:
    """Capital words, small ones and numbers, as `X x 9`; runs of the same are one."""
    kinds = ["9" if word[0].isdigit() else "X" if word[0].isupper() else "x" for word in text.split()]
    return "".join(kind for number, kind in enumerate(kinds) if number == 0 or kinds[number - 1] != kind)
