"""Replies that are at hand: what the calls table holds, and what came of late."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from act_spec.engine.replies import Asked, asked, asked_again, recorded_reply
from act_spec.records import Reply
from act_spec.store.calls import recorded_calls
from act_spec.store.database import Store

_REMEMBERED = 5_000


class Known:
    """Stored replies, looked up for many requests at once; the oldest are let go where there are very many."""

    def __init__(self, reader: Store) -> None:
        self._reader = reader
        self._good: dict[str, Reply] = {}
        self._unusable: dict[str, Reply] = {}

    def look_up(self, requests: Sequence[Asked]) -> None:
        """Bring stored replies to hand; a call that succeeded is never made again."""
        wanted = {one.key: one for one in requests if one.key not in self._good}
        if not wanted:
            return
        for key, said in recorded_calls(self._reader, list(wanted)).items():
            if said.status != "provider_error":
                place = self._good if said.status == "ok" else self._unusable
                _put(place, key, recorded_reply(key, wanted[key].request, said))

    def put(self, reply: Reply) -> None:
        """Keep a reply that came now at hand for equal requests that come soon after."""
        _put(self._good, reply.call_key, reply)

    def good(self, one: Asked) -> Reply | None:
        """The reply that answers a request."""
        return self._good.get(one.key)

    def left_off(self, one: Asked, standing: Collection[str]) -> Reply | None:
        """
        The stored reply that met no schema, where nobody has asked for it once more yet, or one that stands.

        Args:
            one: The request.
            standing: Keys of calls whose reply is no good and stands all the same.
        """
        stored = self._unusable.get(one.key)
        if stored is not None and stored.call_key in standing:
            return stored
        if stored is None or stored.status != "invalid":
            return None
        again = asked(one.model, asked_again(one.messages, stored), one.request)
        self.look_up([again])
        return None if again.key in self._unusable else stored


def _put(replies: dict[str, Reply], key: str, reply: Reply) -> None:
    replies[key] = reply
    if len(replies) > _REMEMBERED:
        del replies[next(iter(replies))]
