import json

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from act_spec import registry
from act_spec.tasks.multilabel import Multilabel

LABELS: dict[str, dict[str, str]] = {"price": {}, "sound": {}, "fit, feel": {}}


def topics(none=None, **labels):
    return Multilabel(question="Which topics?", none=none, labels=labels or LABELS)


def test_is_found_by_its_name():
    assert registry.find("task", "multilabel").build is Multilabel


def test_a_label_is_the_list_in_the_recipes_order():
    assert topics().parse(["sound", "Price", "sound"]) == '["price","sound"]'


@pytest.mark.parametrize("value", ["sound; price", '["sound", "price"]', ("sound", "price")])
def test_equal_answers_are_equal_text(value):
    assert topics().parse(value) == '["price","sound"]'


@pytest.mark.parametrize("value", [None, 3, {"price": 1}, b"price", [None], ["prize"]])
def test_what_is_not_a_list_of_labels_is_refused(value):
    with pytest.raises(ValueError, match="not"):
        topics().parse(value)


@pytest.mark.parametrize(
    "cell", ["price; sound", "price, sound", "sound|price", ' ["price","sound"] ', "Sound;;price;"]
)
def test_reads_the_ways_in_which_people_write_lists(cell):
    assert topics().read(cell) == '["price","sound"]'


def test_a_comma_inside_a_name_is_part_of_the_name():
    assert topics().read("fit, feel") == '["fit, feel"]'
    assert topics().read("fit, feel; price") == '["price","fit, feel"]'


@pytest.mark.parametrize("cell", ["", "  ", ";", "[", "prize", '["price"', "{}"])
def test_a_cell_without_labels_is_refused(cell):
    with pytest.raises(ValueError, match="label"):
        topics("allowed").read(cell)


def test_an_empty_answer_is_an_answer_where_allowed():
    kind = topics("allowed")

    assert kind.parse([]) == kind.read("None") == kind.read("[]") == "[]"
    assert kind.units("[]") == frozenset()


def test_an_empty_answer_is_refused_where_it_is_none():
    with pytest.raises(ValueError, match="at least one"):
        topics().parse([])


def test_a_label_can_mean_that_none_applies():
    kind = topics("normal", normal={}, nodule={})

    assert kind.parse([]) == kind.read("none") == kind.parse(["normal"]) == '["normal"]'
    with pytest.raises(ValueError, match="stands alone"):
        kind.parse(["normal", "nodule"])


@pytest.mark.parametrize(
    ("none", "labels"),
    [("allowed", {"allowed": {}, "b": {}}), ("allowed", {"None": {}, "b": {}})],
)
def test_a_none_that_is_ambiguous_is_refused(none, labels):
    with pytest.raises(ValidationError, match="none: "):
        Multilabel(question="?", none=none, labels=labels)


def test_a_none_that_is_no_label_yet_becomes_one():
    kind = topics("no_finding", nodule={}, effusion={})

    assert kind.parse([]) == kind.read("no_finding") == '["no_finding"]'
    assert [label.name for label in kind.definitions] == ["nodule", "effusion", "no_finding"]


@pytest.mark.parametrize("names", [[], ["price"], ["price", "sound"], ["fit, feel"], ["price", "fit, feel"]])
def test_what_is_shown_reads_back(names):
    kind = topics("allowed")

    assert json.loads(kind.read(kind.show(kind.parse(names)))) == names


def test_names_with_a_semicolon_read_back_too():
    kind = topics(None, **{"a;b": {}, "c": {}})

    assert kind.read(kind.show('["a;b","c"]')) == '["a;b","c"]'


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        ("[]", "[]", 0),
        ('["price"]', "[]", 1),
        ('["price"]', '["price","sound"]', 0.5),
        ('["sound"]', '["price"]', 1),
    ],
)
def test_distance_is_one_minus_jaccard(one, two, distance):
    kind = topics("allowed")

    assert kind.distance(one, two) == kind.distance(two, one) == distance


def test_votes_settle_label_by_label():
    kind = topics("allowed")

    assert kind.settle(['["price","sound"]', '["sound"]', '["fit, feel"]']) == '["sound"]'
    assert kind.settle(['["price"]', '["sound"]']) == "[]"


def test_votes_settle_on_an_answer_even_where_no_label_has_most():
    assert topics().settle(['["sound"]', '["price"]']) == '["price"]'
    assert topics("normal", normal={}, a={}, b={}).settle(['["a"]', '["b"]']) == '["normal"]'


@pytest.mark.parametrize(("none", "empty_is_valid"), [("allowed", True), (None, False)])
def test_the_schema_takes_lists_of_labels_and_an_empty_one_where_allowed(none, empty_is_valid):
    schema = topics(none).answer_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    assert validator.is_valid(["price", "sound"])
    assert not validator.is_valid(["prize"])
    assert not validator.is_valid("price")
    assert validator.is_valid([]) == empty_is_valid


@pytest.mark.parametrize(
    ("none", "told"), [("allowed", "empty"), ("sound", "sound alone"), (None, "at least one")]
)
def test_the_instruction_says_what_to_do_if_none_applies(none, told):
    assert told in topics(none).answer_instruction()


def test_training_sees_each_label_on_its_own():
    form = topics().target_form()

    assert (form.head, form.names) == ("labels", ("price", "sound", "fit, feel"))
    assert form.encode('["price","fit, feel"]') == [1, 0, 1]
    assert form.decode([0.6, 0.2, 0.7]) == '["price","fit, feel"]'


def test_an_answer_from_a_model_is_never_empty_unless_that_is_an_answer():
    assert topics().target_form().decode([0.1, 0.4, 0.3]) == '["sound"]'
    assert topics(none="allowed").target_form().decode([0.1, 0.4, 0.3]) == "[]"
    assert topics(none="nothing").target_form().decode([0.1, 0.8, 0.3, 0.7]) == '["sound"]'
