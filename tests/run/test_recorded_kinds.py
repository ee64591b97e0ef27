"""Published figures of recorded answers to other questions than one label of several, from recipes alone."""

from __future__ import annotations

import duckdb
import pytest
from recorded_walks import figures

LLMBAR = {
    # model, strategy: accuracy over both orders, agreement of the two
    ("GPT-4", "Vanilla"): (0.845, 0.928),
    ("GPT-4", "Swap_CoT"): (0.838, 0.981),
    ("PaLM2", "Metrics"): (0.709, 0.711),
    # Several replies name no winner.
    ("ChatGPT", "CoT"): (0.403, 0.582),
    ("Falcon", "CoT"): (0.520, 0.126),
}


@pytest.mark.parametrize(("run", "expected"), LLMBAR.items(), ids=str)
def test_llmbar_in_both_orders(tmp_path, recorded_data, run, expected):
    model, strategy = run
    found = figures(
        tmp_path,
        recorded_data / "llmbar_pairwise",
        "{kind: pairwise, question: Which follows the instruction?, between: [output_1, output_2], tie: false}",
        "show: [instruction, output_1, output_2], gold: gold",
        "{strategy: {name: recorded, source: FOLDER/machine.parquet, label: label, member: swapped, "
        f"where: {{model: {model}, strategy: {strategy}}}}}}}",
    )

    assert found["vote_accuracy"] == pytest.approx(expected[0], abs=0.0006)
    assert found["positional_agreement"] == pytest.approx(expected[1], abs=0.0006)


CLIMATE = """{kind: spans, question: Which climate entities are named?, text: text, overlap: allowed, places: tokens, trust: places,
  labels: [CLIMATE-MITIGATIONS, CLIMATE-ORGANISMS, CLIMATE-ORGANIZATIONS, CLIMATE-HAZARDS, CLIMATE-MODELS, CLIMATE-NATURE,
    CLIMATE-PROPERTIES, CLIMATE-IMPACTS, CLIMATE-OBSERVATIONS, CLIMATE-ASSETS, CLIMATE-PROBLEM-ORIGINS, CLIMATE-DATASETS,
    CLIMATE-GREENHOUSE-GASES]}"""
NER = {
    # model, strategy: micro F1 of whole spans, the worst and the best of the complete runs, and one with malformed lists
    ("Meta-Llama-3.1-70B-Instruct", "tokens/similarity_4"): 0.285,
    ("Meta-Llama-3.1-70B-Instruct", "tokens/similarity_5"): 0.305,
    ("gpt-4o-2024-05-13", "tokens/random_5"): 0.439,
}


@pytest.mark.parametrize(("run", "expected"), NER.items(), ids=str)
def test_climate_entities(tmp_path, recorded_data, run, expected):
    """Within a thousandth: spans with a label outside the set are left out here, and count as wrong there."""
    model, strategy = run
    recorded = f"name: recorded, source: FOLDER/machine.parquet, label: label, where: {{model: {model}, strategy: {strategy}}}"
    found = figures(
        tmp_path,
        recorded_data / "ner_climate",
        CLIMATE,
        "show: [text], gold: gold",
        f"{{strategy: {{{recorded}}}}}",
    )

    assert found["machine_f1"] == pytest.approx(expected, abs=0.001)
    # A reply whose only span has an unknown label failed; it is recorded, and counts as empty.
    assert int(found["status: ok"] or 0) + int(found.get("status: invalid") or 0) == 177
    # A tenth of the spans do not quote what stands at their place.
    assert found["repaired:misquoted"] > 0


def test_misplaced_climate_entities_are_put_where_their_words_stand(tmp_path, recorded_data):
    recorded = "name: recorded, source: FOLDER/machine.parquet, label: label, where: {model: gpt-4o-mini, strategy: tokens/combination_union}"
    found = figures(
        tmp_path,
        recorded_data / "ner_climate",
        CLIMATE.replace("trust: places", "trust: text"),
        "show: [text], gold: gold",
        f"{{strategy: {{{recorded}}}}}",
    )

    assert found["repaired:relocated"] > 0
    assert found["repaired:not_in_text"] > 0
    assert int(found["status: ok"] or 0) + int(found.get("status: invalid") or 0) == 177


