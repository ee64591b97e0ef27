from __future__ import annotations

import pytest

LATER = {
    "two annotators": ("{model: local/tiny}", "[{model: a}, {model: b}]", "9:12: annotator"),
    "planned modality": ("[title, body]", "{scan: {video: file, root: x}}", "8:54: data.show.scan.video"),
    "a database": ("items.csv", "lake.duckdb", "8:16: data.source"),
}


@pytest.mark.parametrize(("old", "new", "place"), LATER.values(), ids=LATER.keys())
def test_what_comes_later_is_refused_by_name(good, faults, old, new, place):
    found = faults(good.replace(old, new, 1))

    assert len(found) == 1, [str(problem) for problem in found]
    assert str(found[0]).startswith(f"r.act.yaml:{place}: ")
    assert "not yet in this version" in found[0].message


def test_what_comes_later_and_is_not_given_is_no_fault(good, load):
    load(good.replace("local/tiny}", "local/tiny, pin: null}"))
