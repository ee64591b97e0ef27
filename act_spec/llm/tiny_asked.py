"""What the built-in model is asked beside a label: a yes or no, one of several letters, a wording of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_YES = frozenset({"yes", "true", "correct", "right", "agree"})
_NO = frozenset({"no", "false", "incorrect", "wrong", "disagree"})
_NOT = re.compile(r"\bnot\b|n't\b|\bfalse\b|\bwrong\b", re.IGNORECASE)


def shares(answers: Sequence[str], question: str, labels: Mapping[str, float]) -> dict[str, float]:
    """
    How probable each answer to a question is, as far as the question names labels.

    Args:
        answers: As the reply's schema offers them.
        question: The wording, with the meaning of letters if it has any.
        labels: Label to its probability.

    Returns:
        Answer to probability; equal ones where nothing can be made out.
    """
    if not set(answers) - labels.keys():
        return {answer: labels[answer] for answer in answers}
    yes_no = {answer: _meaning(answer) for answer in answers}
    if set(yes_no.values()) == {True, False}:
        yes = _yes(question, labels)
        return {answer: yes if meant else 1 - yes for answer, meant in yes_no.items()}
    return {answer: _named(_explained(answer, question), labels) for answer in answers}


def _meaning(answer: str) -> bool | None:
    word = answer.casefold().strip(" .!")
    return True if word in _YES else False if word in _NO else None


def _yes(question: str, labels: Mapping[str, float]) -> float:
    """Of the labels that the question names; the other way round where it is negated."""
    named = _named(question, labels)
    return 1 - named if _NOT.search(question) else named


def _named(text: str, labels: Mapping[str, float]) -> float:
    """The probability of all labels that a text names; a half where it names none or all."""
    words = _words(text)
    named = [name for name in labels if f" {_words(name)} " in f" {words} "]
    return sum(labels[name] for name in named) if 0 < len(named) < max(2, len(labels)) else 0.5


def _explained(answer: str, question: str) -> str:
    """What a question says behind a letter: `A. …`, `(A) …`, `A: …`, up to the end of the clause."""
    found = re.search(rf"(?<!\w){re.escape(answer)}\s*[.):=-]\s*([^\n,;]+)", question)
    return f"{answer} {found[1] if found else ''}"


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
