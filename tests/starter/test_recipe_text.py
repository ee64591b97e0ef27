from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from act_spec.recipe.load import load_text
from act_spec.starter.labels import label_fault
from act_spec.starter.propose import Draft
from act_spec.starter.recipe_text import recipe_text
from act_spec.starter.yaml_text import can_be_written

AWKWARD = [
    "yes",
    "1",
    "null",
    "a: b",
    "a, b",
    "%a",
    "@a",
    "*a",
    "a #b",
    "it's",
    '"',
    "\\",
    "<<",
    "x-a",
    "a.csv",
]
TEXT = st.one_of(st.sampled_from(AWKWARD), st.text(min_size=1, max_size=30)).filter(can_be_written)
LABELS = st.lists(TEXT.map(str.strip), min_size=2, max_size=6).filter(lambda names: not label_fault(names))
FILES = TEXT.map(lambda text: text.replace("/", "") + ".csv")
COLUMNS = st.lists(TEXT, min_size=4, max_size=6, unique=True)


def read(draft: Draft) -> Any:
    return load_text(recipe_text(draft), "mine.act.yaml", Path()).recipe


@given(labels=LABELS, columns=COLUMNS, source=FILES, question=TEXT)
def test_a_recipe_says_exactly_what_its_draft_says(labels, columns, source, question):
    first, second, gold, key, *_ = columns
    draft = Draft(
        "mine", source, tuple(columns), "item", question, (first, second), tuple(labels), "7", key, gold
    )

    recipe = read(draft)

    assert [definition.name for definition in recipe.task.definitions] == labels
    assert recipe.task.question == question
    assert recipe.data.source == source
    assert [field.column for field in recipe.data.show.values()] == [first, second]
    assert (recipe.data.id, recipe.data.gold.column) == (key, gold)
    assert str(recipe.budget.reviews) == "7"


@given(columns=COLUMNS, values=st.lists(TEXT, max_size=20).map(tuple))
def test_what_is_only_proposed_stays_a_comment(columns, values):
    first, gold, group, *_ = columns
    assume(group != first)
    draft = Draft(
        "mine", "a.csv", tuple(columns), "item", "Which?", (first,), ("a", "b"),
        gold=gold, gold_values=values, gold_doubt="a reason", group=group,
    )  # fmt: skip

    recipe = read(draft)

    assert recipe.data.gold is None
    assert recipe.data.group is None
    assert recipe.data.id is None
    assert "a reason" in recipe_text(draft)


def test_people_review_and_nobody_is_simulated_unless_the_user_asks():
    draft = Draft("mine", "a.csv", ("t", "g"), "item", "Which?", ("t",), ("a", "b"), gold="g")

    recipe = read(draft)

    assert recipe.review.simulate is None
    assert recipe.review.reviewers == ("me",)
    assert "# simulate: gold" in recipe_text(draft)
    assert (recipe.annotator.model, recipe.judge.model) == ("local/tiny", "local/tiny")
    assert str(recipe.budget.audit) == "20%"


def test_the_lines_in_comments_are_recipe_lines_too():
    """Uncommented, every offered key is read: the comments cannot lead into an error."""
    draft = Draft("mine", "a.csv", ("t", "g", "p"), "item", "Which?", ("t",), ("a", "b"), gold="g", group="p")
    text = recipe_text(draft)
    for line in ("group: p", "spend_usd: 5", "seconds_per_item: 30", "simulate: gold"):
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    for line in ("not_when: ", "examples: [", "near_misses: ["):
        commented = next(one for one in text.splitlines() if one.startswith("  #     " + line))
        text = text.replace('      definition: ""', f'      definition: ""\n      {commented[8:]}', 1)

    recipe: Any = load_text(text, "mine.act.yaml", Path()).recipe

    assert recipe.data.group == "p"
    assert recipe.task.definitions[0].near_misses
    assert recipe.budget.spend_usd == 5
