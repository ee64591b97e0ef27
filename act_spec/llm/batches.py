"""
A provider's batches: handed over, found again, looked at, fetched, ended.

Every step but one may be repeated and costs nothing. Starting a batch is the
one: where the provider's answer to that is lost, the batch is looked for by
the name that we gave it before it is started again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from act_spec.llm.client import CallFailed, Completion, completed, loaded_provider
from act_spec.llm.media import MediaOf, with_media
from act_spec.llm.model import Model
from act_spec.llm.retry import AttemptFailed, Kind, Patience
from act_spec.records import Message

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
UNCERTAIN: frozenset[Kind] = frozenset({"timeout", "dropped", "malformed", "overloaded", "server"})
"""Failures after which a batch may have been started all the same."""
_MOST_PAGES = 20
Result = TypeVar("Result")


class CannotList(Exception):  # noqa: N818 - named for what the provider cannot do
    """The provider shows no list of batches, so that one whose name was lost cannot be found."""


@dataclass(frozen=True)
class Batch:
    """
    A batch as its provider shows it.

    Attributes:
        batch_id: The provider's name of it.
        state: `validating`, `in_progress`, `finalizing`, `cancelling`, or one of `ENDED`.
        answered: Requests with a reply so far.
        files: Of results: the good ones and the failures, those that there are.
        code: Of the fault that ended it; empty without one.
        reason: The provider's words for it.
    """

    batch_id: str
    state: str
    answered: int
    files: tuple[str, ...]
    code: str = ""
    reason: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ENDED


@dataclass(frozen=True)
class Line:
    """What a batch brought for one request: a completion, or the reason why there is none."""

    call_key: str
    completion: Completion | None
    reason: str = ""


class Batches:
    """Speaks to providers' batch interfaces, with patience; see the module."""

    def __init__(self, *, backoff_s: float, media: MediaOf) -> None:
        """
        Prepare; nothing is opened yet.

        Args:
            backoff_s: Bound of the first wait after a failure; later bounds double.
            media: Kind (MIME) and bytes of a hash that stands in a message.
        """
        self._backoff_s = backoff_s
        self._media = media

    async def line(
        self,
        model: Model,
        call_key: str,
        messages: Sequence[Message],
        reply_schema: Mapping[str, Any],
        *,
        logprobs: bool,
    ) -> bytes:
        """A request as a line of a batch's file."""
        provider = await loaded_provider()
        body: bytes = await provider.batch_body(
            model, with_media(messages, self._media), reply_schema, logprobs=logprobs
        )
        head = f'{{"custom_id":"{call_key}","method":"POST","url":"/v1/chat/completions","body":'
        return head.encode() + body + b"}\n"

    async def upload(self, model: Model, name: str, lines: bytes) -> str:
        """
        Hand a file of requests over; nothing is asked yet.

        Returns:
            The provider's name of the file.

        Raises:
            CallFailed: If the provider does not take it.
        """
        return await self._patiently(lambda files: files.upload_batch(model, name, lines))

    async def start(self, model: Model, name: str, file: str) -> Batch:
        """
        Start the batch of a file.

        Args:
            model: Who answers.
            name: Our own of the batch.
            file: The provider's name of the file.

        Raises:
            CallFailed: If the provider does not start it; of an `UNCERTAIN` kind if it may have done so.
            CannotList: If it may have done so, and shows no list.
        """
        patience, attempts = Patience(self._backoff_s), 0
        while True:
            attempts += 1
            files = await _loaded_files()
            try:
                return _shown(await files.create_batch(model, name, file))
            except AttemptFailed as error:
                failure = error
            # Outside of the handler: what goes wrong from here on is no consequence of that failure.
            if failure.kind in UNCERTAIN and (found := await self.find(model, name)) is not None:
                return found
            wait_s = patience.wait_s(failure)
            if wait_s is None:
                raise CallFailed(failure, attempts, 0.0)
            await asyncio.sleep(max(wait_s, failure.retry_after_s or 0.0))

    async def find(self, model: Model, name: str) -> Batch | None:
        """
        The batch that bears our name; None if there is none.

        Raises:
            CannotList: If the provider shows no list.
            CallFailed: If it does not answer.
        """
        files = await _loaded_files()
        after: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._page(model, after)
            for one in page.data:
                if (getattr(one, "metadata", None) or {}).get(files.BATCH_MARK) == name:
                    return _shown(one)
            if not page.data or not getattr(page, "has_more", False):
                return None
            after = page.data[-1].id
        return None

    async def _page(self, model: Model, after: str | None) -> Any:
        try:
            return await self._patiently(lambda files: files.list_batches(model, after))
        except CallFailed as failure:
            if failure.kind in ("unusable", "rejected", "malformed"):
                raise CannotList(failure.reason) from None
            raise

    async def look(self, model: Model, batch_id: str) -> Batch:
        """
        How far a batch is.

        Raises:
            CallFailed: If the provider does not answer, or knows no such batch.
        """
        return _shown(await self._patiently(lambda files: files.retrieve_batch(model, batch_id)))

    async def cancel(self, model: Model, batch_id: str) -> None:
        """End a batch; what it has answered can still be fetched. One that has ended by itself is left alone."""
        try:
            await self._patiently(lambda files: files.cancel_batch(model, batch_id))
        except CallFailed as failure:
            if failure.kind not in ("rejected", "unusable"):
                raise

    async def results(self, model: Model, batch: Batch) -> list[Line]:
        """
        What a batch brought: of each request the first good reply, else the last reason.

        Raises:
            CallFailed: If the files cannot be fetched.
        """
        found: dict[str, Line] = {}
        for file in batch.files:
            data: bytes = await self._patiently(
                lambda files, file=file: files.batch_file(model, file)  # type: ignore[misc]
            )
            for said in _lines(data):
                line = await _read(model, said)
                before = found.get(line.call_key)
                if before is None or before.completion is None:
                    found[line.call_key] = line
        return list(found.values())

    async def _patiently(self, step: Callable[[ModuleType], Awaitable[Result]]) -> Result:
        """A step that may be repeated, until it succeeds or there is no sense in trying again."""
        files = await _loaded_files()
        patience, attempts = Patience(self._backoff_s), 0
        while True:
            attempts += 1
            try:
                return await step(files)
            except AttemptFailed as failure:
                wait_s = patience.wait_s(failure)
                if wait_s is None:
                    raise CallFailed(failure, attempts, 0.0) from None
                wait_s = max(wait_s, failure.retry_after_s or 0.0)
            await asyncio.sleep(wait_s)


