"""
What travels between a run and its workers: requests there and answers back, several at a time.

The run alone knows limits, money and stored replies; a worker is sent one
attempt at one call and says what became of it.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from act_spec.llm.answer import Answer
from act_spec.llm.model import Model
from act_spec.llm.retry import AttemptFailed
from act_spec.records import Message

_LINGER_S = 0.0005

One = TypeVar("One")


class Asked(NamedTuple):
    """One attempt to be made; `number` is told back with what became of it."""

    number: int
    model: Model
    messages: Sequence[Message]
    reply_schema: Mapping[str, Any]
    sample: int
    logprobs: bool


class Said(NamedTuple):
    """
    What became of an attempt: an answer, else how it failed.

    Attributes:
        failed: The arguments of an `AttemptFailed`.
        fault: A traceback, where it was our own mistake.
    """

    number: int
    answer: Answer | None = None
    failed: tuple[Any, ...] = ()
    fault: str = ""

    def result(self) -> Answer:
        """
        The answer.

        Raises:
            AttemptFailed: As in the worker.
            RuntimeError: If the worker met a bug.
        """
        if self.failed:
            raise AttemptFailed(*self.failed)
        if self.answer is None:
            raise RuntimeError(f"in a worker:\n{self.fault}")
        return self.answer


def packed(batch: Sequence[Asked] | Sequence[Said]) -> bytes:
    """A batch as bytes; what its parts share, such as model and schema, is in it once."""
    return pickle.dumps(batch, protocol=pickle.HIGHEST_PROTOCOL)


def unpacked(batch: bytes) -> Any:
    """A batch that a worker of this run sent, or its run."""
    return pickle.loads(batch)  # noqa: S301 - from a process that we started, or that started us


class Gathered(Generic[One]):
    """Holds back what is added for a moment, so that more of it travels together."""

    def __init__(self, pass_on: Callable[[list[One]], None]) -> None:
        """Prepare; `pass_on` takes what was added, at most every half millisecond."""
        self._pass_on = pass_on
        self._held: list[One] = []

    def add(self, one: One) -> None:
        """To be passed on soon."""
        self._held.append(one)
        if len(self._held) == 1:
            asyncio.get_running_loop().call_later(_LINGER_S, self._flush)

    def _flush(self) -> None:
        held, self._held = self._held, []
        self._pass_on(held)
