"""
What reviewers have before them, and what becomes of their answers.

The process that serves the page is the only one that writes, so answers are
read once and kept in step with the table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from act_spec.content.fields import page_fields, page_hashes
from act_spec.documents.printable import visible, visible_lines
from act_spec.documents.review_page import shown_fields
from act_spec.exchange.answer_form import PageAnswer, clean, label_of, outcome_of, said_of
from act_spec.plan.assignment import assign, disagree, settling_person
from act_spec.plan.model import Plan
from act_spec.records import Task
from act_spec.store import allocations
from act_spec.store.database import Store
from act_spec.store.guidelines import latest_guideline_version
from act_spec.store.machine_words import MachineWords, machine_words
from act_spec.store.media import media_bytes
from act_spec.store.reviews import Given, Review, latest_answers, write_answer
from act_spec.store.times import utc_now

CHANNEL = "page"
_ENOUGH = 5


class NotYoursError(LookupError):
    """The reviewer does not have this item, or may not see what was asked for."""


@dataclass(frozen=True)
class Progress:
    """How far a reviewer is: answered items, all items, and seconds that are likely left."""

    done: int
    total: int
    left_s: float


class Desk:
    """
    One run's worklist, shared out among its reviewers.

    Attributes:
        reviewers: Names, each with a queue of their own; one made-up name where the recipe has none.
    """

    def __init__(
        self,
        plan: Plan,
        store: Store,
        reviewers: Sequence[str],
        told: Callable[[int, int], None] | None = None,
    ) -> None:
        """
        Read the worklist and the answers that there are.

        Args:
            plan: The current one.
            store: The run's database, open for writing.
            reviewers: Who answers here.
            told: Called after each answer with the answers given and due, of all reviewers.
        """
        self.reviewers = tuple(reviewers)
        self._plan = plan
        self._store = store
        self._told = told or _nobody
        self._version = latest_guideline_version(store)
        self._rows = allocations.worklist(store)
        self._place = {row["item_id"]: number for number, row in enumerate(self._rows)}
        self._words = machine_words(store)
        people = assign(plan.review, [row["round"] for row in self._rows], plan.seed)
        alone = self.reviewers[0] if self.reviewers else ""
        self._people = [tuple(name or alone for name in names) for names in people]
        self._given: dict[str, dict[str, Given]] = defaultdict(dict)
        for given in latest_answers(store, plan.review_key):
            self._given[given.item_id][given.reviewer] = given

    def queue(self, reviewer: str) -> list[tuple[int, str | None]]:
        """A reviewer's items: number on the worklist, and the outcome of their answer so far."""
        return list(self._queue(reviewer))

    def progress(self, reviewer: str) -> Progress:
        """How far this reviewer is."""
        queue = self.queue(reviewer)
        open_items = sum(outcome is None for _, outcome in queue)
        times = [
            own.seconds
            for answers in self._given.values()
            if (own := answers.get(reviewer)) is not None and own.seconds is not None
        ]
        typical = median(times) if len(times) >= _ENOUGH else self._plan.review.seconds_per_item
        return Progress(len(queue) - open_items, len(queue), open_items * typical)

    def item(self, reviewer: str, number: int) -> dict[str, Any]:
        """
        An item as the page shows it, with the reviewer's own answer and its revision.

        Raises:
            NotYoursError: If it is not in this reviewer's queue.
        """
        row = self._row(reviewer, number)
        fields = page_fields(self._plan.put_to_people(row).item, self._plan.data.show)
        own = self._given[row["item_id"]].get(reviewer)
        after = self._plan.review.reveal == "after" and own is not None
        return {
            "fields": shown_fields(fields, self._plan.task),
            **self._as_said(own),
            "machine": self._machine(row) if after else None,
        }

    def media(self, reviewer: str, number: int, sha256: str) -> tuple[str, bytes]:
        """
        Kind (MIME) and bytes of an image or a sound of an item.

        Raises:
            NotYoursError: If the item is not in this reviewer's queue, or does not show it.
        """
        row = self._row(reviewer, number)
        if sha256 not in page_hashes(self._plan.put_to_people(row).item, self._plan.data.show):
            raise NotYoursError("The item does not show this.")
        return media_bytes(self._store, sha256)

    def machine(self, reviewer: str, number: int) -> dict[str, Any]:
        """
        What the machine had said of an item.

        Raises:
            NotYoursError: If the recipe does not show it, or not yet.
        """
        row = self._row(reviewer, number)
        reveal = self._plan.review.reveal
        if reveal == "never" or (reveal == "after" and reviewer not in self._given[row["item_id"]]):
            raise NotYoursError("The machine's label is not shown before the answer.")
        return self._machine(row)

    def answer(self, reviewer: str, number: int, said: PageAnswer, revision: int) -> dict[str, Any]:
        """
        Record an answer; it is committed on return.

        Returns:
            The answer as recorded, the next open item's number, progress, and
            the machine's label where it may show now.

        Raises:
            NotYoursError: If the item is not in this reviewer's queue.
            ValueError: If it is no answer to this task.
            AnsweredElsewhereError: If another window has answered meanwhile.
        """
        row = self._row(reviewer, number)
        review = self._review(reviewer, row, said)
        given = write_answer(self._store, self._plan.review_key, review, revision, utc_now())
        self._given[row["item_id"]][reviewer] = given
        self._told(*self._all())
        shown = self._plan.review.reveal == "after" and said.outcome != "skip"
        return {
            **self._as_said(given),
            "next": self._next(reviewer, number),
            "machine": self._machine(row) if shown else None,
            **vars(self.progress(reviewer)),
        }

    def as_said(self, given: Given) -> dict[str, Any]:
        """A recorded answer as the page has it."""
        return self._as_said(given)

    def _queue(self, reviewer: str) -> Iterator[tuple[int, str | None]]:
        for number, row in enumerate(self._rows):
            answers = self._given[row["item_id"]]
            own = answers.get(reviewer)
            if own is not None:
                yield number, own.outcome
            elif self._is_due(reviewer, number, answers):
                yield number, None

    def _is_due(self, reviewer: str, number: int, answers: Mapping[str, Given]) -> bool:
        """Whether the reviewer has still to answer: their part, or a disagreement that they settle."""
        if reviewer in self._people[number]:
            return len(answers) < len(self._people[number])
        if reviewer != settling_person(self._plan.review):
            return False
        return disagree(given.label for given in answers.values())

    def _next(self, reviewer: str, number: int) -> int | None:
        still = [other for other, outcome in self._queue(reviewer) if outcome is None]
        return next((other for other in still if other > number), still[0] if still else None)

    def _row(self, reviewer: str, number: int) -> dict[str, Any]:
        if not 0 <= number < len(self._rows):
            raise NotYoursError("There is no such item.")
        row = self._rows[number]
        answers = self._given[row["item_id"]]
        if reviewer not in answers and not (
            reviewer in self._people[number] or self._is_due(reviewer, number, answers)
        ):
            raise NotYoursError("This item is another reviewer's.")
        return row

    def _review(self, reviewer: str, row: Mapping[str, Any], said: PageAnswer) -> Review:
        task = self._plan.put_to_people(row).task
        label = label_of(task, said)
        return Review(
            item_id=row["item_id"],
            round=row["round"],
            reviewer=reviewer,
            label=label,
            outcome=said.outcome or outcome_of(task, label, row["machine_label"]),
            seconds=said.seconds,
            note=clean(said.note).strip() or None,
            guideline_version=None if self._version is None else str(self._version),
            channel=CHANNEL,
        )

    def _as_said(self, given: Given | None) -> dict[str, Any]:
        if given is None:
            return {"answer": None, "revision": 0}
        own = {
            "answer": said_of(self._task(given.item_id), given.label),
            "outcome": given.outcome if given.outcome in {"ambiguous", "skip"} else None,
            "note": given.note or "",
        }
        return {"answer": own, "revision": given.revision}

    def _task(self, item_id: str) -> Task:
        """What reads and writes the answers to an item."""
        return self._plan.put_to_people(self._rows[self._place[item_id]]).task

    def _machine(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        words = self._words.get(row["item_id"], MachineWords())
        task = self._plan.put_to_people(row).task
        labels = (words.label, words.judge_label)
        label, judge_label = (None if one is None else visible(task.show(one)) for one in labels)
        reason, judge_reason = (visible_lines(one or "") for one in (words.reason, words.judge_reason))
        return {
            "label": label,
            "reason": reason,
            "judge_label": judge_label,
            "judge_reason": judge_reason,
        }

    def _all(self) -> tuple[int, int]:
        given = sum(
            min(len(self._given[row["item_id"]]), len(people))
            for row, people in zip(self._rows, self._people, strict=True)
        )
        return given, sum(map(len, self._people))


def _nobody(_: int, __: int) -> None:
    """Nobody is told."""
