"""What makes two requests the same call, and what a provider's answer amounts to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from act_spec.llm.client import Completion
from act_spec.llm.model import Model
from act_spec.llm.replies import read_reply
from act_spec.once import OncePer
from act_spec.records import (
    Message,
    Reply,
    Request,
    Status,
    TokenScore,
    canonical_json,
    sha256_of_text,
)
from act_spec.store.calls import Recorded


class Asked(NamedTuple):
    """
    A request on its way: who answers it, what goes out, and what it is known by.

    Attributes:
        request: As the strategy made it.
        model: Who answers.
        messages: The conversation exactly as it goes out.
        key: Of the call; equal requests have one.
        prompt_sha256: Of the messages.
    """

    request: Request
    model: Model
    messages: tuple[Message, ...]
    key: str
    prompt_sha256: str


def asked(model: Model, messages: Sequence[Message], request: Request) -> Asked:
    """A request with its key: model, messages, parameters, schema and sample number."""
    sent = tuple(messages)
    prompt = canonical_json(sent)
    name, parameters = _text_of_model(model)
    # The canonical JSON of a list is made of that of its parts, and most parts are the same for every item.
    whole = f"[{name},{prompt},{parameters},{_text_of_schema(request.reply_schema)},{request.sample}]"
    return Asked(request, model, sent, sha256_of_text(whole), sha256_of_text(prompt))


_text_of_schema = OncePer(canonical_json)
_text_of_model: OncePer[Model, tuple[str, str]] = OncePer(
    lambda model: (canonical_json(model.name), canonical_json(model.parameters()))
)


def call_key(model: Model, messages: Sequence[Message], request: Request) -> str:
    """What makes two requests the same call."""
    return asked(model, messages, request).key


def checked_reply(key: str, request: Request, completion: Completion) -> Reply:
    """A provider's answer, held against the request's schema."""
    text = completion.text or ""
    status: Status = "ok"
    value, reason = None, ""
    if completion.refusal or completion.finish_reason == "content_filter":
        status, reason = "refused", completion.refusal or "the provider's content filter"
    elif completion.finish_reason == "length":
        status, reason = "truncated", "the reply was cut off at max_tokens"
    else:
        try:
            value = read_reply(text, request.reply_schema)
        except ValueError as error:
            status, reason = "invalid", str(error)
    return Reply(status, value, text, key, completion.tokens, reason)


def asked_again(messages: Sequence[Message], reply: Reply) -> tuple[Message, ...]:
    """The conversation that goes on where a reply did not meet its schema, with the fault named."""
    return (
        *messages,
        {"role": "assistant", "content": reply.text},
        {
            "role": "user",
            "content": f"That reply cannot be used: {reply.reason} Reply again, as asked above.",
        },
    )


def stored_reply(key: str, request: Request, text: str, tokens: str | None) -> Reply:
    """A reply from the calls table, as it was when it came."""
    scores = tuple(
        TokenScore(
            one["token"], one["logprob"], tuple((token, score) for token, score in one["alternatives"])
        )
        for one in json.loads(tokens or "[]")
    )
    return Reply("ok", read_reply(text, request.reply_schema), text, key, scores)


def recorded_reply(key: str, request: Request, said: Recorded) -> Reply:
    """What a call in the table brought, good or not, as it was when it came."""
    if said.status == "ok":
        return stored_reply(key, request, said.response or "", said.tokens)
    return Reply(said.status, None, said.response or "", key, reason=said.reason or "")
