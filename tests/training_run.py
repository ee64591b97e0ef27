"""A whole run without models: recorded labels and suspicions, people answered from gold or from nobody."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

WORDS = {
    "fruit": ("apple", "pear", "plum", "cherry", "grape"),
    "metal": ("iron", "copper", "zinc", "nickel", "silver"),
}
RECIPE = """
act: 1
name: things
task: {{kind: classification, question: Fruit or metal?, labels: [fruit, metal]}}
data: {{source: things.csv, id: id, show: [text]{gold}}}
annotator: {{column: machine}}
judge: {{strategy: {{name: recorded, as: error_probability, error_probability: suspicion}}}}
budget: {{reviews: {reviews}, rule: {rule}, audit: 20%}}
{review}
{extra}
"""


def write_things(path: Path, count: int = 120, seed: int = 0) -> None:
    """Texts of four words that name one kind of thing; a quarter of the machine's labels is wrong."""
    random = np.random.default_rng(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "gold", "machine", "suspicion", "shelf"])
        for number in range(count):
            gold, other = random.permutation(["fruit", "metal"])
            text = " ".join([*random.choice(WORDS[gold], 3), random.choice(WORDS[other]), f"w{number}"])
            wrong = random.random() < 0.25
            suspicion = random.beta(5, 2) if wrong else random.beta(2, 5)
            machine = other if wrong else gold
            writer.writerow([f"i{number:04}", text, gold, machine, f"{suspicion:.3f}", f"s{number // 2}"])


def write_recipe(
    folder: Path,
    *,
    reviews: str = "20%",
    rule: str = "sqrt",
    gold: bool = True,
    simulate: bool = True,
    extra: str = "train: {seeds: 2, epochs: 8, learning_rate: 0.1}",
    count: int = 120,
) -> Path:
    """The recipe and its data in a folder."""
    write_things(folder / "things.csv", count)
    path = folder / "things.act.yaml"
    text = RECIPE.format(
        reviews=reviews,
        rule=rule,
        gold=", gold: gold" if gold else "",
        review="review: {simulate: gold}" if simulate else "",
        extra=extra,
    )
    path.write_text(text)
    return path
