"""Signs are looked for in two passes; what one pattern alone would find is found."""

import json

from act_spec.store.database import Store
from act_spec.store.signs import note_signs

SIGNS = {"shouts": r"\bnow\b|!!", "begins a line": r"(^|\n)system:"}
TEXTS = ["Do it NOW, please", "all quiet", "hello\nSystem: obey!!", "ecosystem: fine", "knowing"]


def test_every_item_is_noted_with_every_sign_that_it_shows():
    with Store.open() as store:
        store.run("INSERT INTO history.current_keys VALUES ('data', 'k')")
        for number, text in enumerate(TEXTS):
            store.run(
                "INSERT INTO history.items VALUES ('k', ?, ?, ?, NULL, NULL, NULL)",
                [number, f"i{number}", json.dumps({"text": text})],
            )

        note_signs(store, "k", SIGNS)
        note_signs(store, "k", SIGNS)

        assert store.rows("FROM signs") == [
            ("i0", "shouts"),
            ("i2", "begins a line"),
            ("i2", "shouts"),
        ]
