import pytest

from act_spec.errors import RecipeError
from act_spec.starter.propose import PLACEHOLDERS, propose

TEXTS = ["The first text is here.", "A second text.", "One more text to read.", "And the last of the texts."]
REVIEWS = {
    "url": [f"https://example.org/{number}" for number in range(4)],
    "day": ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"],
    "title": ["Good one", "Bad one", "So so", "Would buy"],
    "review_id": ["R1", "R2", "R3", "R4"],
    "body": TEXTS,
    "country": ["de", "fr", "de", "de"],
    "stars": ["5", "1", "3", "5"],
    "label": ["pos", "neg", "pos", "pos"],
    "product_id": ["p1", "p1", "p2", "p2"],
}


@pytest.fixture
def draft_of(looked_at):
    return lambda columns, labels=None: propose("mine", "rows.jsonl", looked_at(columns), labels)


def test_each_column_is_taken_for_what_it_looks_like(draft_of):
    draft = draft_of(REVIEWS)

    assert draft.id == "review_id"
    assert draft.show == ("body", "title")
    assert (draft.gold, draft.gold_doubt) == ("label", "")
    assert draft.labels == ("neg", "pos")
    assert draft.group == "product_id"
    assert draft.question == "Which of these labels fits the body best?"


@pytest.mark.parametrize("values", [["1", "1", "2", "3"], ["1", "2", "3", None]])
def test_ids_that_repeat_or_are_missing_are_not_proposed(values, draft_of):
    assert draft_of({"id": values, "text": TEXTS}).id is None


def test_a_unique_column_of_another_name_is_no_id(draft_of):
    assert draft_of({"price": ["1", "2", "3", "4"], "text": TEXTS}).id is None


@pytest.mark.parametrize("values", [["T01", "T02", "T03", "T04"], ["R-9", "R-10", "S-1", "q_7"]])
def test_numbered_names_make_an_id_under_any_name(values, draft_of):
    assert draft_of({"ticket": values, "text": TEXTS}).id == "ticket"
    assert draft_of({"ticket": values, "id": ["1", "2", "3", "4"], "text": TEXTS}).id == "id"


def test_the_plainest_name_makes_the_id(draft_of):
    numbers = ["1", "2", "3", "4"]

    assert draft_of({"index": numbers, "parent id": numbers, "id": numbers, "text": TEXTS}).id == "id"


@pytest.mark.parametrize("values", [TEXTS, ["a"] * 4, [None] * 4])
def test_a_gold_column_needs_few_values_and_more_than_one(values, draft_of):
    draft = draft_of({"text": TEXTS, "label": values})

    assert draft.gold is None
    assert draft.labels == PLACEHOLDERS
    assert draft.has_placeholders


def test_labels_of_the_user_stand_before_those_of_the_data(draft_of):
    draft = draft_of(REVIEWS, ("pos", "neg", "mixed"))

    assert draft.labels == ("pos", "neg", "mixed")
    assert draft.gold_doubt == ""


def test_gold_that_is_not_among_the_labels_is_doubted(draft_of):
    assert draft_of(REVIEWS, ("good", "bad")).gold_doubt == "its values are not these labels"


def test_gold_that_is_known_for_some_items_is_used(draft_of):
    columns = {"text": TEXTS, "label": ["a", "b", "a", ""]}

    assert (draft_of(columns).gold, draft_of(columns).gold_doubt) == ("label", "")


def test_gold_values_that_cannot_be_labels_are_not_proposed_as_such(draft_of):
    draft = draft_of({"text": TEXTS, "class": ["a", "A", "a", "b"]})

    assert draft.labels == PLACEHOLDERS
    assert draft.gold_doubt


def test_where_all_texts_are_short_the_longest_is_shown(draft_of):
    columns = {"id": ["1", "2", "3"], "kind": ["x", "x", "y"], "word": ["house", "tree", "river"]}

    assert draft_of(columns).show == ("word",)


def test_a_column_of_names_that_groups_items_is_not_shown(draft_of):
    columns = {"author": ["Ada B", "Ada B", "Cy D", "Cy D"], "text": TEXTS}

    draft = draft_of(columns)

    assert (draft.group, draft.show) == ("author", ("text",))


def test_columns_that_no_recipe_can_name_are_passed_over(draft_of):
    draft = draft_of({"odd\x01": TEXTS, "text": TEXTS})

    assert draft.columns == ("text",)


def test_data_without_text_are_refused(draft_of):
    with pytest.raises(RecipeError, match=r"no column holds text or files to label\."):
        draft_of({"id": ["1", "2"], "price": ["3.5", "4"]})
