import pytest
from scripted import prompts_for

from act_spec.records import Annotation, Item, Reply
from act_spec.strategies.judges.parts import parts
from act_spec.tasks.classification import Classification
from act_spec.tasks.multilabel import Multilabel

TOPICS = Multilabel.model_validate({"question": "Which?", "labels": ["price", "sound"], "none": "allowed"})
ITEM = Item("1", {"text": "Too dear."})


def judge(value, label='["price"]', task=TOPICS):
    steps = parts(ITEM, Annotation(label), task, prompts_for(task))
    [request] = next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send([Reply("ok", value)])
    return request, done.value.value


def said(*probabilities, missing=0.0):
    listed = [
        {"part": name, "error_probability": one}
        for name, one in zip(("price", "sound"), probabilities, strict=True)
    ]
    return {"parts": listed, "missing": missing, "suggested_label": ["price"]}


def test_every_label_of_the_recipe_is_judged_given_or_left_out():
    """Wrong unless every part is right and nothing is missing: 1 - 0.9 * 0.8 * 0.5."""
    request, judgment = judge(said(0.1, 0.2, missing=0.5))

    assert judgment.error_probability == pytest.approx(1 - 0.9 * 0.8 * 0.5)
    assert judgment.units == {"price": 0.1, "sound": 0.2, "(missing)": 0.5}
    assert judgment.suggested_label == '["price"]'
    assert "- price\n- sound" in str(request.messages[-1]["content"])


def test_a_part_judged_twice_and_another_not_is_a_failed_judgment():
    value = said(0.1, 0.2)
    value["parts"][1]["part"] = "price"

    assert judge(value)[1].status == "invalid"


def test_an_answer_without_parts_is_judged_as_a_whole():
    task = Classification.model_validate({"question": "Which?", "labels": ["good", "bad"]})
    _, judgment = judge({"error_probability": 0.3, "suggested_label": "bad"}, "good", task)

    assert (judgment.error_probability, judgment.suggested_label, judgment.units) == (0.3, "bad", None)
