"""The built-in model answers whatever any strategy asks, and sensibly."""

import asyncio

import pytest
from scripted import SENTIMENT, prompts_for

from act_spec.llm.formats import response_format
from act_spec.llm.model import Model
from act_spec.llm.replies import read_reply
from act_spec.llm.tiny import reply
from act_spec.records import FREE_TEXT, Annotation, Example, Item, Reply, Vote
from act_spec.registry import find, names, parameters
from act_spec.strategies.nearest import ExamplePool

GOOD = Item("1", {"text": "Would buy it again, love it."})
BAD = Item("2", {"text": "The reviewer would not."})
PROMPTS = prompts_for(SENTIMENT)
TINY = Model("local/tiny")
POOL = ExamplePool([Example({"text": "Zippy wow."}, "positive"), Example({"text": "Drab meh."}, "negative")])
WORDINGS = [
    {"prompt": "Is the review positive?", "answers": {"yes": "positive", "no": "negative"}},
    {"prompt": "Is the review negative?", "answers": {"yes": "negative", "no": "positive"}},
    {"prompt": "Is it (A) positive, or (B) negative?", "answers": {"A": "positive", "B": "negative"}},
    {"prompt": "Which of the two is it?"},
]
SETTINGS = {
    "variants": {"variants": WORDINGS},
    "combined": {"judges": ["logit", "confidence", "cot"]},
    "verifiers": {"judges": 1},
}
NEEDS = {"members": ("a", "b", "c"), "pool": POOL}


def settle(kind, name, item, *given):
    """Run a strategy with the built-in model behind it."""
    entry = find(kind, name)
    needs = [NEEDS[one] for one in entry.traits.get("needs", ())]
    chosen = dict(parameters(entry).model_validate(SETTINGS.get(name, {})))
    steps = entry.build(item, *given, SENTIMENT, PROMPTS, *needs, **chosen)
    replies = None
    while True:
        try:
            requests = steps.send(replies)
        except StopIteration as end:
            return end.value
        replies = [answered(request) for request in requests]


def answered(request):
    made = reply(request.messages, response_format(TINY, request.reply_schema), sample=request.sample)
    tokens = made.tokens if request.logprobs else ()
    return Reply("ok", read_reply(made.text, request.reply_schema), made.text, "", tokens)


def asking(kind):
    return [name for name in names(kind) if not find(kind, name).traits.get("lookup")]


@pytest.mark.parametrize("name", asking("annotator"))
def test_every_annotator_gets_its_label(name):
    assert settle("annotator", name, GOOD).label == "positive"
    assert settle("annotator", name, BAD).label == "negative"


@pytest.mark.parametrize("name", asking("judge"))
def test_every_judge_finds_the_wrong_label_more_likely_wrong(name):
    right, wrong = (
        settle("judge", name, GOOD, Annotation(label, 0.5, votes=(Vote("", 0, label),)))
        for label in ("positive", "negative")
    )

    assert right.status == wrong.status == "ok"
    assert 0 <= right.error_probability < wrong.error_probability <= 1


def test_it_learns_from_examples_in_the_prompt():
    zippy = Item("3", {"text": "zippy, wow"})
    drab = Item("4", {"text": "so drab, meh"})

    assert settle("annotator", "few_shot", zippy).label == "positive"
    assert settle("annotator", "few_shot", drab).label == "negative"


def test_its_variants_agree_where_it_is_sure():
    assert [vote.label for vote in settle("annotator", "variants", GOOD).votes] == ["positive"] * 4


@pytest.mark.parametrize("wanted", [True, False])
def test_its_scores_come_through_litellm_where_wanted(wanted):
    from act_spec.llm import provider

    messages = PROMPTS.messages("judge_logit.v1", GOOD, annotation="negative")
    made = asyncio.run(provider.ask(TINY, messages, FREE_TEXT, sample=0, logprobs=wanted))

    assert made.text == "yes"
    assert made.tokens == (reply(messages, None).tokens if wanted else ())
