from __future__ import annotations

import pytest
from scripted import prompts_for

from act_spec.records import Item, Reply
from act_spec.registry import find, most_calls
from act_spec.strategies.annotators.candidates import candidates
from act_spec.tasks.classification import Classification
from act_spec.tasks.multilabel import Multilabel
from act_spec.tasks.rating import Rating

NAMES = [f"label{number:02d}" for number in range(25)]
TASK = Multilabel.model_validate({"question": "Which?", "labels": NAMES, "none": "allowed"})
ITEM = Item("1", {"text": "a text"})


def test_other_groupings_put_other_labels_together():
    steps = candidates(ITEM, TASK, prompts_for(TASK), groupings=2)
    groups = [tuple(one.reply_schema["properties"]["label"]["items"]["enum"]) for one in next(steps)]

    assert groups[0] == tuple(NAMES[:10])
    assert sorted(name for group in groups[3:] for name in group) == NAMES
    assert groups[3] != groups[0]


def test_a_call_that_failed_makes_a_failed_annotation():
    steps = candidates(ITEM, TASK, prompts_for(TASK))
    replies = [Reply("ok", {"label": ["label01"]}) for _ in next(steps)]
    with pytest.raises(StopIteration) as done:
        steps.send([*replies[:-1], Reply("refused", None)])

    assert done.value.value.status == "refused"


ONE = Classification.model_validate({"question": "Which?", "labels": NAMES})


@pytest.mark.parametrize(
    ("named", "offered"), [(["label03", "label07"], ["label03", "label07"]), ([], NAMES)]
)
def test_one_label_is_chosen_among_the_candidates_or_among_all(named, offered):
    steps = candidates(ITEM, ONE, prompts_for(ONE))
    groups = [one.reply_schema["properties"]["label"]["items"]["enum"] for one in next(steps)]
    [request] = steps.send(
        [Reply("ok", {"label": [name for name in named if name in group]}) for group in groups]
    )
    with pytest.raises(StopIteration) as done:
        steps.send([Reply("ok", {"label": offered[-1], "confidence": 0.7})])

    assert request.reply_schema["properties"]["label"]["enum"] == offered
    assert (done.value.value.label, done.value.value.confidence) == (offered[-1], 0.7)
    parameters = {"groupings": 1, "group_size": 10, "check": True}
    assert most_calls(find("annotator", "candidates"), parameters, 1, ONE) == 4


def test_it_is_for_answers_that_are_labels():
    task = Rating.model_validate({"question": "How good?"})

    with pytest.raises(ValueError, match="those of rating are not"):
        next(candidates(ITEM, task, prompts_for(task)))


PAIRS = (("label00", "label13"), ("label05", "label20"))


@pytest.mark.parametrize(("divide", "shared"), [("together", True), ("apart", False)])
def test_labels_that_occur_together_share_a_group_or_do_not(divide, shared):
    steps = candidates(ITEM, TASK, prompts_for(TASK), divide=(divide,), co_occurring=PAIRS)
    groups = [set(one.reply_schema["properties"]["label"]["items"]["enum"]) for one in next(steps)]

    assert [len(group) <= 10 for group in groups] == [True] * 3
    assert sorted(name for group in groups for name in group) == NAMES
    assert [any(set(pair) <= group for group in groups) for pair in PAIRS] == [shared] * 2


def test_a_label_that_occurs_with_others_is_one_of_the_tasks():
    with pytest.raises(ValueError, match="co_occurring: 'label99' is not one of the labels"):
        next(candidates(ITEM, TASK, prompts_for(TASK), co_occurring=(("label99",),)))
