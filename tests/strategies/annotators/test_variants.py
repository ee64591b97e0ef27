import pytest
from pydantic import ValidationError
from scripted import SENTIMENT, finish, prompts_for, said

from act_spec.records import Item, Reply
from act_spec.registry import declared, find, most_calls, parameters
from act_spec.strategies.annotators.variants import Variant, variants
from act_spec.tasks.multilabel import Multilabel

ITEM = Item("1", {"text": "Broke at once."})
PLAIN = Variant(prompt="Is the review positive?", answers={"yes": "positive", "no": "negative"})
NEGATED = Variant(prompt="Is the review negative?", answers={"yes": "negative", "no": "positive"})
LETTERED = Variant(prompt="Choose: (A) good, (B) bad.", answers={"A": "positive", "B": "negative"})
BARE = Variant(prompt="Which of the two is it?")


def run(wordings, *answers, task=SENTIMENT):
    replies = [Reply("invalid", None) if one is None else said({"answer": one}) for one in answers]
    return finish(variants(ITEM, task, prompts_for(task), variants=tuple(wordings)), *replies)


def test_every_variant_is_held_to_its_own_answers():
    requests, _ = run([PLAIN, LETTERED, BARE], "yes", "B", "negative")

    enums = [request.reply_schema["properties"]["answer"]["enum"] for request in requests]
    assert enums == [["yes", "no"], ["A", "B"], ["positive", "negative"]]
    assert "Is the review positive?" in requests[0].messages[1]["content"]
    assert "- A\n- B\n" in requests[1].messages[1]["content"]


def test_votes_bear_the_number_of_their_variant():
    _, annotation = run([PLAIN, NEGATED], "yes", "yes")

    assert [vote.member for vote in annotation.votes] == ["1", "2"]


def test_no_readable_reply_is_a_failure():
    _, annotation = run([PLAIN, NEGATED], None, None)

    assert (annotation.label, annotation.status, len(annotation.votes)) == (None, "invalid", 2)


def test_an_answer_that_stands_for_no_label_is_refused_before_anything_is_asked():
    wrong = Variant(prompt="?", answers={"yes": "positive", "no": "mixed"})

    with pytest.raises(ValueError, match="'mixed' is not one of the labels"):
        next(variants(ITEM, SENTIMENT, prompts_for(SENTIMENT), variants=(wrong,)))


def test_answers_of_a_multilabel_task_are_written_as_people_write_them():
    task = Multilabel(question="Which?", none="allowed", labels={"a": {}, "b": {}})
    both = Variant(prompt="?", answers={"both": "a; b", "neither": "none"})

    _, annotation = run([both, both, both], "both", "both", "neither", task=task)

    assert annotation.label == '["a","b"]'


def test_the_recipe_writes_variants_as_mappings():
    entry = find("annotator", "variants")
    chosen = dict(
        parameters(entry).model_validate({"variants": [{"prompt": "?", "answers": {"yes": "positive"}}] * 2})
    )

    assert most_calls(entry, chosen) == 2
    assert declared(entry, "prompts", chosen) == ("annotate_variant.v1",)


@pytest.mark.parametrize(
    "wrong",
    [[], [{}], [{"prompt": ""}], [{"prompt": "?", "anwsers": {}}], [{"prompt": "?", "template": "x"}]],
)
def test_a_malformed_variant_is_refused(wrong):
    with pytest.raises(ValidationError):
        parameters(find("annotator", "variants")).model_validate({"variants": wrong})
