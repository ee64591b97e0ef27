"""The runs of a matrix side by side: a line a setting, repeats as a mean with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from act_spec import resources
from act_spec.documents.page import html_page
from act_spec.documents.printable import each_text, printable, visible
from act_spec.templating import render

FRONT = "front"
SHOWN = ("machine_accuracy", "auroc", "gain", "reviewed_share", "final_accuracy", "estimated_final_accuracy")
"""Figures of the table, those of them that any run has."""


@dataclass(frozen=True)
class Averaged:
    """
    A figure of one setting.

    Attributes:
        mean: Over the repeats that have it.
        low: Of the mean's 95% interval, by Student's t; None where fewer than two repeats have it.
        high: Likewise.
        runs: How many repeats have it.
    """

    mean: float
    low: float | None
    high: float | None
    runs: int


@dataclass(frozen=True)
class SettingFacts:
    """
    One setting.

    Attributes:
        setting: Its varied parameters.
        figures: By name.
        on_front: Whether no other setting has as good labels for fewer
            reviews, or better ones for as many; None where neither is known.
    """

    setting: Mapping[str, str]
    figures: Mapping[str, Averaged]
    on_front: bool | None = None


@dataclass(frozen=True)
class MatrixFacts:
    """
    A matrix after its walk.

    Attributes:
        name: Of the recipe.
        folder: Of the run.
        repeats: How often each setting was run.
        settings: In the order as written.
        calls: Of all runs together.
        cost_usd: Of all calls; None where a price is unknown.
    """

    name: str
    folder: str
    repeats: int
    settings: tuple[SettingFacts, ...]
    calls: int
    cost_usd: float | None

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "format": 1,
            "name": self.name,
            "repeats": self.repeats,
            "calls": self.calls,
            "cost_usd": self.cost_usd,
            "settings": [
                {
                    "setting": dict(one.setting),
                    "figures": {name: vars(figure) for name, figure in one.figures.items()},
                    "on_front": one.on_front,
                }
                for one in self.settings
            ],
        }


def matrix_text(facts: MatrixFacts) -> str:
    """The comparison for a terminal."""
    rows = _table(facts)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_headline(facts)]
    lines += [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [_note(facts)]
    return "\n".join(lines)


def matrix_html(facts: MatrixFacts) -> str:
    """The comparison as one self-contained page."""
    name = "matrix.v1.html"
    head, *rows = _table(facts)
    context = {
        "headline": _headline(facts),
        "note": _note(facts),
        "head": head,
        "names": len(_names(facts)),
        "rows": rows,
    }
    body = render(name, resources.template(name), each_text(context, visible), html=True)
    return html_page(f"{facts.name}: settings compared", body)


def _headline(facts: MatrixFacts) -> str:
    runs = len(facts.settings) * facts.repeats
    cost = "an unknown sum" if facts.cost_usd is None else f"${facts.cost_usd:,.2f}"
    return (
        f"{printable(facts.name)}: {len(facts.settings):,} settings, {facts.repeats:,} runs each, {runs:,} in all; "
        f"{facts.calls:,} calls for {cost}."
    )


def _note(facts: MatrixFacts) -> str:
    simulated = "Reviewers were simulated from the known answers."
    if any(one.on_front for one in facts.settings):
        simulated = f"{FRONT}: no other setting has better labels for as few reviews. {simulated}"
    if facts.repeats < 2:
        return f"One run each, so nothing tells chance from difference. {simulated}"
    return f"Brackets: 95% intervals of the mean over the repeats (Student's t). {simulated}"


def _names(facts: MatrixFacts) -> list[str]:
    return list(facts.settings[0].setting) if facts.settings else []


def _table(facts: MatrixFacts) -> list[list[str]]:
    names = _names(facts)
    shown = [name for name in SHOWN if any(name in one.figures for one in facts.settings)]
    told = any(one.on_front is not None for one in facts.settings)
    rows = [[*names, *shown, *([FRONT] if told else [])]]
    for one in facts.settings:
        settings = [printable(one.setting[name]) for name in names]
        front = ["yes" if one.on_front else ""] if told else []
        rows.append([*settings, *(_figure(one.figures.get(name)) for name in shown), *front])
    return rows


def _figure(figure: Averaged | None) -> str:
    if figure is None:
        return "-"
    interval = "" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]"
    return f"{figure.mean:.3f}{interval}"


def matrix_csv(facts: MatrixFacts) -> bytes:
    """Every figure of every setting: one row each, as UTF-8 with a byte order mark."""
    names = _names(facts)
    lines = [[*names, "metric", "mean", "low", "high", "runs"]]
    for one in facts.settings:
        for name, figure in one.figures.items():
            ends = ["" if end is None else repr(end) for end in (figure.mean, figure.low, figure.high)]
            lines.append([*(one.setting[axis] for axis in names), name, *ends, str(figure.runs)])
    return ("\ufeff" + "".join(_csv_line(line) for line in lines)).encode()


def _csv_line(cells: Sequence[str]) -> str:
    quoted = ('"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell for cell in cells)
    return ",".join(quoted) + "\r\n"
