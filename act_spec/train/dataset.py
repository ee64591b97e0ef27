"""A run as training sees it: features, labels as numbers, and which items a model is tested on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_spec.losses.objective import Examples
from act_spec.plan.model import Plan
from act_spec.recipe.blind_spots import BlindSpots
from act_spec.records import canonical_json, sha256
from act_spec.store.blind_spots import shown_items, synthetic_rows
from act_spec.store.database import Store
from act_spec.store.drafts import ACCEPTED, DECLINED
from act_spec.store.scratch import Scratch
from act_spec.store.sources import open_source
from act_spec.store.staging import stage_items
from act_spec.store.training_rows import TrainingRows, read_training_rows, staged_training_rows
from act_spec.train.images import of_a_file, of_a_run
from act_spec.train.readers.choose import located, new_reader
from act_spec.train.readers.reader import Reader
from act_spec.train.rows import Ints, Rows
from act_spec.train.targets import Targets


@dataclass(frozen=True, eq=False)
class Tested:
    """
    What one seed's models are tested on.

    Attributes:
        train: Places of the items to train on.
        rows: Features of the items to test on.
        truth: Their labels.
        weight: Shape (t,): how many items each stands for.
        groups: Their groups.
    """

    train: Ints
    rows: Rows
    truth: Sequence[str]
    weight: NDArray[np.float64]
    groups: Sequence[str]


@dataclass(frozen=True, eq=False)
class Dataset:
    """
    All that the fits of one run share; items are sorted by id.

    Attributes:
        labels: Labels and weights as the store has them.
        targets: The task's labels.
        reader: What turns items into rows.
        rows: The items as a model takes them, n of them, and behind them what was written against blind spots.
        seed: The plan's.
        parts: Into how many parts items are divided, one of them to test on.
        apart: Items of a test file and their features, where one is named.
        taught: Labels of examples that a teacher wrote, m of them; their
            features stand in `rows` behind those of the items. They are in no test.
        seen: Shape (n,): items that a teacher has seen, which are in no test either.
        digest: Hash of everything above.
        kept: In rounds, which items are kept from labelling to test on, shape (n,).
    """

    labels: TrainingRows
    targets: Targets
    reader: Reader
    rows: Rows
    seed: int
    parts: int
    apart: tuple[TrainingRows, Rows] | None
    digest: str
    kept: NDArray[np.bool_] | None = None
    taught: tuple[str, ...] = ()
    seen: NDArray[np.bool_] | None = None

    @property
    def size(self) -> int:
        """Number of items, n."""
        return len(self.labels.item_ids)

    @property
    def all_gold(self) -> bool:
        """Whether every item's true label is known, so that any review can be simulated."""
        return bool(self.size) and all(gold is not None for gold in self.labels.gold)

    @property
    def any_gold(self) -> bool:
        """Whether models can be tested against gold."""
        tested = self.labels if self.apart is None else self.apart[0]
        return any(gold is not None for gold in tested.gold)

    @property
    def reviewed(self) -> int:
        """Items with a human label."""
        return sum(label is not None for label in self.labels.human)

    @property
    def items(self) -> Ints:
        """Places of the items in `rows`."""
        return np.arange(self.size)

    @property
    def written(self) -> Ints:
        """Places of the examples that a teacher wrote."""
        return np.arange(self.size, self.size + len(self.taught))

    def examples(self) -> Examples:
        """The run's labels and weights as losses take them."""
        labels = self.labels
        return Examples(
            self.targets.encode(labels.machine),
            self.targets.encode(labels.human),
            np.array([label is not None for label in labels.machine], dtype=bool),
            np.array([label is not None for label in labels.human], dtype=bool),
            labels.sampling_weight,
        )

    def tested(self, seed: int) -> Tested:
        """
        What the models of a seed are tested on: the file, or another part of the items with every seed.

        Groups are never split. Without gold the reviewed items of the part
        are tested against people's labels, at their inverse probability. What
        a teacher has seen or written is tested on by none.
        """
        everything = self.items
        if self.apart is not None:
            labels, rows = self.apart
            known = np.array([place for place, gold in enumerate(labels.gold) if gold is not None], dtype=int)
            return _tested(everything, known, labels, rows, labels.gold, np.ones(len(labels.gold)))
        if self.kept is not None:
            known = np.array([gold is not None for gold in self.labels.gold], dtype=bool)
            test = everything[self.kept & known]
            return _tested(
                everything[~self.kept], test, self.labels, self.rows, self.labels.gold, np.ones(self.size)
            )
        names, group = np.unique(np.array(self.labels.groups, dtype=str), return_inverse=True)
        order = np.random.Generator(np.random.PCG64(self.seed)).permutation(len(names))
        held = order[group] % self.parts == seed % self.parts
        truth = self.labels.gold if self.any_gold else self.labels.human
        weight = np.ones(self.size) if self.any_gold else np.nan_to_num(self.labels.sampling_weight)
        known = np.array([one is not None for one in truth], dtype=bool) & (weight > 0)
        if self.seen is not None:
            known &= ~self.seen
        return _tested(everything[~held], everything[held & known], self.labels, self.rows, truth, weight)