async def _loaded_files() -> ModuleType:
    """`llm.openai_files`, once LiteLLM is imported."""
    await loaded_provider()
    from act_spec.llm import openai_files

    return openai_files


def _shown(record: Any) -> Batch:
    errors = getattr(getattr(record, "errors", None), "data", None) or ()
    first = errors[0] if errors else None
    counts = getattr(record, "request_counts", None)
    files = (getattr(record, "output_file_id", None), getattr(record, "error_file_id", None))
    return Batch(
        str(record.id),
        str(record.status),
        int(getattr(counts, "completed", 0) or 0),
        tuple(str(file) for file in files if file),
        str(getattr(first, "code", None) or ""),
        " ".join(str(getattr(first, "message", None) or "").split()),
    )


def _lines(data: bytes) -> Iterator[Mapping[str, Any]]:
    for line in data.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue  # cut off on the way: its request counts as not answered
        if isinstance(said, dict) and isinstance(said.get("custom_id"), str):
            yield said


async def _read(model: Model, said: Mapping[str, Any]) -> Line:
    key: str = said["custom_id"]
    response = said.get("response") or {}
    body = response.get("body")
    if response.get("status_code") != 200 or not isinstance(body, dict):
        error = said.get("error") or (body or {}).get("error") or {}
        words = error.get("message") if isinstance(error, dict) else error
        return Line(key, None, str(words or f"the batch brought status {response.get('status_code')}"))
    provider = await loaded_provider()
    try:
        answer = await provider.batch_answer(model, json.dumps(body).encode())
    except AttemptFailed as failure:
        return Line(key, None, failure.reason)
    return Line(key, completed(answer, model.paid_by_batch))
