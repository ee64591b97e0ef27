"""
OpenAI's files and batches, at whichever provider has them: one attempt at each step.

OpenAI's package is used by itself: `litellm.acreate_batch` and its kin make
such a client for every call too, and leave its connections open. What goes
wrong is classed as in `provider`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai

from act_spec.llm.arguments import NO_KEY
from act_spec.llm.failures import failed
from act_spec.llm.keys import address_of, key_variable
from act_spec.llm.model import Model
from act_spec.llm.provider import AZURE_API_VERSION
from act_spec.llm.staying import staying

BATCH_MARK = "act_spec"
"""Under which a provider keeps our own name of a batch."""
_SHORTEST_FOR_FILES_S = 300.0


async def upload_batch(model: Model, name: str, lines: bytes) -> str:
    """
    Hand a batch's file over.

    Returns:
        The provider's name of it.
    """
    async with _files_of(model) as client:
        made = await client.files.create(file=(f"{name}.jsonl", lines), purpose="batch")
        return str(made.id)


async def create_batch(model: Model, name: str, file: str) -> Any:
    """Start a batch, marked with our own name for it; the provider's record of it."""
    async with _files_of(model) as client:
        return await client.batches.create(
            completion_window="24h",
            endpoint="/v1/chat/completions",
            input_file_id=file,
            metadata={BATCH_MARK: name},
        )


async def list_batches(model: Model, after: str | None) -> Any:
    """A page of the provider's batches, the newest first."""
    async with _files_of(model) as client:
        return await client.batches.list(limit=100, **({} if after is None else {"after": after}))


async def retrieve_batch(model: Model, batch_id: str) -> Any:
    """The provider's record of a batch."""
    async with _files_of(model) as client:
        return await client.batches.retrieve(batch_id)


async def cancel_batch(model: Model, batch_id: str) -> Any:
    """Ask that a batch is ended; what it has answered is kept, and paid for."""
    async with _files_of(model) as client:
        return await client.batches.cancel(batch_id)


async def batch_file(model: Model, file: str) -> bytes:
    """A file of results."""
    async with _files_of(model) as client:
        return bytes((await client.files.content(file)).content)


@asynccontextmanager
async def _files_of(model: Model) -> AsyncIterator[Any]:
    """OpenAI's package, pointed at a provider."""
    key = os.environ.get(key_variable(model) or "")
    address = address_of(model)
    settings: dict[str, Any] = {
        "api_key": key or NO_KEY,
        "timeout": max(model.timeout_s, _SHORTEST_FOR_FILES_S),
        "max_retries": 0,
    }
    try:
        with staying():
            async with _sdk(model, settings, address) as client:
                yield client
    except Exception as error:  # noqa: BLE001 - providers raise what they like; it is classed, and never lost
        raise failed(error, model, key) from None


def _sdk(model: Model, settings: dict[str, Any], address: str | None) -> Any:
    if model.provider != "azure":
        return openai.AsyncOpenAI(**settings, base_url=address)
    version = os.environ.get("AZURE_API_VERSION") or AZURE_API_VERSION
    return openai.AsyncAzureOpenAI(**settings, azure_endpoint=address or "", api_version=version)
