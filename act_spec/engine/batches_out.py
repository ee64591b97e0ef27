"""Batches that are out: found again after a kill, looked at, called back, and taken into the calls table."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from act_spec.engine.batch_file import answered_call, call_row
from act_spec.engine.batch_terms import Pace
from act_spec.engine.ledger import Ledger, Reservation
from act_spec.engine.local import ProviderDown
from act_spec.engine.snapshots import Snapshots
from act_spec.engine.stopping import Stopping
from act_spec.llm.batches import Batch, Batches, CannotList
from act_spec.llm.client import CallFailed
from act_spec.llm.model import Model
from act_spec.store import batches
from act_spec.store.database import Store
from act_spec.store.times import utc_now

Result = TypeVar("Result")


async def answered(step: Awaitable[Result]) -> Result:
    """What the provider answers; where it does not, the run ends and the batch stays out."""
    try:
        return await step
    except CallFailed as failure:
        raise down(failure) from failure


def down(failure: CallFailed) -> ProviderDown:
    """The end of a run whose provider does not answer."""
    return ProviderDown(f"{failure.reason} Run the same command to go on; nothing is paid twice.")


@dataclass
class Flying:
    """A batch that is out."""

    out: batches.Out
    model: Model
    reservation: Reservation
    answered: int = 0
    called_back: bool = False

    @property
    def batch_id(self) -> str:
        """The provider's name of it."""
        return self.out.batch_id or ""


