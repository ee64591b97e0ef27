"""Answers out of a file of any known format: the file itself tells which it is."""

from __future__ import annotations

from pathlib import Path

from act_spec import registry
from act_spec.errors import Problem
from act_spec.exchange.document import open_document
from act_spec.exchange.returned import AnswersRead, Asked, Expected, Format, Returned

_UNKNOWN = "unknown"


def read_file(path: Path, asked: Asked, expected: Expected) -> Returned:
    """
    The answers of a file, good ones kept and bad ones named.

    A file of no known format, or one that cannot be read, is one problem.
    """
    document = open_document(path)
    if document.problems and not document.lines:
        return Returned(AnswersRead((), 0, document.problems), _UNKNOWN)
    for name in registry.names("exchange"):
        format_: Format = registry.find("exchange", name).build()
        if format_.recognises(document):
            return format_.read(document, asked, expected)
    known = ", ".join(registry.names("exchange"))
    message = "this is no file of answers that is known here."
    return Returned(
        AnswersRead((), 0, (Problem(str(path), 0, 0, "", message, f"Known: {known}."),)), _UNKNOWN
    )
