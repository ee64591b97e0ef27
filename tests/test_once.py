from itertools import count

from act_spec.once import OncePer


def test_it_is_made_once_per_object_and_not_once_per_equal_value():
    numbers = count(1)
    once: OncePer[dict[str, int], int] = OncePer(lambda _: next(numbers))
    first, second = {"a": 1}, {"a": 1}

    assert [once(first), once(second), once(first), once(second)] == [1, 2, 1, 2]


def test_it_forgets_and_makes_again_where_there_are_many():
    once: OncePer[dict[str, int], int] = OncePer(lambda one: one["number"], most=3)

    assert [once({"number": number}) for number in range(20)] == list(range(20))
    assert len(once._made) <= 3