@dataclass
class BatchesOut:
    """
    What is out, by the name that we gave it.

    Attributes:
        store: Where batches and their calls are written.
        reader: Where they are read.
        client: Speaks to providers.
        ledger: Holds their money.
        snapshots: What answered before.
        flying: The batches.
        unanswered: Requests that came back without a reply.
    """

    store: Store
    reader: Store
    client: Batches
    ledger: Ledger
    snapshots: Snapshots
    flying: dict[str, Flying] = field(default_factory=dict)
    unanswered: int = 0

    def add(self, out: batches.Out, model: Model, reservation: Reservation) -> None:
        """One more is out."""
        self.flying[out.name] = Flying(out, model, reservation)

    def of_stage(self, key: str) -> set[str]:
        """Names of a stage's batches."""
        return {name for name, flying in self.flying.items() if flying.out.stage_key == key}

    def left(self) -> int:
        """Requests that are out and not answered, as far as was looked."""
        return sum(flying.out.requests - flying.answered for flying in self.flying.values())

    def request_bytes(self) -> float:
        """Of a request, in the batch whose requests are longest; 0 where none is out."""
        sizes = (flying.out.bytes / max(1, flying.out.requests) for flying in self.flying.values())
        return max(sizes, default=0.0)

    def note(self) -> str:
        """What is waited for; empty where nothing is."""
        if not self.flying:
            return ""
        answered = sum(flying.answered for flying in self.flying.values())
        requests = sum(flying.out.requests for flying in self.flying.values())
        since = min(flying.out.prepared_at for flying in self.flying.values())
        what = "a batch" if len(self.flying) == 1 else f"{len(self.flying)} batches"
        states = ", ".join(sorted({flying.out.state for flying in self.flying.values()}))
        return f"waiting for {what} ({states}): {answered:,} of {requests:,} answered, out since {since:%H:%M} UTC"

    # ----- of an earlier session

    async def take_up(
        self, models: Mapping[tuple[str, str | None], Model], pace: Pace, stopping: Stopping
    ) -> None:
        """Their money is set aside, and those that may have been started are found."""
        for out in batches.open_batches(self.reader):
            reservation = self.ledger.hold(out.most_usd)
            model = models.get((out.model, out.api_base))
            if out.state == batches.PREPARED:
                self.drop(out, reservation)
            elif model is not None:
                found = await self._found(out, model, reservation, pace, stopping)
                if found is not None:
                    self.add(found, model, reservation)

    async def _found(
        self, out: batches.Out, model: Model, reservation: Reservation, pace: Pace, stopping: Stopping
    ) -> batches.Out | None:
        if out.batch_id is not None:
            return out
        while True:
            try:
                batch = await answered(self.client.find(model, out.name))
            except CannotList:
                self._lost(out, reservation)
                return None
            if batch is not None:
                batches.note_state(self.store, out.name, batch.state, batch.batch_id)
                return replace(out, batch_id=batch.batch_id, state=batch.state)
            left = pace.unseen_s - (utc_now() - out.prepared_at).total_seconds()
            if left <= 0:
                self.drop(out, reservation)
                return None
            await stopping.sleep(min(left, pace.first_look_s))

    def drop(self, out: batches.Out, reservation: Reservation) -> None:
        """It never began, or was not taken: its requests go out with the next one."""
        batches.drop(self.store, out.name, "failed", utc_now())
        self.ledger.release(reservation)
        self.flying.pop(out.name, None)

    def _lost(self, out: batches.Out, reservation: Reservation) -> None:
        """It may have begun and cannot be found: all that it can have cost is booked."""
        reason = "a batch whose start was not confirmed, and the provider shows no list of batches"
        share = out.most_usd / max(1, out.requests)
        asked = batches.requests_of(self.reader, out.name).values()
        calls = [call_row(out, one, "provider_error", reason, possible_usd=share) for one in asked]
        batches.drop(self.store, out.name, "lost", utc_now(), calls)
        self.ledger.keep(reservation)

    # ----- under way

    async def look(self, flying: Flying) -> Batch:
        """How far it is."""
        batch = await answered(self.client.look(flying.model, flying.batch_id))
        flying.answered = batch.answered
        if not batch.ended:
            batches.note_state(self.store, flying.out.name, batch.state, batch.batch_id)
        return batch

    async def call_back(self, names: Collection[str]) -> None:
        """Ask the provider to end them, once; what they have answered by then still comes."""
        for name, flying in self.flying.items():
            if name in names and not flying.called_back:
                await answered(self.client.cancel(flying.model, flying.batch_id))
                flying.called_back = True

    async def take_in(self, flying: Flying, batch: Batch) -> None:
        """
        Bring what an ended batch has into the calls table, all at once.

        Raises:
            ProviderDown: If the provider did not take it, or somebody cancelled it there.
            SnapshotChanged: If another snapshot answered than the pinned one.
        """
        if batch.state == "failed":
            self.drop(flying.out, flying.reservation)
            raise ProviderDown(
                f"{flying.model.name}: the provider did not take the batch: {batch.reason or batch.code or 'it gives no reason.'} "
                "Mend that and run the same command; nothing was paid for it."
            )
        lines = await answered(self.client.results(flying.model, batch))
        asked = batches.requests_of(self.reader, flying.out.name)
        good = [
            (asked[line.call_key], line.completion)
            for line in lines
            if line.call_key in asked and line.completion is not None
        ]
        for _, completion in good:
            # Before anything is taken in: what is not used stays with the provider.
            if (changed := self.snapshots.changed(flying.model, completion)) is not None:
                raise changed
        each = flying.out.most_usd / max(1, flying.out.requests)
        calls = [answered_call(flying.out, one, completion, each) for one, completion in good]
        batches.keep_results(self.store, flying.out.name, calls, utc_now())
        spent_usd = sum(each if call.cost_usd is None else call.cost_usd for call in calls)
        self.ledger.settle(flying.reservation, spent_usd)
        del self.flying[flying.out.name]
        self.unanswered += len(asked) - len(calls)
        if batch.state == "cancelled" and not flying.called_back:
            raise ProviderDown(
                f"{flying.model.name}: the batch was cancelled at the provider; {len(calls):,} of {len(asked):,} replies "
                "had come and are kept. Run the same command to ask the others by calls."
            )
