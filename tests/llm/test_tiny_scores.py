from math import exp

import pytest

from act_spec.llm.tiny_scores import scored


def test_a_verdict_is_listed_with_its_opposite():
    *argument, verdict = scored("Well then.\nWrong: no", 0.2)

    assert [token.token for token in argument] == ["Well", " then.", "\nWrong:"]
    assert verdict.token == " no"  # noqa: S105 - a word, not a password
    assert {token: exp(score) for token, score in verdict.alternatives} == pytest.approx(
        {" no": 0.8, " yes": 0.2}
    )
    assert verdict.logprob == max(score for _, score in verdict.alternatives)


def test_the_words_make_up_the_text():
    text = "One, two.\nWrong: yes"

    assert "".join(token.token for token in scored(text, 0.9)) == text


def test_an_unsure_argument_has_less_probable_words():
    sure, unsure = scored("So.\nno", 0.01)[0], scored("So.\nno", 0.45)[0]

    assert unsure.logprob < sure.logprob


@pytest.mark.parametrize("yes", [0.0, 1.0])
def test_certainty_has_finite_scores(yes):
    [token] = scored("yes" if yes else "no", yes)

    assert all(score > -100 for _, score in token.alternatives)


def test_without_a_verdict_all_words_are_alike():
    assert len({token.logprob for token in scored("a b c", None)}) == 1
    assert scored("", None) == ()
