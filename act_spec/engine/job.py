"""A stage's work for an engine, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from act_spec.engine.replies import Asked, asked
from act_spec.engine.writer import Settled
from act_spec.llm.formats import messages_for
from act_spec.llm.model import Model
from act_spec.recipe.deadline import Deadline
from act_spec.records import Message, Request, Steps
from act_spec.store.database import Store


@dataclass(frozen=True)
class Batched:
    """
    What it takes to ask a stage's requests by batches; see `engine.batches`.

    Attributes:
        key: Of the stage.
        anew: The same items with their strategies, from the beginning; may be asked for repeatedly.
        deadline: When the replies are wanted; None for whenever they come.
        sends: Whether batches are sent; else only those that are out are seen to.
        recalls: Whether these are called back; else nothing is asked while they are out.
    """

    key: str
    anew: Callable[[], Iterator[tuple[str, Steps[Any]]]]
    deadline: Deadline | None = None
    sends: bool = True
    recalls: bool = False


@dataclass(frozen=True)
class Job:
    """
    A stage's work for the engine.

    Attributes:
        stage: `annotate` or `judge`.
        round: From 1.
        models: Member to model; `""` answers for every member that is not listed.
        steps: Item ids with their strategies, not yet started.
        write: Writes (item id, record) pairs to the stage's table.
        batched: Where the models are asked by batches first.
        standing: Keys of recorded calls whose reply is no good and stands all the same.
        then: What goes on with its items as they are settled.
    """

    stage: str
    round: int
    models: Mapping[str, Model]
    steps: Iterator[tuple[str, Steps[Any]]]
    write: Callable[[Store, Sequence[Settled]], None]
    batched: Batched | None = None
    standing: frozenset[str] = frozenset()
    then: Then | None = None

    def asks(self, request: Request) -> Model:
        """Who answers a request."""
        return self.models.get(request.member, self.models[""])

    def sent(self, request: Request) -> tuple[Message, ...]:
        """The conversation exactly as it goes out."""
        return tuple(messages_for(self.asks(request), request.messages, request.reply_schema))

    def asked(self, request: Request) -> Asked:
        """A request on its way."""
        return asked(self.asks(request), self.sent(request), request)


@dataclass(frozen=True)
class Then:
    """
    A job that goes on with another's items while that one is still at work on the rest.

    Attributes:
        job: Its own items are those that were waiting for it when the other began.
        waiting: How many those are.
        go_on: Starts it on an item (by id) that the other has settled; None where there is nothing to do.
    """

    job: Job
    waiting: int
    go_on: Callable[[str], Steps[Any] | None]


@dataclass
class Progress:
    """
    Counts that a job updates while it runs.

    Attributes:
        settled: Items that are done.
        failed: Those without a result, by status.
        note: What it waits for, if that is no reply.
        then: Of the job that goes on with its items; None where none does.
    """

    settled: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    note: str = ""
    then: Progress | None = None

    def count(self, status: str) -> None:
        """One more item is settled."""
        self.settled += 1
        if status != "ok":
            self.failed[status] = self.failed.get(status, 0) + 1
