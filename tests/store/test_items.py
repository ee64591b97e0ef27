import json

import numpy as np

from act_spec.store.items import keep_items
from act_spec.store.plans import make_current
from act_spec.store.scratch import Scratch
from act_spec.store.sources import open_source
from act_spec.store.staging import ItemsQuery, stage_items, staged_sample
from act_spec.store.times import utc_now

KEYS = {stage: stage for stage in ("data", "annotate", "judge", "allocate", "review", "measure")}


def staged(folder, text):
    (folder / "d.csv").write_text(text, encoding="utf-8")
    scratch = Scratch.new()
    stage_items(scratch, ItemsQuery(open_source("d.csv", folder), {"text": "t"}, id="id"))
    return scratch


def test_kept_items_stand_in_walking_order_and_a_sample_is_its_start(store, tmp_path):
    order = np.array([2, 0, 1])
    with staged(tmp_path, "id,t\nc,3\na,1\nb,2\n") as scratch:
        sample = staged_sample(scratch, order, 2)
        keep_items(store, scratch, "data", order, 2)
    make_current(store, "hash", "{}", KEYS, 4.0, utc_now())

    kept = store.rows("SELECT item_id, position FROM history.items ORDER BY position")

    assert kept == [("c", 0), ("a", 1)]
    assert [item.item_id for item in sample] == ["c", "a"]
    assert json.loads(store.one("SELECT content FROM items WHERE item_id = 'c'")[0]) == {"text": "3"}
