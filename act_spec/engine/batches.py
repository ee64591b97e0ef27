"""
A stage's requests by the provider's batches: gathered, sent, waited for, fetched into `calls`.

What comes back is in the calls table before the live engine begins, which
then finds it there as it finds what an earlier session paid for. So it needs
no second way to settle an item, and what a batch did not answer goes by calls.

    gather ─▶ record ─▶ upload ─▶ start ─▶ look … look ─▶ fetch ─▶ gather the next step

A batch is recorded under a name of our own before anything is sent, and that
name goes along. A process that was killed in between finds it by the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from act_spec.engine.batch_sending import BatchSending
from act_spec.engine.batch_terms import BatchTerms
from act_spec.engine.batches_out import BatchesOut, Flying
from act_spec.engine.due import Due
from act_spec.engine.gathering import Gathering
from act_spec.engine.job import Batched, Job, Progress
from act_spec.engine.ledger import Ledger
from act_spec.engine.local import Interrupted, ProviderDown
from act_spec.engine.snapshots import Snapshots
from act_spec.engine.stopping import Stopping
from act_spec.llm.batches import Batch, Batches
from act_spec.llm.model import Model
from act_spec.store import batches
from act_spec.store.database import Store

_GROWTH = 1.5
# What OpenAI and Azure call it when too much is queued already.
_QUEUE_FULL = frozenset({"token_limit_exceeded", "too_many_batches"})
_AGAIN = "Run the same command to collect it; nothing is paid twice."


class WaitingForBatch(ProviderDown):
    """A batch is out, and nobody waits for it."""


class BatchEngine:
    """Brings replies into the calls table by batches, one job at a time; see the module."""

    def __init__(
        self,
        store: Store,
        client: Batches,
        ledger: Ledger,
        snapshots: Snapshots,
        models: Sequence[Model],
        terms: BatchTerms,
    ) -> None:
        """
        Prepare; nothing is asked yet.

        Args:
            store: The run's database; the engine takes cursors of its own.
            client: Speaks to providers.
            ledger: The same that live calls reserve from.
            snapshots: What answered before.
            models: All that the plan names: batches of an earlier plan are fetched with these.
            terms: How they are sent and waited for.
        """
        self._out = BatchesOut(store.cursor(), store.cursor(), client, ledger, snapshots)
        self._models = {(model.name, model.api_base): model for model in models}
        self._terms = terms
        self._due: Due | None = None
        self._stopping = Stopping()

    def stop(self, reason: Exception) -> None:
        """Send nothing more and wait no longer; what is out stays out."""
        self._stopping.wish(reason)

    async def fill(self, job: Job, batched: Batched, progress: Progress, total: int) -> Job:
        """
        Ask a job's requests by batches, one for each step of its strategies.

        Args:
            job: A stage's work.
            batched: How its items are looked through.
            progress: Its note says how far the batches are.
            total: Items to settle.

        Returns:
            The job for the live engine.

        Raises:
            StoppedEarly: If the provider or the user ended it; batches stay out.
        """
        progress.note = "looking for batches that are out"
        self._due = Due(self._out.store, batched, self._terms)
        try:
            await self._out.take_up(self._models, self._terms.pace, self._stopping)
            if batched.sends:
                await self._send_all(job, batched, progress, total)
            else:
                await self._end_own(job, batched, progress)
        except Interrupted:
            if not self._out.flying:
                raise
            raise Interrupted(f"Stopped while {self._note()}. It goes on without us. {_AGAIN}") from None
        progress.note = self._note_on_leftovers()
        return replace(job, batched=None, standing=frozenset(batches.standing(self._out.reader, batched.key)))

    async def _send_all(self, job: Job, batched: Batched, progress: Progress, total: int) -> None:
        """A batch for each step, as long as there is time for one."""
        sending = BatchSending(job, batched, self._out, self._stopping, self._terms.most_requests)
        left = total
        while not self._is_late(job, left):
            progress.note = "gathering requests for a batch"
            gathering = Gathering(job, batched, self._out.reader)
            sent, capped = await sending.send(gathering)
            if not sent and not (self._out.flying and (gathering.out or capped)):
                break
            # Batches of other stages are waited for only where they hold what this one needs.
            await self._wait(job, progress, self._out.of_stage(batched.key) or set(self._out.flying))
            left = self._out.unanswered
        if self._is_late(job, total):
            await self._wait(job, progress, self._out.of_stage(batched.key))

    async def _end_own(self, job: Job, batched: Batched, progress: Progress) -> None:
        """No batch is wanted any more: what is out is called back, or else nothing is asked beside it."""
        own = self._out.of_stage(batched.key)
        if batched.recalls:
            await self._out.call_back(own)
        await self._wait(job, progress, own, waits=batched.recalls)

    async def _wait(self, job: Job, progress: Progress, names: set[str], *, waits: bool = True) -> None:
        """Until these batches have ended, and look at others too; shortly before a deadline they are called back."""
        pause = self._terms.pace.first_look_s
        crowded: str | None = None
        ended = 0
        while names & self._out.flying.keys():
            for flying in list(self._out.flying.values()):
                batch = await self._out.look(flying)
                if _is_crowded(batch):
                    crowded = batch.reason
                    self._out.drop(flying.out, flying.reservation)
                elif batch.ended:
                    await self._take_in(job, flying, batch)
                    ended += 1
            progress.note = self._note()
            if not names & self._out.flying.keys():
                break
            if self._is_late(job, self._out.left()):
                await self._out.call_back(names)
            if not (waits and self._terms.waits):
                raise WaitingForBatch(f"Still {self._note()}. {_AGAIN}")
            await self._stopping.sleep(pause)
            pause = min(pause * _GROWTH, self._terms.pace.longest_s)
        if crowded is not None and not ended:
            raise ProviderDown(f"The provider has no room for a batch: {crowded} Run the same command later.")

    async def _take_in(self, job: Job, flying: Flying, batch: Batch) -> None:
        # An earlier session may have called it back, and was killed.
        flying.called_back |= self._is_late(job, flying.out.requests)
        await self._out.take_in(flying, batch)

    def _is_late(self, job: Job, left: int) -> bool:
        """Whether so many requests must go by calls now."""
        return self._due is not None and self._due.is_late(
            job.models.values(), left, self._out.request_bytes()
        )

    def _note(self) -> str:
        note = self._out.note()
        return f"{note}{self._due or ''}" if note else ""

    def _note_on_leftovers(self) -> str:
        if not self._out.unanswered:
            return ""
        return f"{self._out.unanswered:,} requests came back from batches without a reply, and are asked by calls"


def _is_crowded(batch: Batch) -> bool:
    return batch.state == "failed" and batch.code in _QUEUE_FULL
