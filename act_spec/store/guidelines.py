"""The guideline's versions, each kept word for word: what people had read when they answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from act_spec.records import canonical_json
from act_spec.store.database import Store


@dataclass(frozen=True)
class GuidelineVersion:
    """
    One version of a run's guideline.

    Attributes:
        version: From 1.
        sha256: Of what decides whether it is another version; figures and dates are no part of it.
        text: The guideline as Markdown.
        card: Its page for the desk; None where none was made.
        snapshot: What the next version is compared with; None where it was not kept.
        made_at: UTC.
    """

    version: int
    sha256: str
    text: str
    card: str | None
    snapshot: Mapping[str, Any] | None
    made_at: datetime


def latest_guideline(store: Store) -> GuidelineVersion | None:
    """The newest version; None before the first."""
    rows = store.rows(
        "SELECT version, sha256, text, card, snapshot, made_at FROM history.guidelines ORDER BY version DESC LIMIT 1"
    )
    if not rows:
        return None
    version, sha256, text, card, snapshot, made_at = rows[0]
    return GuidelineVersion(version, sha256, text, card, snapshot and json.loads(snapshot), made_at)


def keep_guideline(store: Store, one: GuidelineVersion) -> None:
    """Record a new version."""
    snapshot = None if one.snapshot is None else canonical_json(one.snapshot)
    store.run(
        "INSERT INTO history.guidelines (version, sha256, text, card, snapshot, made_at) VALUES (?, ?, ?, ?, ?, ?)",
        [one.version, one.sha256, one.text, one.card, snapshot, one.made_at],
    )


def latest_guideline_version(store: Store) -> int | None:
    """The newest version's number; None before the first."""
    found = store.one("SELECT max(version) FROM history.guidelines")[0]
    return None if found is None else int(found)
