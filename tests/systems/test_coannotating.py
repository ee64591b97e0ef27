"""CoAnnotating (arXiv:2310.15638): wordings vote, their entropy says who answers, and shares are swept."""

from __future__ import annotations

import json
from itertools import permutations, product

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from scripted import SENTIMENT, finish, prompts_for, said
from walking import plan_of, walk_recipe

from act_spec.cli.program import program
from act_spec.plan.compile import run_folder
from act_spec.records import Item, Reply
from act_spec.starter.begin import begin
from act_spec.store.database import Store
from act_spec.strategies.allocators.rank_fraction import rank_fraction
from act_spec.strategies.annotators.variants import Variant, variants
from act_spec.strategies.entropy import entropy
from act_spec.strategies.estimators.pareto import on_front
from act_spec.strategies.judges.confidence import confidence
from act_spec.strategies.judges.disagreement import disagreement

ITEM = Item("1", {"text": "Broke at once."})
PLAIN = Variant(prompt="Is the review positive?", answers={"yes": "positive", "no": "negative"})
NEGATED = Variant(prompt="Is the review negative?", answers={"yes": "negative", "no": "positive"})
LETTERED = Variant(prompt="Choose: (A) good, (B) bad.", answers={"A": "positive", "B": "negative"})
BARE = Variant(prompt="Which of the two is it?")
# Entropies of nine binary votes: five values only, so nearly everything is tied.
ENTROPY = np.random.default_rng(0).choice([0, 0.5033, 0.7642, 0.9183, 0.9911], size=200)


def votes(*counts):
    return [name for name, count in zip(("a", "b", None, "c"), counts, strict=False) for _ in range(count)]


def run(wordings, *answers, task=SENTIMENT):
    replies = [Reply("invalid", None) if one is None else said({"answer": one}) for one in answers]
    return finish(variants(ITEM, task, prompts_for(task), variants=tuple(wordings)), *replies)


@pytest.mark.parametrize(
    ("counts", "bits"),
    [
        ((9, 0), 0),
        ((8, 1), 0.5033),
        ((7, 2), 0.7642),
        ((6, 3), 0.9183),
        ((5, 4), 0.9911),
        ((6, 2, 1), 1.2244),
        ((4, 4, 1), 1.3921),
    ],
)
def test_nine_votes_have_the_published_entropies(counts, bits):
    """The values in CoAnnotating's notebook; replies that cannot be read are a class of their own."""
    assert entropy(votes(*counts)) == pytest.approx(bits, abs=5e-5)


def test_the_order_of_the_votes_does_not_matter():
    assert len({entropy(order) for order in permutations(["a", "a", "b", None])}) == 1


def test_every_variant_is_read_by_its_own_map():
    """Yes, a negated no and A all say positive."""
    _, annotation = run([PLAIN, NEGATED, LETTERED, BARE], "yes", "no", "A", "negative")

    assert [vote.label for vote in annotation.votes] == ["positive", "positive", "positive", "negative"]
    assert (annotation.label, annotation.confidence) == ("positive", 0.75)


def test_a_reply_that_cannot_be_read_is_a_class_of_its_own_and_never_the_label():
    """6/2/1 has 1.2244 bits; three unreadable ones of five leave the two that are."""
    _, annotation = run([PLAIN] * 9, *["yes"] * 6, *["no"] * 2, None)
    assert entropy([vote.label for vote in annotation.votes]) == pytest.approx(1.2244, abs=5e-5)

    _, annotation = run([PLAIN] * 5, "no", None, None, None, "no")
    assert (annotation.label, annotation.confidence) == ("negative", 0.4)


def test_the_order_of_the_variants_changes_nothing():
    """The same replies in every order: one label, one confidence, one entropy."""
    given = [(PLAIN, "yes"), (NEGATED, "yes"), (LETTERED, "A"), (BARE, None)]
    outcomes = set()
    for order in permutations(given):
        _, annotation = run([one for one, _ in order], *(answer for _, answer in order))
        outcomes.add((annotation.label, annotation.confidence, entropy([v.label for v in annotation.votes])))

    assert outcomes == {("positive", 0.5, 1.5)}


def test_nothing_or_everything_goes_to_people() -> None:
    assert rank_fraction(ENTROPY, 0).tolist() == [0] * 200
    assert rank_fraction(ENTROPY, 200).tolist() == [1] * 200


def test_a_larger_share_holds_the_smaller_one() -> None:
    """No item's probability falls when the budget rises, at every budget from 0 to all."""
    by_budget = np.array([rank_fraction(ENTROPY, budget) for budget in range(201)])

    assert np.diff(by_budget, axis=0).min() >= 0


def test_stated_confidences_are_averaged_over_the_wordings():
    """Eight times 1 and once 0.95 is 0.994444, as published; a reply that cannot be read states none."""
    sure = [said({"answer": "yes", "confidence": 1.0})] * 8 + [said({"answer": "no", "confidence": 0.95})]
    _, annotation = finish(
        variants(ITEM, SENTIMENT, prompts_for(SENTIMENT), variants=(PLAIN,) * 9, confidence=True), *sure
    )
    assert (annotation.label, annotation.confidence) == ("positive", pytest.approx(0.994444, abs=5e-7))

    _, annotation = finish(
        variants(ITEM, SENTIMENT, prompts_for(SENTIMENT), variants=(PLAIN,) * 2, confidence=True),
        said({"answer": "yes", "confidence": 0.8}),
        Reply("invalid", None),
    )
    assert (annotation.confidence, confidence().settle((), SENTIMENT, annotation).error_probability) == (
        0.8,
        pytest.approx(0.2),
    )


