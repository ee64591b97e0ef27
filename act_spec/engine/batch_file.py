"""The requests of one batch on their way out, and its replies on their way into `calls`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

from act_spec.engine.gathering import Wanted
from act_spec.engine.replies import checked_reply
from act_spec.llm.batching import MOST_BYTES
from act_spec.llm.client import Completion
from act_spec.records import Request, canonical_json, sha256
from act_spec.store.batches import Asked, Out
from act_spec.store.calls import Call
from act_spec.store.times import utc_now


@dataclass
class BatchFile:
    """Requests to one model that go out together."""

    lines: bytearray = field(default_factory=bytearray)
    asked: list[Asked] = field(default_factory=list)
    most_usd: float = 0.0

    def add(self, one: Wanted, line: bytes, usd: float) -> None:
        """One more."""
        self.lines += line
        schema = canonical_json(one.request.reply_schema)
        self.asked.append(Asked(one.key, one.item_id, sha256(list(one.messages)), schema))
        self.most_usd += usd

    def is_full(self, line: bytes, most_requests: int) -> bool:
        """Whether a provider would not take one more."""
        return len(self.asked) >= most_requests or len(self.lines) + len(line) > MOST_BYTES


def answered_call(out: Out, asked: Asked, completion: Completion, most_usd: float) -> Call:
    """A reply as a row of `calls`, held against the request's schema; `most_usd` if its tokens were not counted."""
    reply = checked_reply(asked.call_key, Request((), json.loads(asked.reply_schema)), completion)
    tokens = json.dumps([asdict(token) for token in reply.tokens]) if reply.tokens else None
    possible = most_usd if completion.cost_usd is None else 0.0
    row = call_row(out, asked, reply.status, reply.reason, completion, possible)
    return replace(row, response=reply.text or None, tokens=tokens)


def call_row(
    out: Out,
    asked: Asked,
    status: str,
    reason: str,
    completion: Completion | None = None,
    possible_usd: float = 0.0,
) -> Call:
    """A row of `calls`; how long the provider took for a request of a batch is not known."""
    return Call(
        call_key=asked.call_key,
        stage=out.stage,
        round=out.round,
        item_id=asked.item_id,
        model=out.model,
        answered_model=completion.model if completion else None,
        fingerprint=completion.fingerprint if completion else None,
        prompt_sha256=asked.prompt_sha256,
        response=None,
        tokens=None,
        prompt_tokens=completion.prompt_tokens if completion else None,
        completion_tokens=completion.completion_tokens if completion else None,
        cost_usd=completion.cost_usd if completion else None,
        possible_usd=possible_usd,
        latency_s=None,
        attempts=1,
        status=status,
        reason=reason or None,
        finished_at=utc_now(),
    )
