"""What came of the expectations of recipes: as text, as JSON, and as JUnit's XML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from act_spec.documents.printable import printable


@dataclass(frozen=True)
class Outcome:
    """
    One expectation, and what was found.

    Attributes:
        place: `file:line:column` of the expectation.
        expected: In words.
        found: In words; why it could not be told, where it could not.
        holds: Whether it does.
    """

    place: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True)
class Tested:
    """
    A recipe's expectations.

    Attributes:
        recipe: Its path.
        plan_hash: Of its plan.
        outcomes: One for each expectation, in order.
        seconds: That they took.
        stopped: Why the walk ended before its work was done; empty if it did not.
    """

    recipe: str
    plan_hash: str
    outcomes: tuple[Outcome, ...]
    seconds: float
    stopped: str = ""

    @property
    def failed(self) -> int:
        """Expectations that do not hold."""
        return sum(not one.holds for one in self.outcomes)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "recipe": self.recipe,
            "plan": self.plan_hash,
            "stopped": self.stopped or None,
            "expectations": [vars(one) for one in self.outcomes],
        }


def tested_text(tested: Sequence[Tested]) -> str:
    """Every expectation on a line, those that do not hold with what was found, and how many hold."""
    lines: list[str] = []
    for one in tested:
        lines.append(f"{one.recipe}   plan {one.plan_hash[:8]}")
        if one.stopped:
            lines.append(f"  stopped  {printable(one.stopped)}")
        if not one.outcomes:
            lines.append("  nothing is expected")
        lines += [_line(outcome) for outcome in one.outcomes]
    total, failed = sum(len(one.outcomes) for one in tested), sum(one.failed for one in tested)
    lines.append(f"{total - failed} of {total} expectations hold")
    return "\n".join(lines)


def _line(one: Outcome) -> str:
    if one.holds:
        return f"  holds    {printable(one.expected)}"
    return f"  not      {printable(one.expected)}: {printable(one.found)}   {one.place}"


def junit_xml(tested: Sequence[Tested]) -> bytes:
    """The same in the form that continuous integration reads."""
    top = ET.Element("testsuites", name="act-spec test")
    for one in tested:
        suite = ET.SubElement(
            top,
            "testsuite",
            name=printable(one.recipe),
            tests=str(len(one.outcomes)),
            failures=str(one.failed),
            errors="0",
            time=f"{one.seconds:.3f}",
        )
        for outcome in one.outcomes:
            case = ET.SubElement(
                suite, "testcase", classname=printable(one.recipe), name=printable(outcome.expected)
            )
            if not outcome.holds:
                failure = ET.SubElement(case, "failure", message=printable(outcome.found))
                failure.text = printable(f"{outcome.place}: {outcome.expected}: {outcome.found}")
    ET.indent(top)
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True)) + b"\n"
