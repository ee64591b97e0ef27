"""Columns and data for the tests of `init`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from act_spec.store.profile import ColumnProfile, profile
from act_spec.store.sources import open_source

Columns = Mapping[str, Sequence[str | None]]


def _write(path: Path, columns: Columns) -> Path:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def write_rows() -> Callable[[Path, Columns], Path]:
    """Writes JSON lines of these columns."""
    return _write


@pytest.fixture
def looked_at(tmp_path: Path) -> Callable[[Columns], list[ColumnProfile]]:
    """Says what such columns look like."""

    def look(columns: Columns) -> list[ColumnProfile]:
        _write(tmp_path / "rows.jsonl", columns)
        return list(profile(open_source("rows.jsonl", tmp_path)))

    return look
