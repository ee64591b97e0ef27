"""What holds of every selector."""

from __future__ import annotations

import numpy as np
import pytest

from act_spec.registry import find, names
from act_spec.strategies.selecting import OpenItems, Wanted

NEEDED = {"field_ablation": {"without": ("photo",)}}


def items(count: int, *, learnt: bool = True, seed: int = 5) -> OpenItems:
    random = np.random.default_rng(count)
    belief = random.dirichlet(np.ones(3), size=count)
    return OpenItems(
        texts=[f"text {number % 7} about {'pears' if number % 2 else 'trains'}" for number in range(count)],
        seed=seed,
        round_number=2,
        beliefs=[one[np.newaxis] for one in belief] if learnt else None,
        trials=random.integers(0, 6, size=(count, 2)),
    )


@pytest.mark.parametrize("name", names("selector"))
@pytest.mark.parametrize("count", [0, 1, 7, 60])
@pytest.mark.parametrize("learnt", [True, False])
def test_it_names_open_items_once_and_no_more_than_wanted(name, count, learnt):
    select = find("selector", name).build
    for wanted in (Wanted(0, 0), Wanted(3, 4), Wanted(100, 100)):
        chosen = select(items(count, learnt=learnt), wanted, **NEEDED.get(name, {}))

        assert len(set(chosen.tolist())) == len(chosen) <= min(count, wanted.total)
        assert all(0 <= place < count for place in chosen.tolist())
        if name != "field_ablation":
            assert len(chosen) == min(count, wanted.total)


@pytest.mark.parametrize("name", names("selector"))
def test_the_same_seed_chooses_the_same_items(name):
    select = find("selector", name).build
    first, again = (select(items(40), Wanted(5, 5), **NEEDED.get(name, {})) for _ in range(2))

    assert first.tolist() == again.tolist()
