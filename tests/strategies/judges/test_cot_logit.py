from math import log

import pytest
from scripted import SENTIMENT, finish, prompts_for

from act_spec.records import FREE_TEXT, Annotation, Item, Judgment, Reply, TokenScore
from act_spec.strategies.judges.cot_logit import cot_logit
from act_spec.strategies.judges.cot_perplexity import cot_perplexity

ITEM = Item("1", {"text": "Broke at once."})
PROMPTS = prompts_for(SENTIMENT)
ARGUMENT = [TokenScore("No", -2.0), TokenScore(" doubt", -1.0), TokenScore(".\nWrong:", -0.5)]
VERDICT = TokenScore(" yes", log(0.8), ((" yes", log(0.8)), (" no", log(0.2))))


def run(reply):
    [request], judgment = finish(cot_logit(ITEM, Annotation("positive"), SENTIMENT, PROMPTS), reply)
    return request, judgment


def answered(*tokens):
    text = "".join(token.token for token in tokens)
    return Reply("ok", {"text": text}, text, tokens=tokens)


def test_reads_the_share_of_yes_at_the_verdict():
    """Not at the first token, which is a no as well."""
    _, judgment = run(answered(*ARGUMENT, VERDICT))

    assert judgment.error_probability == pytest.approx(0.8)
    assert judgment.rationale == "No doubt."


def test_asks_for_plain_text_with_scores():
    request, _ = run(answered(*ARGUMENT, VERDICT))

    assert request.reply_schema == FREE_TEXT
    assert request.logprobs


def test_shares_its_call_with_the_perplexity_judge():
    request, _ = run(answered(VERDICT))

    assert next(cot_perplexity(ITEM, Annotation("positive"), SENTIMENT, PROMPTS)) == [request]


def test_an_argument_without_a_verdict_is_a_failed_judgment():
    _, judgment = run(answered(*ARGUMENT))

    assert (judgment.error_probability, judgment.status) == (None, "invalid")


def test_a_verdict_without_scores_is_a_failed_judgment():
    _, judgment = run(Reply("ok", {"text": "So.\nWrong: no"}, "So.\nWrong: no"))

    assert (judgment.error_probability, judgment.status) == (None, "invalid")


def test_a_failed_reply_keeps_its_status():
    assert run(Reply("truncated", None))[1] == Judgment(None, status="truncated")
