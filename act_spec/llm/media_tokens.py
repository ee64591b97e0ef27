"""
How many tokens an image or a sound makes, by what providers publish; elsewhere a wide estimate.

Rules as of 2025: OpenAI, "Images and vision" (tiles of 512 pixels, or patches
of 32); Anthropic, "Vision" (width times height over 750); Google, "Understand
and count tokens" (258 a tile of 768 pixels, 32 a second of sound).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from act_spec.llm.model import Model
from act_spec.records import Message

MOST_IMAGE_TOKENS = 50_000
"""Of a model whose rule is not known: the dearest image that we know of, gpt-4o-mini's 2,833 + 8 tiles of 5,667."""
_MOST_SOUND_PER_S = 100
_PATCHES = (("gpt-4.1-mini|gpt-5-mini", 1.62), ("gpt-4.1-nano|gpt-5-nano", 2.46), ("o4-mini", 1.72))
_TILES = (("gpt-4o-mini", 2833, 5667), ("gpt-5", 70, 140), ("o[13]", 75, 150), ("gpt-4", 85, 170))
_OPENAI = frozenset({"openai", "azure"})
_GOOGLE = frozenset({"gemini", "vertex_ai"})


@dataclass(frozen=True)
class MediaTokens:
    """
    Tokens of something that is no text.

    Attributes:
        low: At least about so many.
        likely: By the provider's rule, or by a rule of thumb.
        high: At most about so many.
        most: Never more, for setting money aside.
        known: Whether the provider publishes a rule for the model.
    """

    low: float
    likely: float
    high: float
    most: float
    known: bool

    def __add__(self, other: MediaTokens) -> MediaTokens:
        if other is NOTHING:
            return self
        return MediaTokens(
            self.low + other.low,
            self.likely + other.likely,
            self.high + other.high,
            self.most + other.most,
            self.known and other.known,
        )


NOTHING = MediaTokens(0, 0, 0, 0, known=True)


def in_messages(model: Model, messages: Sequence[Message], kind: str) -> MediaTokens:
    """Tokens of all images, or of all sounds, of a conversation."""
    total = NOTHING
    for message in messages:
        for part in message["content"] if not isinstance(message["content"], str) else ():
            if part["type"] == kind == "image":
                total += image_tokens(model, part["width"], part["height"])
            elif part["type"] == kind == "audio":
                total += sound_tokens(model, part["seconds"])
    return total


def image_tokens(model: Model, width: int, height: int) -> MediaTokens:
    """Tokens of one image of that size, in pixels."""
    rule = _image_rule(model)
    if rule is not None:
        count = rule(width, height)
        return MediaTokens(count, count, count * 1.1, count * 1.5, known=True)
    area = width * height
    return MediaTokens(
        max(64, area / 2000), max(128, area / 750), max(1600, area / 400), MOST_IMAGE_TOKENS, known=False
    )


def sound_tokens(model: Model, seconds: float) -> MediaTokens:
    """Tokens of a sound of that length."""
    name = _plain(model)
    if model.provider in _GOOGLE:
        return _exact(32 * seconds)
    if model.provider in _OPENAI and model.api_base is None and "audio" in name:
        return _exact(10 * seconds)
    return MediaTokens(10 * seconds, 25 * seconds, 50 * seconds, _MOST_SOUND_PER_S * seconds, known=False)


def rule_known(model: Model, kind: str) -> bool:
    """Whether a rule of the model's provider is known for `image` or `audio`."""
    return (image_tokens(model, 512, 512) if kind == "image" else sound_tokens(model, 1)).known


def _exact(count: float) -> MediaTokens:
    return MediaTokens(count, count, count * 1.1, count * 1.5 + 50, known=True)


def _plain(model: Model) -> str:
    return model.name.rpartition("/")[2]


def _image_rule(model: Model) -> Callable[[int, int], float] | None:
    if model.api_base is not None:
        return None
    if model.provider in _OPENAI:
        return _openai_rule(_plain(model))
    if model.provider == "anthropic":
        return _by_area
    return _google_tiles if model.provider in _GOOGLE else None


def _openai_rule(name: str) -> Callable[[int, int], float] | None:
    for pattern, factor in _PATCHES:
        if re.match(pattern, name):
            return lambda width, height: min(1536, ceil(width / 32) * ceil(height / 32)) * factor
    for pattern, base, tile in _TILES:
        if re.match(pattern, name):
            return lambda width, height: base + tile * _tiles_of_512(width, height)
    return None


def _tiles_of_512(width: float, height: float) -> int:
    """Scaled into 2,048 pixels, then the shorter side to 768."""
    scale = min(1.0, 2048 / max(width, height))
    width, height = width * scale, height * scale
    scale = min(1.0, 768 / min(width, height))
    return ceil(width * scale / 512) * ceil(height * scale / 512)


def _by_area(width: float, height: float) -> float:
    """Scaled to 1,568 pixels and about 1.15 million of them."""
    scale = min(1.0, 1568 / max(width, height))
    return min(1600.0, width * scale * height * scale / 750)


def _google_tiles(width: float, height: float) -> float:
    if max(width, height) <= 384:
        return 258
    return 258 * ceil(width / 768) * ceil(height / 768)
