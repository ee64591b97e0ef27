"""What may not be quoted in a guideline: the items that still await review."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from act_spec.documents.printable import visible

_WHOLE_FROM = 5
"""Words from which an item's text inside another text is a quotation, and no chance."""
_QUOTED = 6
"""Words in a row that make a quotation of a text that a model wrote."""


class Withheld:
    """
    The texts of items that await review, each shown field on its own.

    What people chose to show, examples and settled cases, is compared as a
    whole; what a model wrote may hold no run of words of an item.
    """

    def __init__(self, texts: Collection[str]) -> None:
        """Fold the texts once."""
        self._texts = frozenset(text for text in map(_folded, texts) if text)
        self._long = [text for text in self._texts if len(text.split()) >= _WHOLE_FROM]
        self._runs: frozenset[tuple[str, ...]] | None = None

    def holds(self, texts: Sequence[str]) -> bool:
        """Whether an example with these fields is an item that awaits review, or quotes one whole."""
        folded = [text for text in map(_folded, texts) if text]
        if folded and all(text in self._texts for text in folded):
            return True
        long = [text for text in folded if len(text.split()) >= _WHOLE_FROM]
        return any(item in text or text in item for text in long for item in self._long)

    def is_quoted_in(self, text: str) -> bool:
        """Whether a text repeats six words in a row of an item, or all of a shorter one."""
        if self._runs is None:
            self._runs = frozenset(run for item in self._texts for run in _runs(item))
        words = _words(text)
        return any(
            tuple(words[start : start + size]) in self._runs
            for size in range(2, _QUOTED + 1)
            for start in range(len(words) - size + 1)
        )


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _words(text)
    if 2 <= len(words) <= _QUOTED:
        yield tuple(words)
    for start in range(len(words) - _QUOTED + 1):
        yield tuple(words[start : start + _QUOTED])


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in _folded(text)).split()


def _folded(text: str) -> str:
    return visible(text).casefold()