def read_dataset(plan: Plan, store: Store) -> Dataset:
    """
    Read a run.

    Raises:
        ValueError: If the task's kind or its fields cannot be trained on.
        RecipeError: If the test file cannot be read.
    """
    targets = Targets(plan.task)
    labels = read_training_rows(store)
    contents = of_a_run(labels.contents, plan.data.show, store)
    learner = plan.train.learner
    reader = new_reader(
        learner.entry,
        located(learner.entry, learner.parameters, plan.recipe_path.parent),
        plan.data.show,
        contents,
        plan.train.features,
    )
    apart, test_digest = None, ""
    if plan.train.test is not None:
        source = open_source(plan.train.test, plan.recipe_path.parent)
        if plan.data.query.gold is None:
            raise ValueError("train.test: data.gold names no column, so nothing in the file can be tested.")
        try:
            for column in (*plan.data.query.show.values(), plan.data.query.gold):
                source.require(column)
        except ValueError as error:
            raise ValueError(f"train.test: {error}") from error
        apart, test_digest = _test_file(plan, reader, source), source.sha256()
    digest = sha256(
        [
            plan.data.key,
            test_digest,
            reader.described(),
            list(zip(labels.item_ids, labels.machine, labels.human, strict=True)),
            [repr(weight) for weight in labels.sampling_weight.tolist()],
        ]
    )
    parts = max(2, round(1 / float(plan.train.test_share)))
    made = Dataset(labels, targets, reader, reader.rows(contents), plan.seed, parts, apart, digest)
    return made if plan.blind_spots is None else _with_taught(made, plan.blind_spots, contents, store)


def _with_taught(
    data: Dataset, told: BlindSpots, contents: Sequence[Mapping[str, Any]], store: Store
) -> Dataset:
    """The same with the examples that the recipe takes; a copy of an item to test on is left out."""
    tested = set() if data.apart is None else {canonical_json(one) for one in data.apart[0].contents}
    taken = [
        row
        for row in synthetic_rows(store)
        if row.decision != DECLINED
        and (told.train_on == "all" or row.decision == ACCEPTED)
        and canonical_json(row.content) not in tested
    ]
    seen = shown_items(store)
    return replace(
        data,
        rows=data.reader.rows([*contents, *(row.content for row in taken)]),
        digest=sha256([data.digest, [[row.content, row.label] for row in taken], sorted(seen)]),
        taught=tuple(row.label for row in taken),
        seen=np.array([item in seen for item in data.labels.item_ids], dtype=bool),
    )


def of_rounds(data: Dataset, kept: NDArray[np.bool_]) -> Dataset:
    """
    What rounds leave to train and to test on: items with a label, each counting once, and those kept for testing.

    Args:
        data: As read.
        kept: Shape (n,): items that no round could label.
    """
    labels = data.labels
    by_people = np.array([label is not None for label in labels.human], dtype=bool)
    by_any = by_people | np.array([label is not None for label in labels.machine], dtype=bool)
    places = np.flatnonzero(by_any | kept)

    def part(values: Sequence[Any]) -> list[Any]:
        return [values[place] for place in places.tolist()]

    chosen = TrainingRows(
        part(labels.item_ids),
        part(labels.contents),
        part(labels.groups),
        part(labels.gold),
        part(labels.machine),
        part(labels.human),
        by_people[places].astype(np.float64),
        labels.error_probability[places],
    )
    return replace(data, labels=chosen, rows=data.rows.take(places), kept=kept[places])


def _test_file(plan: Plan, reader: Reader, source: Any) -> tuple[TrainingRows, Rows]:
    query = plan.data.query
    kept = query.id if query.id in source.columns else None
    group = query.group if query.group in source.columns else None
    with Scratch.new() as scratch:
        stage_items(scratch, replace(query, source=source, id=kept, group=group, where={}, recorded=()))
        labels = staged_training_rows(scratch)
        contents = of_a_file(labels.contents, plan.data.show, source, plan.recipe_path.parent)
        return labels, reader.rows(contents)


def _tested(
    train: Ints,
    test: Ints,
    labels: TrainingRows,
    rows: Rows,
    truth: Sequence[str | None],
    weight: NDArray[np.float64],
) -> Tested:
    return Tested(
        train,
        rows.take(test),
        [str(truth[place]) for place in test],
        weight[test],
        [labels.groups[place] for place in test],
    )
