"""How systems stood on a benchmark's labels as they were, and how they stand on what an audit left of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from act_spec.records import Labelled, Metric
from act_spec.tasks.parts.classes import class_scores

Pairs = list[tuple[str | None, str]]


def standing_figures(
    rows: Iterable[Labelled], systems: Sequence[str], parse: Callable[[str], str], labels: Sequence[str]
) -> Iterator[Metric]:
    """
    For each system `scored_before:…` and `scored_after:…` (macro F1), `rank_before:…` and `rank_after:…`.

    Before is against the labels that were there, after against the delivered
    ones without the items that people called ambiguous. Of these,
    `ambiguous_called:SYSTEM:LABEL` is the share to which the system gives a
    label. An answer that cannot be read is wrong, and counted
    (`scored_unreadable:…`).

    Args:
        rows: Items with their labels, and the systems' answers in `columns`.
        systems: Columns of the answers.
        parse: From an answer to a label; raises ValueError for what is none.
        labels: What can be answered.
    """
    listed = list(rows)
    answers = {name: [_read(row.columns.get(name), parse) for row in listed] for name in systems}
    before = {name: _pairs(answers[name], [row.machine for row in listed]) for name in systems}
    clear = [None if row.outcome == "ambiguous" else row.final for row in listed]
    after = {name: _pairs(answers[name], clear) for name in systems}
    for when, pairs in (("before", before), ("after", after)):
        scores = {name: class_scores(pairs[name], labels) for name in systems}
        for name, score in scores.items():
            if score is None:
                yield Metric(f"scored_{when}:{name}", None, note="there are no labels to score it on")
                continue
            note = f"macro F1 over {len(pairs[name]):,} items; balanced accuracy {score[1]:.3f}"
            yield Metric(f"scored_{when}:{name}", score[0], note=note)
            better = sum(other is not None and other[0] > score[0] for other in scores.values())
            yield Metric(f"rank_{when}:{name}", float(1 + better), note=f"of {len(systems)}, by macro F1")
    gray = [number for number, row in enumerate(listed) if row.outcome == "ambiguous"]
    for name in systems:
        if unread := answers[name].count(None):
            yield Metric(f"scored_unreadable:{name}", float(unread), note=f"of {len(listed):,} answers")
        for label in labels if gray else ():
            called = sum(answers[name][number] == label for number in gray)
            note = f"of {len(gray):,} ambiguous items"
            yield Metric(f"ambiguous_called:{name}:{label}", called / len(gray), note=note)


def _read(answer: str | None, parse: Callable[[str], str]) -> str | None:
    try:
        return None if answer is None else parse(answer)
    except ValueError:
        return None


def _pairs(answers: Sequence[str | None], labels: Sequence[str | None]) -> Pairs:
    return [(answer, label) for answer, label in zip(answers, labels, strict=True) if label is not None]
