"""What was learned of the way to each model, for as long as an event loop lasts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from act_spec.llm.formats import response_format
from act_spec.llm.keys import key_variable
from act_spec.llm.model import Model
from act_spec.llm.paths import Path, path_of
from act_spec.llm.wire import Form, Wire, json_text
from act_spec.once import OncePer


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


class Way:
    """
    What calls to a model share.

    Attributes:
        path: Who makes its requests.
        key: Of the provider, as the environment had it at the first call; None for none.
        format_text: From a schema to how such replies are asked for beside the messages, as JSON;
            empty where they are not.
    """

    def __init__(self, model: Model) -> None:
        """Look up what the environment says."""
        self.path: Path = path_of(model)
        self.key = os.environ.get(key_variable(model) or "")
        self.format_text: OncePer[Mapping[str, Any], str] = OncePer(
            lambda schema: json_text(asked) if (asked := response_format(model, schema)) else ""
        )
        self._lanes: dict[Hashable, Lane] = {}

    def lane(self, *shape: Hashable) -> Lane:
        """The lane of a shape."""
        found = self._lanes.get(shape)
        if found is None:
            found = self._lanes[shape] = Lane()
        return found

    @property
    def on_wire(self) -> bool:
        """Whether requests of some shape go out without LiteLLM."""
        return any(lane.form is not None for lane in self._lanes.values())


@dataclass
class Lanes:
    """
    All ways of an event loop, and the connections that they share.

    Attributes:
        learning: Held while a first call is watched: one at a time, the others wait and learn from it.
    """

    wire: Wire = field(default_factory=Wire)
    learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    known: dict[Hashable, Way] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.way = OncePer(self._way)

    def _way(self, model: Model) -> Way:
        """The way to a model; equal ones share it."""
        return self.known.setdefault(model, Way(model))


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Lanes] = WeakKeyDictionary()


def lanes() -> Lanes:
    """Those of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _by_loop.get(loop)
    if found is None:
        found = _by_loop[loop] = Lanes()
    return found


async def close_lanes() -> None:
    """Close the connections; what was learned holds for later calls."""
    found = _by_loop.get(asyncio.get_running_loop())
    if found is not None:
        await found.wire.close()


_PLAIN = frozenset({"plain"})


def shape_of(messages: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The kinds of content in a conversation: a provider may want each of them in a form of its own."""
    if all(isinstance(message["content"], str) for message in messages):
        return _PLAIN
    found: set[str] = set()
    for message in messages:
        content = message["content"]
        found.update(["plain"] if isinstance(content, str) else (part["type"] for part in content))
    return frozenset(found)
