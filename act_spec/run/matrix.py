"""
A matrix walked: every run of it in one database, so that recorded replies serve them all.

A run is keyed by its plan, so that draws, simulated reviews and figures of
one never reach another; annotations and judgments are shared wherever
settings do not touch them. One that is done is not walked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy import stats

from act_spec.documents.matrix import Averaged, MatrixFacts, SettingFacts, matrix_csv, matrix_html
from act_spec.plan.compile import compile_plan
from act_spec.plan.model import Plan
from act_spec.plan.spend import with_cap
from act_spec.recipe.cells import cells_of
from act_spec.recipe.load import LoadedRecipe
from act_spec.run.measure import measure
from act_spec.run.pilot import with_chosen_judge
from act_spec.run.prepare import prepare
from act_spec.run.stage import Engine, Folder
from act_spec.run.walk import open_run, stages
from act_spec.store import cells
from act_spec.store.calls import bill
from act_spec.store.database import Store
from act_spec.store.times import utc_now
from act_spec.strategies.estimators.pareto import on_front

_LEVEL = 0.95
_OF_THE_WHOLE = frozenset({"calls", "cost_usd"})


@dataclass(frozen=True)
class CellPlan:
    """One run of a matrix: its setting, its repeat and its plan."""

    setting: Mapping[str, str]
    repeat: Mapping[str, int]
    plan: Plan


def runs_of(loaded: LoadedRecipe, spend_usd: float | None = None, *, repeats: bool = True) -> list[CellPlan]:
    """
    Every run of a recipe's matrix with its plan; of each setting the first alone, unless repeats are wanted.

    Raises:
        RecipeError: If a setting makes no good plan.
    """
    return [
        CellPlan(cell.setting, cell.repeat, with_cap(compile_plan(cell.loaded), spend_usd))
        for cell in cells_of(loaded, repeats=repeats)
    ]


def first_of_each(runs: Sequence[CellPlan]) -> list[CellPlan]:
    """The first run of every setting."""
    return list({tuple(run.setting.items()): run for run in reversed(runs)}.values())[::-1]


def walk_matrix(
    runs: Sequence[CellPlan],
    store: Store,
    engine: Engine,
    folder: Folder | None,
    follow: Callable[[Plan, int], None] = lambda _plan, _number: None,
) -> MatrixFacts:
    """
    Walk every run that is not done, and compare them all.

    Args:
        runs: In the matrix's order.
        store: The one database of them all.
        engine: Where requests run.
        folder: Where `matrix.html` and `matrix.csv` go; None for nowhere.
        follow: Told of each run before it is walked, with its number from 0.

    Raises:
        StoppedEarly: If the cap, the provider or the user ended it; what was
            done is kept, and the same command goes on.
    """
    cells.keep_only(store, [run.plan.hash for run in runs])
    done = cells.done(store)
    for number, run in enumerate(runs):
        if run.plan.hash not in done:
            follow(run.plan, number)
            plan = _walk(run.plan, store, engine)
            place = (number, run.setting, run.repeat)
            cells.write_cell(store, plan.hash, place, plan.measure_key, utc_now())
    facts = _facts(runs, store, folder)
    if folder is not None:
        folder.write("matrix.html", matrix_html(facts))
        folder.write_bytes("matrix.csv", matrix_csv(facts))
    return facts


def _walk(plan: Plan, store: Store, engine: Engine) -> Plan:
    """To its end, without documents: reviewers are simulated."""
    plan = open_run(plan, store)
    prepare(plan, store, partial(engine.tell, "prepare"))
    for _ in stages(plan, store, engine, None):
        pass
    plan = with_chosen_judge(plan, store)
    measure(plan, store)
    return plan


def _facts(runs: Sequence[CellPlan], store: Store, folder: Folder | None) -> MatrixFacts:
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for plan_hash, name, value in cells.figures(store):
        if value is not None and name not in _OF_THE_WHOLE:
            values[plan_hash][name] = value
    by_setting: dict[tuple[tuple[str, str], ...], list[dict[str, float]]] = defaultdict(list)
    for run in runs:
        by_setting[tuple(run.setting.items())].append(values[run.plan.hash])
    averages = {setting: _averages(repeats) for setting, repeats in by_setting.items()}
    front = _front(list(averages.values()))
    paid = bill(store)
    return MatrixFacts(
        name=runs[0].plan.name,
        folder="" if folder is None else str(folder.path),
        repeats=len(runs) // len(by_setting),
        settings=tuple(
            SettingFacts(dict(setting), figures, on_front)
            for (setting, figures), on_front in zip(averages.items(), front, strict=True)
        ),
        calls=int(store.one("SELECT count(*) FROM calls")[0]),
        cost_usd=None if paid.unknown else paid.cost_usd,
    )


def _front(settings: Sequence[Mapping[str, Averaged]]) -> list[bool | None]:
    """The settings on the front of reviews against accuracy; None for all where one lacks a figure or none differ."""
    known = [(one.get("reviewed_share"), one.get("final_accuracy")) for one in settings]
    pairs = [(cost.mean, value.mean) for cost, value in known if cost and value]
    if len(pairs) < len(settings) or len({cost for cost, _ in pairs}) < 2:
        return [None] * len(settings)
    return list(on_front([cost for cost, _ in pairs], [value for _, value in pairs]))


def _averages(repeats: Sequence[Mapping[str, float]]) -> dict[str, Averaged]:
    names = dict.fromkeys(name for one in repeats for name in one)
    return {name: averaged([one[name] for one in repeats if name in one]) for name in names}


def averaged(values: Sequence[float]) -> Averaged:
    """
    The mean of repeats, with its 95% interval by Student's t.

    Args:
        values: Of the repeats, independent of one another.
    """
    array = np.asarray(values, dtype=np.float64)
    mean, runs = float(array.mean()), len(values)
    if runs < 2:
        return Averaged(mean, None, None, runs)
    half = float(stats.t.ppf((1 + _LEVEL) / 2, runs - 1) * array.std(ddof=1) / np.sqrt(runs))
    return Averaged(mean, mean - half, mean + half, runs)


def under_cap_of_its_own(plan: Plan, store: Store) -> Plan:
    """A run whose cap is for it alone: on top of what the others have spent."""
    if plan.spending.spend_usd is None:
        return plan
    paid = bill(store)
    cap = paid.cost_usd + paid.possible_usd + plan.spending.spend_usd
    return replace(plan, spending=replace(plan.spending, spend_usd=cap))
