"""Runs side by side: their own figures, how far their labels agree, and paired differences with intervals."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_spec.documents.compare_facts import (
    Agreement,
    ComparedPair,
    ComparedRun,
    CompareFacts,
    Difference,
)
from act_spec.errors import StoreError
from act_spec.plan.wording import amount
from act_spec.run.grouping import groups_warning
from act_spec.run.stage import Folder
from act_spec.store import allocations, pictures
from act_spec.store.compare import ComparedItems, answerers, compared_items, review_seconds
from act_spec.store.database import Store
from act_spec.store.metrics import read_metrics
from act_spec.store.plans import current_plan
from act_spec.strategies.estimators.agreement import cohens_kappa
from act_spec.strategies.estimators.detection import gain_curve
from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.resampling import Suspicion, gain_difference, mean_difference

_CURVE_POINTS = 200
_DRAWS, _FEWEST_DRAWS = 2000, 400
_MOST_LOTS = 200_000_000
"""Draws times items that a comparison may take: about ten seconds."""


@dataclass(frozen=True)
class _Opened:
    run: ComparedRun
    items: ComparedItems
    warning: str
    unanswered: int


def compare_runs(folders: Sequence[Path]) -> CompareFacts:
    """
    Read the runs, one after the other and without writing, and compare every pair.

    Raises:
        StoreError: If a run cannot be read, is under way in another process,
            or has no plan yet.
    """
    opened = [_read(folder, _key(number)) for number, folder in enumerate(folders)]
    pairs = tuple(_pair(one, other, yardstick=one is opened[0]) for one, other in combinations(opened, 2))
    return CompareFacts(tuple(one.run for one in opened), pairs, _warnings(opened, pairs))


def _key(number: int) -> str:
    """A to Z, then AA and so on."""
    higher, letter = divmod(number, 26)
    return (_key(higher - 1) if higher else "") + chr(ord("A") + letter)


def _read(folder: Path, key: str) -> _Opened:
    with Store.open(Folder(folder).database, read_only=True) as store:
        found = current_plan(store)
        if found is None:
            raise StoreError(f"{folder}: nothing has been run here yet. Start it with `act-spec run`.")
        plan, counts, items = json.loads(found[1]), pictures.counts(store), compared_items(store)
        hours, measured = _hours(store, plan, counts["reviewed"])
        run = ComparedRun(
            key=key,
            name=plan["name"],
            folder=str(folder),
            plan_hash=found[0],
            data_hash=plan["data"]["sha256"],
            items=counts["items"],
            selected=counts["selected"],
            reviewed=counts["reviewed"],
            # Who answered, and not the plan: of several candidate judges a pilot has chosen one.
            annotator=", ".join(answerers(store, "annotations", "annotator")),
            judge=", ".join(answerers(store, "judgments", "judge")),
            rule=plan["review"]["rule"],
            simulated=plan["review"]["simulated"],
            hours=hours,
            hours_measured=measured,
            metrics=tuple(read_metrics(store)),
            gain_curve=_curve(items),
        )
        return _Opened(run, items, groups_warning(store), allocations.unanswered(store))


def _hours(store: Store, plan: dict[str, Any], reviewed: int) -> tuple[float, bool]:
    seconds, unknown = review_seconds(store)
    if seconds and not unknown:
        return seconds / 3600, True
    planned = plan["review"]
    return planned["hours"] * reviewed / max(1, planned["reviews"]), False


def _curve(items: ComparedItems) -> tuple[tuple[float, float], ...]:
    scored = _not_none(items.gold) & ~np.isnan(items.error_probability)
    wrong = _wrong(items.machine_label, items.gold)[scored]
    if not wrong.any():
        return ()
    reviewed, gains = gain_curve(items.error_probability[scored], wrong)
    shown = np.unique(np.linspace(0, len(reviewed) - 1, _CURVE_POINTS).astype(int))
    return tuple((float(reviewed[index]), float(gains[index])) for index in shown)


def _warnings(opened: Sequence[_Opened], pairs: Sequence[ComparedPair]) -> tuple[str, ...]:
    told = _data_warning([one.run for one in opened])
    told += [
        f"{one.run.key} still waits for {amount(one.unanswered, 'answer')}; its figures hold for"
        " the answers so far."
        for one in opened
        if one.unanswered
    ]
    simulated = [one.run.key for one in opened if one.run.simulated]
    if simulated:
        told.append(f"Reviewers were simulated from known answers in {', '.join(simulated)}.")
    if any(pair.differences and pair.common and pair.groups is None for pair in pairs):
        told += [one.warning for one in opened if one.warning][:1]
    return tuple(told)


def _data_warning(runs: Sequence[ComparedRun]) -> list[str]:
    sets: dict[str, list[str]] = {}
    for run in runs:
        sets.setdefault(run.data_hash, []).append(run.key)
    if len(sets) == 1:
        return []
    apart = "; ".join(", ".join(keys) for keys in sets.values())
    return [
        (
            f"The runs read different data ({apart}): agreement and differences are over the items that two runs both"
            " have by their ids."
        )
    ]


def _pair(one: _Opened, other: _Opened, *, yardstick: bool) -> ComparedPair:
    _, left, right = np.intersect1d(
        one.items.item_id.astype(str),
        other.items.item_id.astype(str),
        assume_unique=True,
        return_indices=True,
    )
    first, second = one.items.at(left), other.items.at(right)
    known = _not_none(first.gold) & (first.gold == second.gold)
    groups = _groups(first, second)
    share = min(part.run.reviewed / max(1, part.run.items) for part in (one, other))
    places = np.flatnonzero(known)
    return ComparedPair(
        first=one.run.key,
        second=other.run.key,
        common=left.size,
        same_data=one.run.data_hash == other.run.data_hash,
        delivered=_agreement(first.label, second.label),
        machine=_agreement(first.machine_label, second.machine_label),
        known=places.size,
        groups=None if groups is None else int(np.unique(groups).size),
        differences=_differences(
            first.at(places), second.at(places), None if groups is None else groups[places], share
        )
        if yardstick
        else (),
    )


def _agreement(first: NDArray[np.object_], second: NDArray[np.object_]) -> Agreement:
    both = _not_none(first) & _not_none(second)
    first, second = first[both], second[both]
    if not first.size:
        return Agreement(0, None, None)
    try:
        kappa = cohens_kappa(first, second)
    except ValueError:
        kappa = None
    return Agreement(int(first.size), float((first == second).mean()), kappa)


def _differences(
    first: ComparedItems, second: ComparedItems, groups: NDArray[np.int64] | None, share: float
) -> tuple[Difference, ...]:
    """Second minus first, over common items with a known answer."""
    draws = max(_FEWEST_DRAWS, min(_DRAWS, _MOST_LOTS // max(1, first.item_id.size)))

    def accuracy(column: str) -> Estimate:
        right = [
            (~_wrong(getattr(items, column), items.gold)).astype(np.float64) for items in (second, first)
        ]
        return mean_difference(right[0], right[1], groups, draws=draws)

    def gain() -> Estimate:
        if np.isnan(first.error_probability).all() or np.isnan(second.error_probability).all():
            raise ValueError("one of the runs has no judge.")
        return gain_difference(_suspicion(second), _suspicion(first), share, groups, draws=draws)

    return (
        _difference("machine_accuracy", first, lambda: accuracy("machine_label")),
        _difference("final_accuracy", first, lambda: accuracy("label")),
        _difference(f"gain at {share:.1%} reviewed", first, gain),
    )


def _difference(name: str, items: ComparedItems, compute: Callable[[], Estimate]) -> Difference:
    if not items.item_id.size:
        return Difference(name, None, "no common item has a known answer")
    try:
        return Difference(name, compute())
    except ValueError as error:
        return Difference(name, None, str(error).rstrip("."))


def _suspicion(items: ComparedItems) -> Suspicion:
    return Suspicion(items.error_probability, _wrong(items.machine_label, items.gold).astype(np.float64))


def _groups(first: ComparedItems, second: ComparedItems) -> NDArray[np.int64] | None:
    """Numbers of `data.group`, from whichever run has it; an item without a group stands alone."""
    for items in (first, second):
        named = _not_none(items.group)
        if named.any():
            own = np.char.add("item ", items.item_id.astype(str))
            group = np.char.add("group ", np.where(named, items.group, "").astype(str))
            return np.unique(np.where(named, group, own), return_inverse=True)[1].astype(np.int64)
    return None


def _wrong(labels: NDArray[np.object_], gold: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(labels != gold, dtype=np.bool_)


def _not_none(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.array([value is not None for value in values], dtype=np.bool_)
