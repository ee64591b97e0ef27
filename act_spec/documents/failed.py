"""Which items failed and why, for a terminal: a few by name, and how to see them all."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from act_spec.documents.printable import printable
from act_spec.plan.wording import amount

SHOWN = 3
"""Items of one kind of failure that are named."""
_VIEWS = {"annotate": "annotations", "judge": "judgments"}
_RETRIED = "; the next run tries them again"


@dataclass(frozen=True)
class Failures:
    """
    Items that failed alike.

    Attributes:
        stage: `annotate` or `judge`.
        status: Why, in one word.
        items: How many.
        first: The first few ids, with the reason as far as it is known.
    """

    stage: str
    status: str
    items: int
    first: Sequence[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The same for JSON."""
        first = [{"item_id": item_id, "reason": reason or None} for item_id, reason in self.first]
        return {**asdict(self), "first": first}


def failed_lines(failures: Sequence[Failures], folder: str, width: int) -> list[str]:
    """A line for each kind of failure, one for each item that is named, and the query that shows the others."""
    lines, below = [], " " * (width + 2)
    for one in failures:
        again = _RETRIED if one.status == "provider_error" else ""
        lines.append(f"  {'failed':<{width}}{amount(one.items, 'item')}, {one.stage}: {one.status}{again}")
        for item_id, reason in one.first:
            why = f": {printable(reason, 80)}" if reason else ""
            lines.append(f"{below}{printable(item_id)}{why}")
        if one.items > len(one.first):
            query = f"from {_VIEWS[one.stage]} where status = '{one.status}'"
            lines.append(f'{below}all: duckdb {shlex.quote(f"{folder}/run.duckdb")} "{query}"')
    return lines
