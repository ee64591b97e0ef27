from math import log, sqrt

import pytest

from act_spec.records import Example, Item
from act_spec.strategies.nearest import ExamplePool, features


def pool(*texts):
    return ExamplePool([Example({"text": text}, "a") for text in texts])


def nearest(made, text, k=1):
    return [example.fields["text"] for example in made.nearest(Item("1", {"text": text}), k)]


def test_a_text_is_its_words_and_the_pieces_of_them():
    assert features("Ab ab") == {"<ab>": 2, " ab": 2, "ab ": 2, " ab ": 2}


def test_the_most_alike_comes_first():
    made = pool("The parcel came late.", "I was charged twice.", "The app crashes at start.")

    assert nearest(made, "They charged me two times.", 2)[0] == "I was charged twice."
    assert nearest(made, "crashed again", 1) == ["The app crashes at start."]


def test_likeness_is_the_cosine_of_the_weighted_counts():
    """One shared feature among two texts, by hand: weight (1 + ln count)(1 + ln(3/(1 + df)))."""
    made = pool("abc", "abc xyz")
    rare, common = 1 + log(3 / 2), 1.0
    own = len(features("abc")) * common**2
    other = len(features("xyz")) * rare**2

    assert made._index.likeness("abc") == pytest.approx([1, sqrt(own) / sqrt(own + other)])


def test_equally_alike_examples_keep_their_order():
    made = ExamplePool([Example({"text": "same words"}, str(number)) for number in range(5)])

    assert [one.label for one in made.nearest(Item("1", {"text": "words"}), 3)] == ["0", "1", "2"]


def test_the_item_itself_is_no_example_of_its_own():
    made = pool("I was charged twice.", "Charged again.")

    assert nearest(made, "I was charged twice.", 2) == ["Charged again."]


def test_rare_features_weigh_more_than_common_ones():
    made = pool("the screen", "the mouse", "the cable", "the screen the the")

    assert nearest(made, "the small mouse") == ["the mouse"]


@pytest.mark.parametrize("text", ["", "!!!", "zzz qqq"])
def test_an_item_that_shares_nothing_gets_the_first_examples(text):
    assert nearest(pool("first", "second"), text, 1) == ["first"]


def test_there_may_be_fewer_than_wanted():
    assert nearest(pool("one"), "two", 5) == ["one"]
    assert nearest(pool(), "two", 5) == []
    assert nearest(pool("", ""), "two", 5) == ["", ""]


def test_the_given_are_the_first():
    made = pool("one", "two", "three")

    assert [one.fields["text"] for one in made.given(2)] == ["one", "two"]
