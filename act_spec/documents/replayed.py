"""What a replay found, as text for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from act_spec.documents.printable import printable

if TYPE_CHECKING:
    from act_spec.store.recording import Compared


@dataclass(frozen=True)
class Replayed:
    """
    What came of a replay.

    Attributes:
        name: Of the recipe.
        plan_hash: Of the plan that was replayed.
        replies: Recorded replies that stood in for calls.
        answers: Recorded answers of people.
        tables: Each compared row by row.
        documents: Name to whether its bytes are equal.
        versions: Package to (then, now), where they differ.
    """

    name: str
    plan_hash: str
    replies: int
    answers: int
    tables: tuple[Compared, ...]
    documents: Mapping[str, bool]
    versions: Mapping[str, tuple[str, str]]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return all(one.equal == one.total for one in self.tables) and all(self.documents.values())

    @property
    def figures(self) -> Compared:
        """The run's figures."""
        return next(one for one in self.tables if one.name == "metrics")

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "format": 1,
            "name": self.name,
            "plan": self.plan_hash,
            "equal": self.equal,
            "replies": self.replies,
            "answers": self.answers,
            "tables": {
                one.name: {"equal": one.equal, "total": one.total, "differing": list(one.differing)}
                for one in self.tables
            },
            "documents": dict(self.documents),
            "versions": {name: {"then": then, "now": now} for name, (then, now) in self.versions.items()},
        }


def replay_text(replayed: Replayed) -> str:
    """The replay for a terminal: what stood in for what, how much is equal, and by name what is not."""
    lines = [
        f"{replayed.name}   plan {replayed.plan_hash[:8]}   nothing was called",
        f"  {'from':<13} {replayed.replies:,} recorded replies, {replayed.answers:,} answers of people",
        *(f"  {one.name:<13} {_counted(one)}" for one in replayed.tables if one.name != "metrics"),
    ]
    same = [name for name, equal in replayed.documents.items() if equal]
    other = [name for name, equal in replayed.documents.items() if not equal]
    said = f"{len(same)} of {len(replayed.documents)} equal, byte for byte"
    lines.append(f"  {'documents':<13} {said}" + (f"; not {', '.join(other)}" if other else ""))
    if replayed.versions:
        changed = ", ".join(
            f"{name} {then}, here {now}" for name, (then, now) in sorted(replayed.versions.items())
        )
        lines.append(f"  {'versions':<13} {printable(changed)}")
    return "\n".join([*lines, f"{_counted(replayed.figures, 'figures ')}."])


def _counted(one: Compared, what: str = "") -> str:
    text = f"{one.equal:,} of {one.total:,} {what}equal"
    if not one.differing:
        return text
    more = ", …" if one.total - one.equal > len(one.differing) else ""
    return f"{text}; not {printable(', '.join(one.differing))}{more}"
