"""Writing a text as YAML, so that our reader and any other read back exactly that text."""

from __future__ import annotations

import re

# Words that are safe bare: no sign of YAML's, and nothing that YAML 1.1 takes for a number or a date.
_BARE = re.compile(r"[^\W\d]\w*(?:[ -]\w+)*")
_PATH = re.compile(r"(?:\.\.?/)*[^\W\d][\w.-]*(?:/\w[\w.-]*)*")
_TAKEN = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
# U+0085, U+2028 and U+2029 end a line for some readers, U+FEFF is a byte order mark.
_UNSAFE = re.compile('[\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"\\\\]')
# What a recipe refuses even where it is escaped.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")


def scalar(text: str) -> str:
    """The text as a YAML scalar of one line, bare where that is safe, else in double quotes."""
    bare = _BARE.fullmatch(text) or _PATH.fullmatch(text)
    if bare and text.lower() not in _TAKEN:
        return text
    return '"' + _UNSAFE.sub(_escaped, text) + '"'


def can_be_written(text: str) -> bool:
    """Whether a recipe may hold the text at all: no control characters, no halves of characters."""
    return not _REFUSED.search(text)


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], f"\\u{ord(match[0]):04x}")
