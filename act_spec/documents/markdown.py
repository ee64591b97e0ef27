"""Values inside Markdown as plain words, and Markdown as HTML without links, images or raw HTML."""

from __future__ import annotations

import re

from act_spec.documents.printable import visible

_ANYWHERE = re.compile(r"[\\`*\[\]<>&|~$]")
# Between letters an underscore is only itself, and labels read better without backslashes.
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# Some viewers make links of bare addresses.
_ADDRESS = re.compile(r"(?i):(?=//)|(?<=www)\.|(?<=mailto):|(?<=javascript):")
_HASH = re.compile(r"(?<!\S)#")
_BLOCK_START = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^()([-+=:])")


def escape(text: str) -> str:
    """
    A value as Markdown that reads as exactly these words, on one line.

    What `visible` makes of the text is what a reader sees, whatever Markdown,
    HTML, control or bidirectional characters it holds.
    """
    line = _ANYWHERE.sub(r"\\\g<0>", visible(text))
    for pattern in (_UNDERSCORE, _ADDRESS, _HASH):
        line = pattern.sub(r"\\\g<0>", line)
    return _BLOCK_START.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[4]}", line)


def to_html(markdown: str) -> str:
    """
    A document's Markdown as HTML: headings, lists, tables, quotes, emphasis, code.

    Links, images and raw HTML come out as the text that they are written as.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["link", "image", "autolink", "reference", "html_inline", "html_block"])
    return str(parser.render(markdown))
