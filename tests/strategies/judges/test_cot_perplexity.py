from math import log

import pytest
from scripted import SENTIMENT, finish, prompts_for

from act_spec.records import Annotation, Item, Judgment, Reply, TokenScore
from act_spec.registry import find
from act_spec.strategies.judges.cot_perplexity import cot_perplexity

ITEM = Item("1", {"text": "Broke at once."})


def run(verdict, *shares):
    """Judge by an argument whose tokens had these probabilities."""
    tokens = [TokenScore(f"word{at} ", log(share)) for at, share in enumerate(shares)]
    tokens.append(TokenScore(verdict, log(0.6)))
    text = "".join(token.token for token in tokens)
    reply = Reply("ok", {"text": text}, text, tokens=tuple(tokens))
    steps = cot_perplexity(ITEM, Annotation("positive"), SENTIMENT, prompts_for(SENTIMENT))
    return finish(steps, reply)[1]


def test_a_cleared_annotation_is_suspected_by_the_perplexity_of_the_argument():
    """Probabilities 1/2 and 1/8 have perplexity 4: (1 - 1/4)/2. The verdict's own token does not count."""
    assert run("no", 1 / 2, 1 / 8).error_probability == pytest.approx(0.375)


def test_one_that_is_called_wrong_is_suspected_the_more_the_surer_the_argument():
    """(1 + 1/4)/2."""
    assert run("yes", 1 / 2, 1 / 8).error_probability == pytest.approx(0.625)


def test_it_runs_from_surely_cleared_to_surely_wrong():
    scores = [
        run(verdict, share).error_probability
        for verdict, share in [
            ("no", 1.0),
            ("no", 0.5),
            ("no", 1e-9),
            ("yes", 1e-9),
            ("yes", 0.5),
            ("yes", 1.0),
        ]
    ]

    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0, 1)


@pytest.mark.parametrize(("verdict", "shares"), [("perhaps", [0.5]), ("no", [])])
def test_no_verdict_or_no_argument_is_a_failed_judgment(verdict, shares):
    judgment = run(verdict, *shares)

    assert (judgment.error_probability, judgment.status) == (None, "invalid")


def test_a_failed_reply_keeps_its_status():
    steps = cot_perplexity(ITEM, Annotation("positive"), SENTIMENT, prompts_for(SENTIMENT))

    assert finish(steps, Reply("refused", None))[1] == Judgment(None, status="refused")


def test_it_says_that_it_only_ranks():
    assert find("judge", "cot_perplexity").traits["rank"]
