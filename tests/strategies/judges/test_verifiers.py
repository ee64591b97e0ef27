import pytest
from scripted import SENTIMENT, labelled, prompts_for, rounds, said

from act_spec.records import Annotation, Item, Reply
from act_spec.registry import find, most_calls
from act_spec.strategies.judges.verifiers import verifiers

ITEM = Item("1", {"text": "Broke at once."})
MEMBERS = ("v/1", "v/2", "j/1", "j/2", "j/3")
BROKEN = Reply("invalid", None)


def doubts(*probabilities):
    return [
        BROKEN
        if one is None
        else said({"reasoning": "r", "error_probability": one, "suggested_label": "negative"})
        for one in probabilities
    ]


def run(*batches, members=MEMBERS, **parameters):
    steps = verifiers(ITEM, Annotation("positive"), SENTIMENT, prompts_for(SENTIMENT), members, **parameters)
    return rounds(steps, *batches)


def test_verifiers_who_all_agree_settle_it_without_a_judge():
    asked, judgment = run([labelled("positive", why="x")] * 2)

    assert len(asked) == 1
    assert (judgment.error_probability, judgment.units) == (0.0, {"v/1": 0.0, "v/2": 0.0})


@pytest.mark.parametrize(("route", "expected"), [("any", 0.9), ("majority", 0.6), ("all", 0.2)])
def test_the_route_says_whose_belief_in_the_contradiction_counts(route, expected):
    """Judges say that the contradicting answer is wrong with 0.1, 0.4 and 0.8."""
    asked, judgment = run(
        [labelled("positive", why="x"), labelled("negative", why="It broke.")],
        doubts(0.1, 0.4, 0.8),
        route=route,
    )

    assert [request.member for request in asked[1]] == ["j/1", "j/2", "j/3"]
    assert judgment.error_probability == pytest.approx(expected)
    assert (judgment.suggested_label, judgment.rationale) == ("negative", "It broke.")
    assert judgment.units == {"v/1": 0.0, "v/2": 1.0}


def test_without_judges_a_contradiction_is_believed():
    _, judgment = run([labelled("negative", why="x")] * 2, members=("v/1", "v/2"), judges=0)

    assert judgment.error_probability == 1


def test_an_answer_that_cannot_be_read_is_neither_agreement_nor_contradiction():
    _, judgment = run([labelled("positive", why="x"), BROKEN])

    assert judgment.error_probability == 0.5


def test_a_judge_that_cannot_be_read_has_no_say():
    _, judgment = run([labelled("negative", why="x")] * 2, doubts(0.3, None, None))
    assert judgment.error_probability == pytest.approx(0.7)

    _, judgment = run([labelled("negative", why="x")] * 2, doubts(None, None, None))
    assert judgment.status == "invalid"


def test_a_call_without_a_reply_makes_a_failed_judgment():
    _, judgment = run([labelled("positive", why="x"), Reply("provider_error", None)])

    assert (judgment.error_probability, judgment.status) == (None, "provider_error")


def test_a_verifier_must_be_left():
    with pytest.raises(ValueError, match="leave no verifier"):
        run(members=("j/1", "j/2", "j/3"))


def test_it_declares_the_most_calls():
    assert most_calls(find("judge", "verifiers"), {"judges": 3}, 5) == 2 + 2 * 3
