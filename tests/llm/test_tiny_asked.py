import pytest

from act_spec.llm.tiny_asked import shares

LABELS = {"positive": 0.7, "very good": 0.2, "negative": 0.1}


@pytest.mark.parametrize(
    ("question", "yes"),
    [
        ("Is it positive?", 0.7),
        ("Is it not positive?", 0.3),
        ("Is it Positive, or very good?", 0.9),
        ("Isn't it negative?", 0.9),
        ("Is it so?", 0.5),
        ("Is it positive, very good or negative?", 0.5),
        ("Is it good?", 0.5),
    ],
)
def test_yes_is_as_likely_as_the_labels_that_the_question_names(question, yes):
    made = shares(["yes", "no"], question, LABELS)

    assert made == {"yes": pytest.approx(yes), "no": pytest.approx(1 - yes)}


def test_letters_mean_what_the_question_says_of_them():
    made = shares(["A", "B"], "Which one? (A) negative, (B) positive", LABELS)

    assert made == {"A": 0.1, "B": 0.7}


def test_an_answer_that_names_a_label_stands_for_it():
    assert shares(["a positive one", "a negative one"], "Which?", LABELS) == {
        "a positive one": 0.7,
        "a negative one": 0.1,
    }


def test_labels_themselves_need_no_question():
    assert shares(["negative", "positive"], "", LABELS) == {"negative": 0.1, "positive": 0.7}