SUMMEVAL = {
    # model, strategy: equal to the median expert, within one of it, distance and rank correlation to the mean expert
    ("gpt-4o", "alttest_json_zero_shot"): (0.244, 0.734, 1.015, 0.619),
    # Sixteen replies held no score.
    ("gpt-4-0314", "damo_rts"): (0.518, 0.793, 0.785, 0.347),
}


@pytest.mark.parametrize(("run", "expected"), SUMMEVAL.items(), ids=str)
def test_summaries_are_rated(tmp_path, recorded_data, run, expected):
    def rated(task: str, gold: str) -> dict[str, float | None]:
        recorded = f"name: recorded, source: FOLDER/machine.parquet, label: label, where: {{model: {run[0]}, strategy: {run[1]}}}"
        return figures(
            tmp_path,
            recorded_data / "summeval_ratings",
            f"{{kind: rating, question: How good is the summary?, {task}}}",
            f"show: [dimension, summary], gold: {gold}",
            f"{{strategy: {{{recorded}}}}}",
        )

    exact, near, off, ranks = expected
    to_mean = rated("scale: [1, 5], whole: false", "gold_mean")

    assert rated("scale: [1, 5]", "gold")["machine_accuracy"] == pytest.approx(exact, abs=0.0006)
    assert rated("scale: [1, 5], tolerance: 1", "gold")["machine_accuracy"] == pytest.approx(near, abs=0.0006)
    assert to_mean["machine_mean_absolute_error"] == pytest.approx(off, abs=0.0006)
    assert to_mean["machine_spearman"] == pytest.approx(ranks, abs=0.0006)
    assert to_mean.get("status: invalid", 0) == (16 if run[0] == "gpt-4-0314" else 0)


def test_relations_of_given_pairs(tmp_path, recorded_data):
    """Right is the label of the pair, its none-class included; F1 leaves that class out."""
    found = figures(
        tmp_path,
        recorded_data / "re_semeval",
        "{kind: relations, question: How do they relate?, between: [head_entity, tail_entity], none: Other, labels: [Cause Effect, "
        "Component Whole, Entity Destination, Message Topic, Entity Origin, Member Collection, Product Producer, "
        "Content Container, Instrument Agency, Other]}",
        "show: [text, head_entity, tail_entity], gold: gold",
        "{strategy: {name: recorded, source: FOLDER/machine.parquet, label: label, confidence: confidence}}",
    )

    assert found["machine_accuracy"] == pytest.approx(0.391, abs=0.0005)
    assert found["status: ok"] == 2715
    with duckdb.connect() as connection:
        folder = recorded_data / "re_semeval"
        right, given, known = connection.execute(
            f"SELECT count(*) FILTER (label = gold AND gold <> 'Other'), count(*) FILTER (label <> 'Other'), "
            f"count(*) FILTER (gold <> 'Other') FROM '{folder}/machine.parquet' JOIN '{folder}/items.parquet' USING (item_id)"
        ).fetchall()[0]
    assert found["machine_f1"] == pytest.approx(2 * right / (given + known), abs=1e-9)


@pytest.mark.parametrize(
    ("strategy", "precision", "recall", "f1"),
    [("zero_cot", 0.744, 0.862, 0.798), ("few_cot", 0.819, 0.868, 0.843)],
)
def test_several_labels_of_prompts(tmp_path, recorded_data, strategy, precision, recall, f1):
    found = figures(
        tmp_path,
        recorded_data / "multilabel_prompt_modifiers",
        "{kind: multilabel, question: Which modifiers?, none: allowed, labels: [Subject, Color, Element Value, Composition, "
        "Collective Noun, Style, Mood, Lighting, Repeating term, Negative prompt, Environment]}",
        "show: [text], gold: gold",
        f"{{strategy: {{name: recorded, source: FOLDER/machine.parquet, label: label, where: {{strategy: {strategy}}}}}}}",
    )

    assert found["machine_precision"] == pytest.approx(precision, abs=0.0006)
    assert found["machine_recall"] == pytest.approx(recall, abs=0.0006)
    assert found["machine_f1"] == pytest.approx(f1, abs=0.0006)
