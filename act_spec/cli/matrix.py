"""Runs of a matrix: planned together, agreed to once, walked one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from act_spec.cli.choose import next_line

if TYPE_CHECKING:
    from act_spec.plan.model import Plan, Range
    from act_spec.recipe.load import LoadedRecipe
    from act_spec.run.matrix import CellPlan


def cost_of_all(plans: Sequence[Plan]) -> Range | None:
    """What the calls of all runs cost: stages of one key share theirs. None where a price is unknown."""
    from act_spec.plan.model import Range

    stages = {role.key: role for plan in plans for role in plan.roles}
    total = Range(0, 0, 0)
    for role in stages.values():
        if role.cost_usd is None:
            return None
        total += role.cost_usd
    return total


def run_matrix(
    path: Path,
    loaded: LoadedRecipe,
    runs: Sequence[CellPlan],
    folder: Path | None,
    *,
    as_json: bool,
) -> None:
    """Walk every run, and print the comparison."""
    from act_spec.cli.progress import ProgressLines
    from act_spec.documents.matrix import matrix_text
    from act_spec.plan.compile import run_folder
    from act_spec.run.matrix import under_cap_of_its_own, walk_matrix
    from act_spec.run.session import open_session

    matrix = loaded.recipe.matrix
    first = runs[0].plan
    with (
        ProgressLines(quiet=True) as progress,
        open_session(first, run_folder(first, folder), progress.show) as (store, session, place),
    ):

        def follow(plan: Plan, number: int) -> None:
            each = matrix is not None and matrix.cap == "each"
            session.follow(under_cap_of_its_own(plan, store) if each else plan)
            if not as_json and (number % max(1, len(runs) // 20) == 0 or number == len(runs) - 1):
                click.echo(f"run {number + 1:,} of {len(runs):,}", err=True)

        facts = walk_matrix(runs, store, session, place, follow)
        click.echo(json.dumps(facts.as_json(), ensure_ascii=False) if as_json else matrix_text(facts))
        click.echo(f"Look:  {place.path / 'matrix.html'}      {place.path / 'matrix.csv'}", err=True)
    next_line("test" if loaded.recipe.expect else "plan", path)


def matrix_lines(runs: Sequence[CellPlan], repeat: Mapping[str, int]) -> str:
    """How many runs a matrix stands for, and what they cost together."""
    from act_spec.plan.explain import usd

    times = 1
    for count in repeat.values():
        times *= count
    plans = [run.plan for run in runs]
    calls = sum({role.key: role.calls for plan in plans for role in plan.roles}.values())
    cost = cost_of_all(plans)
    money = "price unknown" if cost is None else f"{usd(cost.low)} … {usd(cost.likely)} … {usd(cost.high)}"
    return (
        f"\nA matrix of {len(runs):,} settings, {times:,} runs each, {len(runs) * times:,} in all; above is the recipe "
        f"at its defaults.\nRuns share replies: {calls:,} calls in all   {money}"
    )