@pytest.mark.parametrize(("unreadable", "bits"), [("class", 0.9183), ("left_out", 0)])
def test_unreadable_replies_are_a_class_or_left_out(unreadable, bits):
    _, annotation = run([PLAIN] * 3, "yes", "yes", None)

    judged = disagreement(unreadable=unreadable).settle((), SENTIMENT, annotation)

    assert judged.error_probability == pytest.approx(bits, abs=5e-5)


def test_a_setting_is_on_the_front_iff_no_other_is_cheaper_and_as_good_or_better_for_as_much():
    """All 81 pairs of settings with costs and values of 0, 1 and 2, and equal ones both on it."""
    for cost, other_cost, value, other in product(range(3), repeat=4):
        beaten = other_cost <= cost and other >= value and (other_cost, other) != (cost, value)
        assert on_front([cost, other_cost], [value, other])[0] == (not beaten)
    assert on_front([0, 1, 2, 2, 3], [0.5, 0.7, 0.7, 0.9, 0.9]) == [True, True, False, True, False]


def test_a_sweep_from_no_to_all_human_labels(tmp_path):
    """The recipe's: at 0% all labels are the model's, at 100% all are people's, and the front is marked."""
    recipe = begin(tmp_path / "swept", gallery="systems/coannotating").recipe
    done = CliRunner().invoke(program, ["run", str(recipe), "--yes", "--json"])
    assert done.exit_code == 0, done.output

    facts = json.loads(next(line for line in done.output.splitlines() if line.startswith("{")))
    swept = {one["setting"]["people"]: one for one in facts["settings"]}
    shares = {people: one["figures"]["reviewed_share"]["mean"] for people, one in swept.items()}
    accuracy = {people: one["figures"]["final_accuracy"]["mean"] for people, one in swept.items()}
    assert shares == {f"{percent}%": percent / 100 for percent in range(0, 101, 20)}
    assert accuracy["0%"] == swept["0%"]["figures"]["machine_accuracy"]["mean"]
    assert accuracy["100%"] == 1
    front = [one["on_front"] for one in swept.values()]
    assert front == on_front(list(shares.values()), list(accuracy.values()))
    assert front[0]


def test_a_larger_share_adds_to_the_reviews_of_a_smaller_one(tmp_path):
    """Nested: raising the share in one run draws nothing again."""
    recipe = begin(tmp_path / "nested", gallery="systems/coannotating").recipe
    whole = recipe.read_text(encoding="utf-8").partition("matrix:")[0] + "silence: [no-audit]\n"
    drawn = []
    for share in ("10%", "40%", "80%"):
        recipe.write_text(whole.replace("people: 20%", f"people: {share}"), encoding="utf-8")
        walk_recipe(recipe)
        with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
            drawn.append({item for (item,) in store.rows("SELECT item_id FROM labels WHERE selected")})

    assert [len(one) for one in drawn] == [3, 12, 24]
    assert drawn[0] < drawn[1] < drawn[2]


def test_chatgpts_recorded_agreement_sends_the_least_sure_to_people(tmp_path, recorded_data):
    """MRPC: 0.743 right alone; people at 20% and 40% of the items, by the share of prompts that agree."""
    folder = recorded_data / "coannotating_mrpc"
    recipe = tmp_path / "mrpc.act.yaml"
    recipe.write_text(
        f"""\
act: 1
name: mrpc
params: {{people: 20%}}
task: {{kind: classification, question: Do the two mean the same?, labels: [{", ".join(labels_of(folder))}]}}
data: {{source: {folder}/items.parquet, id: item_id, show: [glue_idx], gold: gold}}
annotator:
  strategy: {{name: recorded, source: {folder}/machine.parquet, label: label, confidence: confidence}}
judge: {{strategy: confidence}}
budget: {{reviews: $people, rule: rank_fraction, audit: 0%}}
review: {{simulate: gold}}
matrix: {{vary: {{people: [0%, 20%, 40%]}}}}
""",
        encoding="utf-8",
    )
    done = CliRunner().invoke(program, ["run", str(recipe), "--yes", "--json"])
    assert done.exit_code == 0, done.output

    facts = json.loads(next(line for line in done.output.splitlines() if line.startswith("{")))
    alone, some, more = (one["figures"]["final_accuracy"]["mean"] for one in facts["settings"])
    assert alone == pytest.approx(0.743, abs=0.0005)
    # Above what as many random reviews would bring.
    assert some > alone + 0.2 * (1 - alone)
    assert more > alone + 0.4 * (1 - alone)
    assert [one["on_front"] for one in facts["settings"]] == [True, True, True]


def labels_of(folder):
    file = f"{folder}/items.parquet"
    return [name for (name,) in duckdb.sql(f"SELECT DISTINCT gold FROM '{file}' ORDER BY 1").fetchall()]
