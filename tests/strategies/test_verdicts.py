from math import exp, inf, log

import pytest

from act_spec.records import Reply, TokenScore
from act_spec.strategies.verdicts import (
    before_verdict,
    first_probability_of_yes,
    perplexity,
    probability_of_yes,
    verdict,
    verdict_at,
)


def score(token, **shares):
    """A token with the probabilities of what is listed beside it."""
    listed = tuple((name.replace("_", " "), log(share)) for name, share in shares.items())
    return TokenScore(token, log(shares.get(token.replace(" ", "_"), 1.0)), listed)


def test_the_share_of_yes_among_yes_and_no():
    """0.6 / (0.6 + 0.2)."""
    assert probability_of_yes(score("yes", yes=0.6, no=0.2, maybe=0.1)) == pytest.approx(0.75)


def test_spellings_are_summed():
    """(0.3 + 0.2 + 0.1) / (0.6 + 0.15 + 0.05)."""
    one = score("Yes", Yes=0.3, _yes=0.2, YES=0.1, no=0.15, _No=0.05)

    assert probability_of_yes(one) == pytest.approx(0.75)


def test_a_missing_token_has_the_smallest_listed_probability():
    """No is not listed; the least that is has 0.01: 0.9 / 0.91, and the other way round."""
    assert probability_of_yes(score("yes", yes=0.9, maybe=0.01)) == pytest.approx(0.9 / 0.91)
    assert probability_of_yes(score("no", no=0.9, maybe=0.01)) == pytest.approx(0.01 / 0.91)


def test_the_chosen_token_counts_where_it_is_not_listed():
    one = TokenScore("yes", log(0.1), (("no", log(0.3)), ("perhaps", log(0.2))))

    assert probability_of_yes(one) == pytest.approx(0.25)


def test_neither_listed_is_no_answer():
    assert probability_of_yes(score("Well", Well=0.9, yesterday=0.05, none=0.01)) is None


@pytest.mark.parametrize(
    ("yes", "no", "expected"), [(0.0, -9999.0, 1), (-inf, 0.0, 0), (-9000.0, -9000.0, 0.5)]
)
def test_impossible_tokens_do_not_break_the_sum(yes, no, expected):
    assert probability_of_yes(TokenScore("x", -inf, (("yes", yes), ("no", no)))) == pytest.approx(expected)


def test_the_first_token_that_could_be_either_decides():
    tokens = [score("\n"), score("Answer"), score(" no", _no=0.8, _yes=0.2), score("yes", yes=1.0)]

    assert first_probability_of_yes(tokens) == pytest.approx(0.2)
    assert first_probability_of_yes(tokens[:2]) is None
    assert first_probability_of_yes([]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("…\nWrong: yes", "yes"),
        ("Wrong: **No**.\n", "no"),
        ("I know", None),
        ("yes, it is", None),
        ("", None),
    ],
)
def test_a_verdict_is_the_last_word(text, expected):
    assert verdict(Reply("ok", {"text": text}, text)) == expected


def test_the_verdicts_token_is_the_last_of_its_kind():
    tokens = tuple(TokenScore(token, -1.0) for token in ("no", " doubt", "\n", "Wrong", ":", " no", "."))
    text = "no doubt\nWrong: no."

    assert verdict_at(Reply("ok", {"text": text}, text, tokens=tokens)) == 5
    assert verdict_at(Reply("ok", {"text": text}, text)) is None
    assert verdict_at(Reply("ok", {"text": "no doubt"}, "no doubt", tokens=tokens)) is None


def test_what_comes_before_the_verdict_is_the_argument():
    assert before_verdict(Reply("ok", None, "It broke.\nSo far.\nWrong: yes\n")) == "It broke.\nSo far."


def test_perplexity_is_the_exponential_of_the_mean():
    """Two tokens of probability 1/2 and 1/8: exp((ln 2 + ln 8)/2) = 4."""
    assert perplexity([score("a", a=1 / 2), score("b", b=1 / 8)]) == pytest.approx(4)
    assert perplexity([TokenScore("a", -1.0)]) == pytest.approx(exp(1))
