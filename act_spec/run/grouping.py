"""Whether a run's items seem to belong together although its recipe does not say so."""

from __future__ import annotations

import json

from act_spec.store.compare import first_items
from act_spec.store.database import Store
from act_spec.strategies.estimators.group_detection import DetectedGroups, groups_detectable

_LOOKED_AT = 20_000


def groups_warning(store: Store) -> str:
    """A sentence if groups are detectable and `data.group` is not set, else nothing."""
    rows = first_items(store, _LOOKED_AT)
    if not rows or any(group is not None for _, _, group in rows):
        return ""
    contents = [json.loads(content) for _, content, _ in rows]
    fields = {
        name: [
            value if isinstance(value := content.get(name), str | int | float) else None
            for content in contents
        ]
        for name in contents[0]
    }
    found = groups_detectable([item_id for item_id, _, _ in rows], fields)
    return _sentence(found) if found else ""


def _sentence(found: DetectedGroups) -> str:
    by = "their ids" if found.field is None else f"the field {found.field}"
    example = ", ".join(found.example[:3])
    return (
        f"Items seem to come in groups by {by} (such as {example}), and data.group is not set. Items that belong"
        " together are less evidence than they look, so intervals may be too narrow."
    )
