import pytest
from pydantic import ValidationError
from scripted import SENTIMENT, prompts_for, rounds, said

from act_spec.records import Annotation, Item, Reply, Vote
from act_spec.registry import declared, find, most_calls, parameters
from act_spec.strategies.judges.combined import combined
from act_spec.strategies.judges.cot import cot
from act_spec.strategies.judges.direct import direct

ITEM = Item("1", {"text": "Broke at once."})
PROMPTS = prompts_for(SENTIMENT)
ANNOTATION = Annotation(
    "positive", confidence=0.7, votes=(Vote("1", 0, "positive"), Vote("2", 0, "negative"))
)
ENTRY = find("judge", "combined")


def chosen(*judges):
    return dict(parameters(ENTRY).model_validate({"judges": list(judges)}))


def run(judges, *replies):
    return rounds(combined(ITEM, ANNOTATION, SENTIMENT, PROMPTS, **chosen(*judges)), replies)


def doubted(probability, label="negative", **more):
    return said({"error_probability": probability, "suggested_label": label, **more})


def test_the_mean_is_weighted():
    """(3 * 0.2 + 1 * 0.6) / 4."""
    asked, judgment = run(
        [{"name": "direct", "weight": "3"}, "cot"], doubted(0.2), doubted(0.6, reasoning="So.")
    )

    assert judgment.error_probability == pytest.approx(0.3)
    assert (judgment.suggested_label, judgment.rationale) == ("negative", "cot: So.")
    assert asked[0] == [
        *next(direct(ITEM, ANNOTATION, SENTIMENT, PROMPTS)),
        *next(cot(ITEM, ANNOTATION, SENTIMENT, PROMPTS)),
    ]


def test_judges_that_ask_nobody_count_as_well():
    """Votes 1 to 1 give 1, the confidence 0.3, the model 0.2: (1 + 0.3 + 0.2)/3."""
    _, judgment = run(["disagreement", "confidence", "direct"], doubted(0.2))

    assert judgment.error_probability == pytest.approx(0.5)


def test_the_suggestion_is_of_the_heaviest_that_has_one():
    judges = [{"name": "confidence", "weight": 9}, "direct", {"name": "cot", "weight": 2}]
    _, judgment = run(judges, doubted(0.2, "negative"), doubted(0.2, "positive", reasoning=""))

    assert judgment.suggested_label == "positive"


@pytest.mark.parametrize("status", ["invalid", "provider_error"])
def test_one_failure_fails_the_whole(status):
    _, judgment = run(["direct", "cot"], doubted(0.2), Reply(status, None))

    assert (judgment.error_probability, judgment.status) == (None, status)


def test_parts_take_their_own_parameters():
    part = {"name": "second_opinion", "reasoning": "true"}
    asked, judgment = run(
        ["confidence", part], said({"reasoning": "", "label": "negative", "confidence": 0.5})
    )

    assert "reasoning" in asked[0][0].reply_schema["properties"]
    assert judgment.error_probability == pytest.approx(0.4)


def test_it_declares_what_its_parts_declare():
    settings = chosen("cot", "logit", "cot_logit", "cot_perplexity", "confidence")

    assert most_calls(ENTRY, settings) == 4
    assert declared(ENTRY, "prompts", settings) == ("judge_cot.v1", "judge_logit.v1", "judge_verdict.v1")
    assert declared(ENTRY, "logprobs", settings) is True
    assert declared(ENTRY, "logprobs", chosen("cot", "direct")) is False


def test_equal_parts_are_written_in_one_way():
    written = [
        parameters(ENTRY).model_validate({"judges": judges}).model_dump(mode="json", exclude_defaults=True)
        for judges in (
            ["direct", "second_opinion"],
            [{"name": "direct.v1", "weight": "1"}, {"name": "second_opinion", "reasoning": "false"}],
        )
    ]

    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("judges", "said"),
    [
        (["cot"], "at least two"),
        (["disagreement", "confidence"], "at least one must"),
        (["cot", "cott"], "Did you mean 'cot'"),
        (["cot", {"name": "direct", "weight": 0}], "greater than 0"),
        (["cot", {"name": "direct", "wieght": 1}], "wieght"),
        (["cot", {"name": "combined", "judges": ["cot", "direct"]}], "cannot be part of another"),
        (["cot", {"name": "recorded", "as": "own_confidence", "confidence": "c"}], "reads columns"),
    ],
)
def test_what_cannot_be_combined_is_refused(judges, said):
    with pytest.raises(ValidationError, match=said):
        chosen(*judges)
