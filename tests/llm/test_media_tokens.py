"""Tokens of images and sounds by what providers publish."""

from __future__ import annotations

import pytest

from act_spec.llm.media_tokens import image_tokens, rule_known, sound_tokens
from act_spec.llm.model import Model


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        # OpenAI's own examples: 1024 by 1024 is 765 tokens, 2048 by 4096 is 1,105, in gpt-4o at high detail.
        ("openai/gpt-4o", (1024, 1024), 765),
        ("openai/gpt-4o", (2048, 4096), 1105),
        ("openai/gpt-4o-mini", (1024, 1024), 2833 + 4 * 5667),
        # And of the patched models: 1024 by 1024 is 1,024 patches.
        ("openai/gpt-4.1-mini", (1024, 1024), 1024 * 1.62),
        # Anthropic's: 1092 by 1092 is about 1,590.
        ("anthropic/claude-sonnet-4-5", (1092, 1092), 1590),
        ("gemini/gemini-2.5-flash", (300, 300), 258),
        ("gemini/gemini-2.5-flash", (960, 540), 516),
    ],
)
def test_published_examples_are_reproduced(model, size, tokens):
    assert image_tokens(Model(model), *size).likely == pytest.approx(tokens, rel=0.003)


def test_a_model_without_a_rule_gets_a_wide_range():
    """Its lower end is below and its upper end above every rule that is known, for a photograph."""
    unknown = image_tokens(Model("ollama/llava"), 1024, 768)

    assert not unknown.known
    assert not rule_known(Model("openai/gpt-4o", api_base="http://localhost:1/v1"), "image")
    for name in ("openai/gpt-4o", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"):
        assert unknown.low <= image_tokens(Model(name), 1024, 768).likely <= unknown.high


def test_what_is_set_aside_covers_the_dearest_image():
    assert image_tokens(Model("openai/gpt-4o-mini"), 2000, 768).most > 2833 + 8 * 5667
    assert image_tokens(Model("openai/anything", api_base="http://a/v1"), 64, 64).most >= 48_000


def test_sound_by_the_second():
    assert sound_tokens(Model("gemini/gemini-2.5-flash"), 10).likely == 320
    assert sound_tokens(Model("openai/gpt-4o-audio-preview"), 10).likely == 100
