"""
Calls to models: limits, money set aside before each attempt, and patience.

The engine asks one question at a time and gets its `Completion`, or a
`CallFailed` that says why there is none. Attempts, waits and reservations in
between are decided here.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from act_spec.llm.adapting import Level
from act_spec.llm.formats import messages_for
from act_spec.llm.highest import highest_usd
from act_spec.llm.limits import Clock, Gate, Limits, Slots
from act_spec.llm.media import MediaOf, with_media
from act_spec.llm.media_tokens import in_messages
from act_spec.llm.model import Model
from act_spec.llm.prices import Price, likely_text_tokens
from act_spec.llm.retry import AttemptFailed, Kind, Patience
from act_spec.once import OncePer
from act_spec.records import Message, Status, TokenScore

if TYPE_CHECKING:
    from act_spec.llm.answer import Answer

__all__ = [
    "CallFailed",
    "Client",
    "Completion",
    "Ledger",
    "Transport",
    "loaded_provider",
    "messages_for",
    "preload",
]

Reservation = TypeVar("Reservation")


@dataclass(frozen=True)
class Completion:
    """
    A model's reply, unchecked.

    Attributes:
        text: Empty where the model gave none.
        finish_reason: `stop`, `length`, `content_filter` or the provider's own word.
        refusal: The model's or the provider's words; None if it did not refuse.
        prompt_tokens: None where the provider does not count; likewise the next.
        completion_tokens: Hidden reasoning included.
        cost_usd: Of the attempt that succeeded; None if unknown.
        model: As the provider names what answered.
        fingerprint: The provider's mark of its configuration.
        tokens: Scores of the reply's tokens, where asked for and given.
        latency_s: Of the attempt that succeeded, without waits.
        attempts: From 1.
        possible_usd: The most that earlier attempts may have cost, whose replies were lost, and
            this one where the provider does not count.
    """

    text: str
    finish_reason: str
    refusal: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    model: str
    fingerprint: str | None
    tokens: tuple[TokenScore, ...]
    latency_s: float
    attempts: int
    possible_usd: float = 0.0


class CallFailed(Exception):  # noqa: N818 - the engine records it as a row; it is no error of the program
    """
    A call that brought no reply.

    Attributes:
        status: `refused` by the provider's policy, else `provider_error`.
        reason: One line, without keys.
        attempts: From 1.
        cost_usd: 0 where no attempt was billed; None where one may have been.
        possible_usd: The most that its attempts may have cost, where the price is known.
        fatal: Whether every other call to the model would fail as well.
    """

    def __init__(
        self, failure: AttemptFailed, attempts: int, cost_usd: float | None, possible_usd: float = 0.0
    ) -> None:
        super().__init__(failure.reason)
        self.status: Status = "refused" if failure.kind == "refused" else "provider_error"
        self.kind: Kind = failure.kind
        self.reason = failure.reason
        self.attempts = attempts
        self.cost_usd = cost_usd
        self.possible_usd = possible_usd
        self.fatal = failure.fatal


class Ledger(Protocol[Reservation]):
    """Keeps the money: every attempt has its most expensive outcome set aside before it goes out."""

    async def reserve(self, usd: float | None) -> Reservation:
        """Set money aside; None where the price is unknown. May wait, and may raise to end the run."""

    def settle(self, reservation: Reservation, usd: float | None) -> None:
        """The attempt cost this much; None where the price is unknown."""

    def release(self, reservation: Reservation) -> None:
        """The attempt was not billed."""

    def keep(self, reservation: Reservation) -> None:
        """The attempt may have been billed: count what was set aside."""


LeftOff = Callable[[int, float], None]
"""Told of a call that was left off: how many attempts it made, and the most USD that they may have cost."""


class Transport(Protocol):
    """Makes one attempt at one call: `llm.provider` in this process, or workers that have it in theirs."""

    async def ask(
        self,
        model: Model,
        messages: Sequence[Message],
        reply_schema: Mapping[str, Any],
        *,
        sample: int,
        logprobs: bool,
    ) -> Answer:
        """See `llm.provider.ask`."""


def _no_media(sha256: str) -> tuple[str, bytes]:
    raise KeyError(sha256)


@dataclass(slots=True)
class _Call:
    """
    One question on its way.

    Attributes:
        attempts: How many went out.
        lost: How many of them may have been billed without a reply that counts its tokens.
    """

    model: Model
    messages: tuple[Message, ...]
    reply_schema: Mapping[str, Any]
    sample: int
    logprobs: bool
    price: Price | None
    likely_tokens: int
    most_usd: float | None
    attempts: int = 0
    lost: int = 0

    @property
    def possible_usd(self) -> float:
        """The most that lost attempts cost, where the price is known."""
        return self.lost * (self.most_usd or 0.0)

    @property
    def sort(self) -> Hashable:
        """Equal for calls that take equally long but for their items: one model fills in the same fields."""
        return (self.model.name, *self.reply_schema.get("properties", ()))


class Client(Generic[Reservation]):
    """
    Calls models for one event loop, within their limits and a ledger's money.

    Calls to one provider at one address share its wish to wait, and the
    number of calls in flight where it is found by trying; calls with equal
    settings share their limits too.
    """

    def __init__(
        self,
        *,
        ledger: Ledger[Reservation],
        backoff_s: float = 1.0,
        clock: Clock = time.monotonic,
        media: MediaOf = _no_media,
        transport: Transport | None = None,
        levels: dict[Hashable, Level] | None = None,
    ) -> None:
        """
        Prepare to call; nothing is imported or opened yet.

        Args:
            ledger: Where money is set aside before every attempt.
            backoff_s: Bound of the first wait after a failure; later bounds double.
            clock: Seconds that never go back.
            media: Kind (MIME) and bytes of a hash that stands in a message.
            transport: Makes the attempts; this process does without it.
            levels: How many calls each place took from a client before, which this one goes on from and
                keeps up to date.
        """
        self._transport = transport
        self._media = media
        self._ledger = ledger
        self._backoff_s = backoff_s
        self._clock = clock
        self._gates: dict[tuple[str, str | None], Gate] = {}
        self._levels = {} if levels is None else levels
        self._slots: dict[Hashable, Slots] = {}
        self._limits: dict[Hashable, Limits] = {}
        self._lane_of = OncePer(self._lane)

    async def complete(
        self,
        model: Model,
        messages: Sequence[Message],
        reply_schema: Mapping[str, Any],
        *,
        sample: int = 0,
        logprobs: bool = False,
        left_off: LeftOff | None = None,
    ) -> Completion:
        """
        Ask until there is a reply, or no sense in asking again.

        Args:
            model: Who answers.
            messages: The conversation as `messages_for` made it; sent as it is.
            reply_schema: JSON Schema, sent beside the messages where the model
                takes one. The reply is not checked here.
            sample: Number of the sample, from 0.
            logprobs: Ask for scores of the reply's tokens.
            left_off: Told where the call ends with neither a reply nor a failure of its own, because the
                money is spent or it was cancelled, and attempts may have been billed before.

        Raises:
            CallFailed: With its class and reason.
            Exception: What the ledger raises when the money is spent.
        """
        call = _prepared(model, messages, reply_schema, sample=sample, logprobs=logprobs)
        try:
            return await self._until_answered(call)
        except CallFailed:
            raise
        except BaseException:
            if call.lost and left_off is not None:
                left_off(call.attempts, call.possible_usd)
            raise

    async def _until_answered(self, call: _Call) -> Completion:
        patience: Patience | None = None
        while True:
            try:
                completion = await self._attempt(call)
                # Paid for, too, where the provider did not say for how many tokens.
                call.lost += completion.cost_usd is None
                return replace(completion, possible_usd=call.possible_usd) if call.lost else completion
            except AttemptFailed as failure:
                patience = patience or Patience(self._backoff_s)
                wait_s = patience.wait_s(failure)
                if wait_s is None:
                    cost = None if call.lost else 0.0
                    raise CallFailed(failure, call.attempts, cost, call.possible_usd) from None
            await asyncio.sleep(wait_s)

    async def _attempt(self, call: _Call) -> Completion:
        transport: Transport = self._transport or await loaded_provider()
        gate, limits = self._lane_of(call.model)
        async with limits.slots:
            await gate.wait()
            if limits.paced:
                await limits.turn(call.likely_tokens)
            # Bytes are held from here to the reply, by no more calls than are in flight.
            messages = with_media(call.messages, self._media)
            reservation = await self._ledger.reserve(call.most_usd)
            level, sent = limits.slots.level, None
            try:
                await gate.wait()
                sent, started = level.sent(), self._clock()
                call.attempts += 1
                answer = await transport.ask(
                    call.model, messages, call.reply_schema, sample=call.sample, logprobs=call.logprobs
                )
            except AttemptFailed as failure:
                if failure.retry_after_s is not None:
                    gate.shut(failure.retry_after_s)
                # A number of the user's own is lowered where nobody says how long to wait instead.
                if sent is not None and failure.too_many and (level.seeks or not failure.retry_after_s):
                    level.refused(sent)
                self._give_back(reservation, call, maybe_billed=failure.maybe_billed)
                raise
            except BaseException:
                self._give_back(reservation, call, maybe_billed=sent is not None)
                raise
            finally:
                if sent is not None:
                    level.back()
            completion = completed(answer, call.price, self._clock() - started, call.attempts)
            level.answered(sent, call.sort, completion.latency_s)
            self._settle(reservation, call, completion, limits)
            return completion

    def _lane(self, model: Model) -> tuple[Gate, Limits]:
        place = (model.provider, model.api_base)
        pace = (*place, model.concurrency, model.requests_per_minute, model.tokens_per_minute)
        # A number is a role's own; where it is found out, the place's.
        slots = self._slots_of((*place, "adaptive") if model.adaptive else pace, model)
        if (pace, slots) not in self._limits:
            self._limits[pace, slots] = Limits(model, slots, self._clock)
        return self._gates.setdefault(place, Gate(self._clock)), self._limits[pace, slots]

    def _slots_of(self, whose: Hashable, model: Model) -> Slots:
        if whose not in self._slots:
            new = Level(model.concurrency, seeks=model.adaptive)
            self._slots[whose] = Slots(self._levels.setdefault(whose, new))
        return self._slots[whose]

    @property
    def at_most(self) -> int | None:
        """Calls that may be in flight now, where that is found out or has been lowered; else None."""
        levels = [slots.level for slots in self._slots.values()]
        moved = [level.now for level in levels if level.seeks or level.now < level.most]
        return sum(moved) if moved else None

    def _give_back(self, reservation: Reservation, call: _Call, *, maybe_billed: bool) -> None:
        if maybe_billed:
            call.lost += 1
            self._ledger.keep(reservation)
        else:
            self._ledger.release(reservation)

    def _settle(self, reservation: Reservation, call: _Call, completion: Completion, limits: Limits) -> None:
        if completion.cost_usd is None and call.price is not None:
            # Paid for, but the provider did not say for how many tokens.
            self._ledger.keep(reservation)
        else:
            self._ledger.settle(reservation, completion.cost_usd)
        used = (completion.prompt_tokens or 0) + (completion.completion_tokens or 0)
        if used and limits.paced:
            limits.correct(used - call.likely_tokens)

    async def close(self) -> None:
        """Close connections. The client may be used again."""
        if _loaded is not None and _loaded.done():
            await _loaded.result().close()


def _prepared(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any], *, sample: int, logprobs: bool
) -> _Call:
    price = model.paid
    media = in_messages(model, messages, "image") + in_messages(model, messages, "audio")
    return _Call(
        model=model,
        messages=tuple(messages),
        reply_schema=reply_schema,
        sample=sample,
        logprobs=logprobs,
        price=price,
        likely_tokens=round(likely_text_tokens(messages) + media.likely),
        most_usd=highest_usd(model, messages, reply_schema, price),
    )


def completed(answer: Answer, price: Price | None, latency_s: float = 0.0, attempts: int = 1) -> Completion:
    """An answer at its price; `cost_usd` is None where price or tokens are not known."""
    cost = None
    if price is not None and answer.prompt_tokens is not None:
        cost = price.cost_usd(
            answer.prompt_tokens, answer.completion_tokens or 0, answer.cached_tokens, answer.sound_tokens
        )
    return Completion(
        text=answer.text,
        finish_reason=answer.finish_reason,
        refusal=answer.refusal,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        cost_usd=cost,
        model=answer.model,
        fingerprint=answer.fingerprint,
        tokens=answer.tokens,
        latency_s=latency_s,
        attempts=attempts,
    )


_loaded: Future[ModuleType] | None = None


def preload() -> None:
    """Begin to import LiteLLM in a thread, which takes seconds; the first call waits for it."""
    _loading()


async def loaded_provider() -> ModuleType:
    """The module that touches LiteLLM, once it is imported."""
    loading = _loading()
    return loading.result() if loading.done() else await asyncio.wrap_future(loading)


def _loading() -> Future[ModuleType]:
    global _loaded  # noqa: PLW0603 - a module is imported once a process
    if _loaded is None:
        _loaded = Future()
        # Else a cancelled call would cancel the import for all others.
        _loaded.set_running_or_notify_cancel()
        # A daemon: Ctrl-C does not wait for an import.
        threading.Thread(target=_load, args=(_loaded,), name="import litellm", daemon=True).start()
    return _loaded


def _load(loaded: Future[ModuleType]) -> None:
    try:
        provider = importlib.import_module("act_spec.llm.provider")
        provider.warm_up()
        loaded.set_result(provider)
    except BaseException as error:  # noqa: BLE001 - raised where the module is waited for
        loaded.set_exception(error)
