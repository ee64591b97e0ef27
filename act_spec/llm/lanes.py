"""What was learned of the way to each model, for as long as an event loop lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from act_spec.llm.wire import Form, Wire


@dataclass
class Lane:
    """
    The way to one model, for requests of one shape.

    Attributes:
        learned: Whether its first request was seen.
        form: What requests look like; None where LiteLLM must make each of them.
    """

    learned: bool = False
    form: Form | None = None


@dataclass
class Lanes:
    """
    All lanes of an event loop, and the connections that they share.

    Attributes:
        learning: Held while a first call is watched: one at a time, the others wait and learn from it.
    """

    wire: Wire = field(default_factory=Wire)
    learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    known: dict[Hashable, Lane] = field(default_factory=dict)

    def lane(self, *shape: Hashable) -> Lane:
        """The lane of a shape."""
        return self.known.setdefault(shape, Lane())


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Lanes] = WeakKeyDictionary()


def lanes() -> Lanes:
    """Those of the running event loop."""
    return _by_loop.setdefault(asyncio.get_running_loop(), Lanes())


async def close_lanes() -> None:
    """Forget what was learned, and close the connections."""
    found = _by_loop.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.wire.close()


def shape_of(messages: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The kinds of content in a conversation: a provider may want each of them in a form of its own."""
    found: set[str] = set()
    for message in messages:
        content = message["content"]
        found.update(["plain"] if isinstance(content, str) else (part["type"] for part in content))
    return frozenset(found)
