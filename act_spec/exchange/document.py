"""A file that came back, opened once: JSON, JSON lines, or something else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_spec.errors import Problem

MAX_BYTES = 256 * 1024 * 1024


_DOWNLOAD = "Open it in a browser, answer, press 'Download answers', and import the file that it saves."


@dataclass(frozen=True)
class Document:
    """
    A file of answers.

    Attributes:
        path: As the user gave it.
        value: What it says as one JSON document; None where it is none.
        lines: Line number and value of each line, where it is JSON lines.
        is_json: Whether it looks like either.
        problems: Lines that are broken, or why the file cannot be read.
    """

    path: Path
    value: Any = None
    lines: tuple[tuple[int, Any], ...] = ()
    is_json: bool = False
    problems: tuple[Problem, ...] = ()

    def records(self) -> list[tuple[str, int, Any]]:
        """Place, line (0 for none) and value of each part: lines, or the parts of one list."""
        if self.lines:
            return [("", line, value) for line, value in self.lines]
        listed = self.value if isinstance(self.value, list) else []
        return [(f"[{number}]", 0, value) for number, value in enumerate(listed)]


def open_document(path: Path) -> Document:
    """Read a file, whatever it is; a file that is no JSON is for others to read."""
    try:
        # A pipe or a device may never end.
        if path.exists() and not path.is_file():
            return _refused(
                path, "this is no file." if not path.is_dir() else "this is a folder.", "Name a file."
            )
        if path.stat().st_size > MAX_BYTES:
            message = f"the file has more than {MAX_BYTES:,} bytes, more than answers take."
            return _refused(path, message, "Split it in parts.")
        data = path.read_bytes()
    except OSError as error:
        return _refused(path, f"the file cannot be read: {error.strerror}.")
    text = data.decode("utf-8-sig", errors="replace")
    if text.lstrip()[:1] == "<":
        return _refused(path, "this is a page, and answers come from it as a file of their own.", _DOWNLOAD)
    return _read(path, text)


def _refused(path: Path, message: str, hint: str = "") -> Document:
    return Document(path, problems=(Problem(str(path), 0, 0, "", message, hint),))


def _read(path: Path, text: str) -> Document:
    if text.lstrip()[:1] not in {"{", "["} and path.suffix.lower() not in {".json", ".jsonl"}:
        return Document(path)
    try:
        return Document(path, value=json.loads(text), is_json=True)
    except (ValueError, RecursionError) as error:
        found = _lines(path, text)
        # One line that is whole could as well be the rest of a broken document.
        if not found.lines:
            return Document(path, is_json=True, problems=(_broken(path, error),))
        return found


def _lines(path: Path, text: str) -> Document:
    lines: list[tuple[int, Any]] = []
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(Problem(str(path), number, 0, "", "the line is no JSON."))
            continue
        if isinstance(value, dict):
            lines.append((number, value))
        else:
            problems.append(Problem(str(path), number, 0, "", "the line holds no record."))
    return Document(path, lines=tuple(lines), is_json=True, problems=tuple(problems) if lines else ())


def _broken(path: Path, error: Exception) -> Problem:
    hint = "Save it again from where it came, and change nothing in it."
    if isinstance(error, json.JSONDecodeError):
        return Problem(
            str(path), error.lineno, error.colno, "", f"the file is broken JSON: {error.msg}.", hint
        )
    return Problem(str(path), 0, 0, "", "the file is broken JSON.", hint)
