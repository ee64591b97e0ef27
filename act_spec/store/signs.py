"""Signs that an item speaks to the model: looked for once, when the items come into the run."""

from __future__ import annotations

from collections.abc import Mapping

from act_spec.store.database import Store


def note_signs(store: Store, stage_key: str, signs: Mapping[str, str]) -> None:
    """
    Look through the current items, unless that was done.

    Args:
        store: The run's database.
        stage_key: Key of the items.
        signs: Sign to regular expression, matched without regard to case
            against an item's shown texts, one below the other.
    """
    if store.rows("SELECT 1 FROM history.signs WHERE stage_key = ? LIMIT 1", [stage_key]):
        return
    cases = ", ".join("CASE WHEN regexp_matches(text, ?, 'i') THEN ? END" for _ in signs)
    values = [value for sign, pattern in signs.items() for value in (pattern, sign)]
    # Few items show any: looking for all patterns at once first takes a quarter of the time on prose.
    any_of_them = "|".join(f"(?:{pattern})" for pattern in signs.values())
    with store.transaction():
        store.run("INSERT INTO history.signs VALUES (?, NULL, NULL)", [stage_key])
        store.run(
            f"""
            INSERT INTO history.signs
            SELECT ?, item_id, sign FROM (SELECT item_id, unnest([{cases}]) AS sign FROM (
                SELECT item_id, array_to_string(json_extract_string(content, '$.*'), chr(10)) AS text FROM items)
                WHERE regexp_matches(text, ?, 'i'))
            WHERE sign IS NOT NULL
            """,
            [stage_key, *values, any_of_them],
        )
