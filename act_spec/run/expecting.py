"""
Expectations of a recipe held against a walk that costs nothing.

The walk goes over a copy of the recipe's run, where there is one, with its
recorded replies and people's answers. Only the built-in model is ever called;
a reply of any other that is not recorded is a failure.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from act_spec.documents.tested import Outcome, Tested
from act_spec.engine.job import Job, Progress
from act_spec.engine.recorded import MissingReply, RecordedEngine
from act_spec.errors import StoppedEarly, did_you_mean
from act_spec.plan.model import Plan
from act_spec.recipe.expect import Expectation, expected_label
from act_spec.recipe.load import LoadedRecipe
from act_spec.recipe.nodes import Places
from act_spec.records import Metric
from act_spec.run.matrix import first_of_each, runs_of, walk_matrix
from act_spec.run.session import Session
from act_spec.run.stage import Folder
from act_spec.run.walk import open_run, walk
from act_spec.store import recording
from act_spec.store.database import Store
from act_spec.store.metrics import read_metrics

_BUILT_IN = "local"
_EXACT = 1e-9


def check_expectations(loaded: LoadedRecipe, plan: Plan, database: Path) -> Tested:
    """
    Walk a recipe for free, and look whether what it expects holds.

    Args:
        loaded: The recipe, with the places of its expectations.
        plan: Its plan.
        database: The file of its run; it need not be there, and is left as it is.

    Raises:
        StoreError: If another process writes the run.
    """
    started = time.monotonic()
    outcomes: list[Outcome] = []
    with _scratch(database) as (store, folder):
        stopped = _walk_for_free(loaded, plan, store, folder, outcomes)
    if isinstance(stopped, MissingReply):
        outcomes = [
            Outcome(_place(loaded.places, number), expectation_text(one), str(stopped), holds=False)
            for number, one in enumerate(loaded.recipe.expect)
        ]
    seconds = time.monotonic() - started
    return Tested(str(loaded.path), plan.hash, tuple(outcomes), seconds, str(stopped or ""))


@contextmanager
def _scratch(database: Path) -> Iterator[tuple[Store, Folder]]:
    with TemporaryDirectory(prefix="act-spec-") as name:
        if database.is_file():
            with recording.copy_of(database) as store:
                yield store, Folder(Path(name))
        else:
            with Store.open(Path(name) / "run.duckdb") as store:
                yield store, Folder(Path(name))


def _walk_for_free(
    loaded: LoadedRecipe, plan: Plan, store: Store, folder: Folder, outcomes: list[Outcome]
) -> Exception | None:
    """Walk, and look; returns what ended the walk early."""
    session = Session(plan, store, folder, lambda _tick: None)
    engine = FreeEngine(store, session)
    try:
        if loaded.recipe.matrix is not None:
            outcomes += _of_matrix(loaded, store, engine, session)
            return None
        stopped = None
        try:
            walk(plan, store, engine, folder)
        except StoppedEarly as error:
            stopped = error
        outcomes += _outcomes(loaded, plan, store)
    except (MissingReply, StoppedEarly) as error:
        return error
    finally:
        session.close()
    return stopped


def _of_matrix(loaded: LoadedRecipe, store: Store, engine: FreeEngine, session: Session) -> Iterator[Outcome]:
    """What holds in every setting: a figure by its mean, an item in the first run."""
    runs = runs_of(loaded)
    facts = walk_matrix(runs, store, engine, None, lambda plan, _number: session.follow(plan))
    found: list[list[tuple[str, str, bool]]] = [[] for _ in loaded.recipe.expect]
    for setting, run in zip(facts.settings, first_of_each(runs), strict=True):
        plan = open_run(run.plan, store)
        figures = {name: Metric(name, figure.mean) for name, figure in setting.figures.items()}
        where = ", ".join(f"{name}={value}" for name, value in setting.setting.items())
        for number, one in enumerate(loaded.recipe.expect):
            said, holds = (
                figure_found(one, figures) if one.metric is not None else _item_found(one, plan, store)
            )
            found[number].append((where, said, holds))
    for number, one in enumerate(loaded.recipe.expect):
        wrong = [(where, said) for where, said, holds in found[number] if not holds]
        said = f"in all {len(found[number])} settings"
        if wrong:
            said = (
                f"not in {len(wrong)} of {len(found[number])} settings, such as {wrong[0][0]}: {wrong[0][1]}"
            )
        yield Outcome(_place(loaded.places, number), expectation_text(one), said, not wrong)


class FreeEngine:
    """Calls the built-in model alone; all others answer from records. See `run.stage.Engine`."""

    side_by_side = False

    def __init__(self, store: Store, session: Session) -> None:
        """
        Prepare to answer.

        Args:
            store: Holds the recorded calls.
            session: Calls the built-in model.
        """
        self._recorded = RecordedEngine(store)
        self._session = session

    def tell(self, stage: str, done: int, total: int) -> None:
        """Nobody waits for it."""

    def execute(self, job: Job, total: int) -> Progress:
        """
        Settle every item of a job.

        Raises:
            MissingReply: If a request to any other model has no recorded reply.
        """
        if all(model.provider == _BUILT_IN for model in job.models.values()):
            return self._session.execute(job, total)
        return self._recorded.execute(job, total)


def _outcomes(loaded: LoadedRecipe, plan: Plan, store: Store) -> Iterator[Outcome]:
    figures = {metric.name: metric for metric in read_metrics(store)}
    for number, one in enumerate(loaded.recipe.expect):
        found, holds = figure_found(one, figures) if one.metric is not None else _item_found(one, plan, store)
        yield Outcome(_place(loaded.places, number), expectation_text(one), found, holds)


def _place(places: Places, number: int) -> str:
    place = places.at(("expect", number))
    return f"{place.file}:{place.line}:{place.column}"


def expectation_text(one: Expectation) -> str:
    """An expectation in words, as the recipe writes it."""
    if one.item is not None:
        keys: Sequence[str] = ("machine_label", "final_label", "sent_to_review")
        about = f"item {one.item}"
    else:
        keys, about = ("at_least", "at_most", "equals", "within"), str(one.metric)
    said = [f"{key} {_written(getattr(one, key))}" for key in keys if getattr(one, key) is not None]
    return f"{about}: {', '.join(said)}"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)


def figure_found(one: Expectation, figures: dict[str, Metric]) -> tuple[str, bool]:
    """What a figure is, and whether that is as expected."""
    metric = figures.get(str(one.metric))
    if metric is None:
        hint = did_you_mean(str(one.metric), [name for name in figures if ":" not in name])
        return f"the run has no such figure. {hint}", False
    if metric.value is None:
        return f"it cannot be had: {metric.note}", False
    value = metric.value
    holds = (
        (one.at_least is None or value >= one.at_least - _EXACT)
        and (one.at_most is None or value <= one.at_most + _EXACT)
        and (one.equals is None or abs(value - one.equals) <= (one.within or 0.0) + _EXACT)
    )
    return f"it is {value:.6g}", holds


def _item_found(one: Expectation, plan: Plan, store: Store) -> tuple[str, bool]:
    rows = store.rows("SELECT machine_label, label, selected FROM labels WHERE item_id = ?", [one.item])
    if not rows:
        return "the data have no such item", False
    machine, final, selected = rows[0]
    found: list[str] = []
    for expected, label, name in (
        (one.machine_label, machine, "machine label"),
        (one.final_label, final, "final label"),
    ):
        if expected is not None and expected_label(plan.task, expected) != label:
            found.append(f"its {name} is {'missing' if label is None else plan.task.show(label)}")
    if one.sent_to_review is not None and one.sent_to_review != bool(selected):
        found.append("it is sent to review" if selected else "it is not sent to review")
    return ", ".join(found) or "as expected", not found
