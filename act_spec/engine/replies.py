"""What makes two requests the same call, and what a provider's answer amounts to."""

from __future__ import annotations

import json
from collections.abc import Sequence

from act_spec.llm.client import Completion
from act_spec.llm.model import Model
from act_spec.llm.replies import read_reply
from act_spec.records import Message, Reply, Request, Status, TokenScore, sha256
from act_spec.store.calls import Recorded


def call_key(model: Model, messages: Sequence[Message], request: Request) -> str:
    """What makes two requests the same call: model, messages, parameters, schema and sample number."""
    return sha256([model.name, list(messages), model.parameters(), request.reply_schema, request.sample])


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
