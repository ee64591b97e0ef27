from __future__ import annotations

import pytest

ROUNDS = "rounds: {number: 3, select: entropy, model: {labels: 20}}\n"


def without_judge(good: str) -> str:
    lines = [line for line in good.splitlines() if not line.startswith(("judge:", "budget:"))]
    return "\n".join([*lines, "budget: {reviews: 12}", ROUNDS])


@pytest.fixture
def rounds(good):
    return without_judge(good)


def test_rounds_are_read(load, rounds):
    recipe = load(rounds).recipe

    assert recipe.rounds.rounds() == 3
    assert recipe.rounds.people.batches.of(12, 3) == (4, 4, 4)


def test_a_list_of_batches_says_how_many_rounds_there_are(load, rounds):
    recipe = load(rounds.replace("number: 3,", "people: {batches: [6, 4, 2]},")).recipe

    assert recipe.rounds.rounds() == 3


FAULTS = {
    "no number": ("number: 3, ", "", "rounds", "how many rounds"),
    "a judge": (
        "budget:",
        "judge: {model: local/tiny}\nbudget:",
        "judge",
        "nothing that the machine labels is judged",
    ),
    "a rule": ("reviews: 12", "reviews: 12, rule: uniform", "budget.rule", "the selector says"),
    "auto": ("reviews: 12", "reviews: auto, target: {accuracy: 95%}", "budget.reviews", "'auto' is none"),
    "no examples": ("labels: 20}", "labels: 20}, examples: people", "rounds.examples", "shows no examples"),
    "a pilot": ("budget:", "pilot: 10\nbudget:", "pilot", "rounds choose"),
    "bad batches": (
        "labels: 20",
        "labels: 20, batches: cubic",
        "rounds.model.batches",
        "not a form of batches",
    ),
    "no rest": ("labels: 20", "labels: all", "rounds.model.labels", "neither an amount nor rest"),
    "no decay": ("labels: 20", "labels: 20, batches: {decay: 0%}", "rounds.model.batches", "nothing is left"),
    "unknown selector": ("entropy", "entropi", "rounds.select", "no selector strategy is named"),
    "no fields": (
        "entropy",
        "{name: field_ablation, without: [titel]}",
        "rounds.select.without",
        "not one of the fields",
    ),
    "all fields": (
        "entropy",
        "{name: field_ablation, without: [title, body]}",
        "rounds.select.without",
        "some must stay",
    ),
}


@pytest.mark.parametrize(("old", "new", "path", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_what_rounds_cannot_do_is_refused_with_its_place(rounds, faults, old, new, path, said):
    found = faults(rounds.replace(old, new, 1))

    assert any(
        one.path.replace("[", ".").replace("]", "") == path and said in one.message for one in found
    ), [str(one) for one in found]
    assert all(one.line for one in found)


def test_a_selector_that_asks_a_student_wants_a_kind_that_is_trained(rounds, faults):
    found = faults(
        rounds.replace("kind: classification", "kind: spans\n  text: body").replace("gold: label", "")
    )

    assert any("nothing is trained for spans" in one.message for one in found), [str(one) for one in found]
