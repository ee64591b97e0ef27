"""Sends a stage's requests as batches: recorded under a name of our own, uploaded, started."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from act_spec.engine.batch_file import BatchFile
from act_spec.engine.batches_out import BatchesOut, down
from act_spec.engine.gathering import Gathering
from act_spec.engine.job import Batched, Job
from act_spec.engine.local import ProviderDown
from act_spec.engine.stopping import Stopping
from act_spec.llm.batches import UNCERTAIN, CannotList
from act_spec.llm.client import CallFailed
from act_spec.llm.highest import highest_usd
from act_spec.llm.model import Model
from act_spec.store import batches
from act_spec.store.times import utc_now

_FEWEST = 20
"""Of a batch that the cap cuts short; fewer are asked by calls."""


class BatchSending:
    """Sends batches of one stage."""

    def __init__(
        self, job: Job, batched: Batched, out: BatchesOut, stopping: Stopping, most_requests: int
    ) -> None:
        """
        Prepare; nothing is sent yet.

        Args:
            job: The stage's work.
            batched: Its key.
            out: Where what is sent is noted.
            stopping: Heard between two requests.
            most_requests: Of one batch.
        """
        self._job = job
        self._batched = batched
        self._out = out
        self._stopping = stopping
        self._most_requests = most_requests

    async def send(self, gathering: Gathering) -> tuple[int, bool]:
        """
        Send what no call and no batch answers, as far as the cap reaches.

        Returns:
            How many requests, and whether the cap cut them short.

        Raises:
            ProviderDown: If the provider does not take them.
        """
        files: dict[Model, BatchFile] = {}
        room, sent, capped = self._out.ledger.room_usd, 0, False
        for one in gathering.wanted():
            price = one.model.paid_by_batch
            usd = highest_usd(one.model, one.messages, one.request.reply_schema, price) or 0.0
            if room is not None and usd > room:
                capped = True
                break
            room = None if room is None else room - usd
            line = await self._out.client.line(
                one.model, one.key, one.messages, one.request.reply_schema, logprobs=one.request.logprobs
            )
            file = files.setdefault(one.model, BatchFile())
            if file.is_full(line, self._most_requests):
                sent += await self._start(one.model, files.pop(one.model))
                file = files.setdefault(one.model, BatchFile())
            file.add(one, line, usd)
            await self._stopping.breathe()
        if not capped or sum(len(file.asked) for file in files.values()) >= _FEWEST:
            for model, file in files.items():
                sent += await self._start(model, file)
        return sent, capped

    async def _start(self, model: Model, file: BatchFile) -> int:
        store, client, ledger = self._out.store, self._out.client, self._out.ledger
        out = batches.Out(
            name=uuid4().hex,
            batch_id=None,
            stage_key=self._batched.key,
            stage=self._job.stage,
            round=self._job.round,
            model=model.name,
            api_base=model.api_base,
            requests=len(file.asked),
            bytes=len(file.lines),
            most_usd=file.most_usd,
            state=batches.PREPARED,
            prepared_at=utc_now(),
        )
        batches.prepare(store, out, file.asked)
        reservation = ledger.hold(file.most_usd)
        try:
            uploaded = await client.upload(model, out.name, bytes(file.lines))
            await self._stopping.breathe()
            batches.note_state(store, out.name, batches.STARTING, None)
            batch = await client.start(model, out.name, uploaded)
        except CallFailed as failure:
            if failure.kind not in UNCERTAIN:
                self._out.drop(out, reservation)
            raise down(failure) from failure
        except CannotList as failure:
            raise ProviderDown(
                f"{model.name}: the start of a batch was not confirmed, and the provider shows no list of batches. "
                "Run the same command to go on; what that batch may cost is booked."
            ) from failure
        batches.note_state(store, out.name, batch.state, batch.batch_id)
        self._out.add(replace(out, batch_id=batch.batch_id, state=batch.state), model, reservation)
        return out.requests
