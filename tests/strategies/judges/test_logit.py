from math import log

import pytest
from scripted import SENTIMENT, finish, prompts_for

from act_spec.records import FREE_TEXT, Annotation, Item, Judgment, Reply, TokenScore
from act_spec.registry import find
from act_spec.strategies.judges.logit import logit

ITEM = Item("1", {"text": "Broke at once."})


def run(reply):
    steps = logit(ITEM, Annotation("positive"), SENTIMENT, prompts_for(SENTIMENT))
    [request], judgment = finish(steps, reply)
    return request, judgment


def answered(*tokens):
    text = "".join(token.token for token in tokens)
    return Reply("ok", {"text": text}, text, tokens=tokens)


def test_the_error_probability_is_the_share_of_yes():
    """(0.5 + 0.1) / (0.5 + 0.1 + 0.2)."""
    listed = (("Yes", log(0.5)), (" yes", log(0.1)), ("No", log(0.2)), ("Maybe", log(0.01)))
    _, judgment = run(answered(TokenScore("Yes", log(0.5), listed)))

    assert judgment.error_probability == pytest.approx(0.75)
    assert judgment.status == "ok"


def test_asks_for_plain_text_with_scores():
    request, _ = run(answered(TokenScore("no", -0.1)))

    assert request.reply_schema == FREE_TEXT
    assert request.logprobs
    assert request.messages[1]["content"].endswith("yes or no.")


@pytest.mark.parametrize("reply", [answered(TokenScore("Perhaps", -0.1, (("Well", -3.0),))), answered()])
def test_neither_yes_nor_no_is_a_failed_judgment(reply):
    assert run(reply)[1] == Judgment(None, status="invalid")


def test_a_failed_reply_keeps_its_status():
    assert run(Reply("truncated", None))[1] == Judgment(None, status="truncated")


@pytest.mark.parametrize("name", ["logit", "cot_logit", "cot_perplexity"])
def test_white_box_judges_say_what_they_need(name):
    traits = find("judge", name).traits

    assert traits["white_box"]
    assert traits["logprobs"]
