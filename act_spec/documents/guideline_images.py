"""Images in a guideline: marks in its Markdown, the pictures themselves in its HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARK = re.compile(r"\[example image (\d+): [^\]<>]*\]")
_NO_BRACKETS = str.maketrans("[]<>", "()()")


def image_mark(number: int, name: str) -> str:
    """What stands for an image in the Markdown: its number and its file."""
    return f"[example image {number}: {name.translate(_NO_BRACKETS)}]"


def with_images(html: str, images: Mapping[int, str]) -> str:
    """
    HTML with pictures in the place of their marks.

    Args:
        html: Made from Markdown by `to_html`.
        images: Number to data URL; a mark of another number stays as it is.
    """

    def shown(mark: re.Match[str]) -> str:
        address = images.get(int(mark[1]))
        return f'<img src="{address}" alt="example image {mark[1]}">' if address else mark[0]

    return _MARK.sub(shown, html)
