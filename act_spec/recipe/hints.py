"""What the YAML reader stumbled over, in words that say how to write it instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError, StringMark

QUOTE_IT = "Put the whole text in quotes."


@dataclass(frozen=True)
class Stumble:
    """
    One fault of the YAML itself.

    Attributes:
        line: Counted from 1.
        column: Counted from 1.
        message: What is wrong.
        hint: What to do.
        mended: The text with the fault papered over, so that the rest can be
            read; None where that would be guessing.
    """

    line: int
    column: int
    message: str
    hint: str
    mended: str | None = None


def explain(error: MarkedYAMLError, text: str, value_line: int) -> Stumble:
    """
    A reader's error as a fault.

    Args:
        error: What ruamel raised.
        text: The whole file.
        value_line: Line, from 0, where the last value that was read begins.
    """
    mark = error.problem_mark or error.context_mark
    problem = error.problem or ""
    if _never_closed(error, text, value_line):
        return _unclosed(error.context_mark, text)
    for pattern, make in _KINDS:
        if re.search(pattern, problem):
            return make(mark, text)
    return _at(mark, f"this is not YAML: {problem}.", "Mend this first; what stands below it is unread.")


def undefined_alias(mark: StringMark, text: str, name: str) -> Stumble:
    """A `*` that begins a text, or an alias without its anchor."""
    message = f"'*{name}' refers to an anchor that there is not."
    return _at(mark, message, f"If it is a text that begins with '*', {_lower(QUOTE_IT)}", _patch(text, mark))


def directive(text: str) -> Stumble | None:
    """A line that begins with `%`, which YAML takes for a directive; None if there is none."""
    match = re.search(r"^%.*$", text, re.MULTILINE)
    if match is None:
        return None
    line = text.count("\n", 0, match.start()) + 1
    message = "a line that begins with '%' is a directive to YAML, and recipes have none."
    return Stumble(line, 1, message, QUOTE_IT)


def _at(mark: StringMark, message: str, hint: str, mended: str | None = None) -> Stumble:
    return Stumble(mark.line + 1, mark.column + 1, message, hint, mended)


def _patch(text: str, mark: StringMark, by: str = "x") -> str:
    return text[: mark.index] + by + text[mark.index + 1 :]


def _blank_line(text: str, mark: StringMark) -> str:
    end = text.find("\n", mark.index)
    end = len(text) if end < 0 else end
    return text[: mark.index] + " " * (end - mark.index) + text[end:]


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _never_closed(error: MarkedYAMLError, text: str, value_line: int) -> bool:
    context, mark = error.context or "", error.problem_mark
    if error.context_mark is None or mark is None:
        return False
    if "quoted scalar" in context:
        return "end of stream" in (error.problem or "") or "document separator" in (error.problem or "")
    # A text that began on an earlier line has run on into the next key.
    ran_on = mark.line > error.context_mark.line and value_line < mark.line
    other_bracket = text[mark.index : mark.index + 1] in ("]", "}")
    return "flow" in context and (ran_on or other_bracket or "end>" in (error.problem or ""))


def _unclosed(mark: StringMark, text: str) -> Stumble:
    index = mark.index
    if text[index : index + 1] not in ("[", "{", '"', "'"):
        # The mark stands on the first value inside.
        index = max(text.rfind("[", 0, index), text.rfind("{", 0, index))
    opened = text[index]
    close = {"[": "]", "{": "}"}.get(opened, opened)
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    return Stumble(line, column, f"the {opened} that opens here is never closed.", f"Close it with {close}.")


def _tab(mark: StringMark, text: str) -> Stumble:
    start, end = mark.index - mark.column, mark.index + 1
    while text[end : end + 1] == "\t":
        end += 1
    spaces = " "
    if not text[start : mark.index].strip():
        # Most likely the line belongs beside the one above it.
        above = next((line for line in reversed(text[:start].split("\n")) if line.strip()), "")
        spaces = " " * (len(above) - len(above.lstrip(" ")) - mark.column)
    mended = text[: mark.index] + spaces + text[end:]
    return _at(mark, "there is a tab.", "YAML indents with spaces; replace the tab.", mended)


def _leading(mark: StringMark, text: str) -> Stumble:
    character = text[mark.index : mark.index + 1]
    message = f"a text cannot begin with '{character}' in YAML."
    return _at(mark, message, QUOTE_IT, _patch(text, mark))


def _leading_star(mark: StringMark, text: str) -> Stumble:
    start = text.rfind("\n", 0, mark.index) + 1
    index = max(text.rfind("*", start, mark.index), text.rfind("&", start, mark.index), start)
    message = f"a text cannot begin with '{text[index]}' in YAML."
    column = index - start + 1
    mended = text[:index] + "x" + text[index + 1 :]
    return Stumble(mark.line + 1, column, message, QUOTE_IT, mended)


def _colon(mark: StringMark, text: str) -> Stumble:
    return _too_deep(mark, text) or _second_colon(mark, text)


_KEY_ALONE = re.compile(r"( *)([\w-]+)")
_KEY_WITH_TEXT = re.compile(r"( *)([\w-]+): +[^\s#{\[|>].*")


def _too_deep(mark: StringMark, text: str) -> Stumble | None:
    """A key that is indented below one which has a text, and so became a part of that text."""
    start = mark.index - mark.column
    own = _KEY_ALONE.fullmatch(text[start : mark.index])
    above = next((line for line in reversed(text[:start].split("\n")) if line.strip()), "")
    before = _KEY_WITH_TEXT.fullmatch(above)
    if own is None or before is None or len(own[1]) <= len(before[1]):
        return None
    message = f"'{own[2]}' is indented below '{before[2]}', which has a value already."
    hint = f"Indent it as far as '{before[2]}'."
    return Stumble(
        mark.line + 1, len(own[1]) + 1, message, hint, text[:start] + before[1] + text[start + len(own[1]) :]
    )


def _second_colon(mark: StringMark, text: str) -> Stumble:
    message = "there is a second ':' in this value, and YAML takes it for a new key."
    hint = "Put the text in quotes, or, if a key is meant, begin a new line or set a comma."
    return _at(mark, message, hint, _patch(text, mark))


def _left_over(mark: StringMark, text: str) -> Stumble:
    rest = text[mark.index :].split("\n", 1)[0].strip()
    message = f"'{rest[:40]}' stands after the end of a value."
    hint = "Put the whole text in quotes; inside '…' an apostrophe is written ''."
    return _at(mark, message, hint, _blank_line(text, mark))


def _escape(mark: StringMark, text: str) -> Stumble:
    message = f"'\\{text[mark.index : mark.index + 1]}' means nothing inside \"…\"."
    return _at(mark, message, "Write \\\\ for a backslash, or use '…'.", _patch(text, mark, "\\"))


def _only_said(message: str, hint: str) -> Callable[[StringMark, str], Stumble]:
    return lambda mark, _text: _at(mark, message, hint)


def _block_mark(mark: StringMark, text: str) -> Stumble:
    character = text[mark.index - 1]
    message = f"a text cannot begin with '{character}' in YAML."
    return _at(mark, message, QUOTE_IT)


_KINDS: tuple[tuple[str, Callable[[StringMark, str], Stumble]], ...] = (
    (r"'\\t' that cannot start any token", _tab),
    (r"cannot start any token", _leading),
    (r"expected alphabetic or numeric character", _leading_star),
    (r"mapping values are not allowed|but got ':'", _colon),
    (r"<block end>, but found '(<scalar>|\]|\}|,)'", _left_over),
    (r"unknown escape character", _escape),
    (
        r"could not find expected ':'",
        _only_said(
            "there is a key without ':' above this line, or a text that has lost its indentation.",
            "Write 'key: value', and indent the lines of a text below its key.",
        ),
    ),
    (
        r"but found '(\?|-|<block mapping start>|<block sequence start>)'",
        _only_said(
            "this line is indented unlike its neighbours, or mixes a list with keys.",
            "Give the keys of one mapping the same indentation.",
        ),
    ),
    (
        r"sequence entries are not allowed",
        _only_said(
            "a list cannot begin on the line of its key.",
            "Write [a, b], or put each '- ' on a line of its own.",
        ),
    ),
    (r"chomping or indentation indicators", _block_mark),
    (r"expected the node content, but found '[,\]\}]'", _leading),
)
