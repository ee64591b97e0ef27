"""Whole trainings on images and on tables: from a recipe and its data to a saved model that answers."""

import csv

import numpy as np
import pytest
from media_files import png
from tiny_encoders import save_picture_encoder, save_text_encoder

from act_spec.errors import RecipeError
from act_spec.plan.compile import compile_plan
from act_spec.recipe.load import load_recipe
from act_spec.run.session import open_session
from act_spec.run.walk import open_run, walk
from act_spec.store.database import Store
from act_spec.store.training_rows import HUMAN
from act_spec.train.saved import load_model
from act_spec.train.session import train

RECIPE = """
act: 1
name: things
task: {{kind: classification, question: Which?, labels: [red, blue]}}
data: {{source: things.csv, id: id, gold: gold, show: {show}}}
annotator: {{column: machine}}
judge: {{strategy: {{name: recorded, as: error_probability, error_probability: suspicion}}}}
budget: {{reviews: 25%, rule: sqrt}}
review: {{simulate: gold}}
train: {train}
"""
HEAD = ["id", "gold", "machine", "suspicion", "file", "age", "sector", "note"]


def write_things(folder, name="things.csv", count=60, seed=0):
    """Discs in two colours; in the table the colour is told by age and sector. A fifth of the labels is wrong."""
    random = np.random.default_rng(seed)
    (folder / "photos").mkdir(exist_ok=True)
    for colour in ("red", "blue"):
        (folder / "photos" / f"{colour}.png").write_bytes(png(colour))
    with (folder / name).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for number in range(count):
            gold, other = random.permutation(["red", "blue"])
            wrong = random.random() < 0.2
            age = round(random.normal(20 if gold == "red" else 40, 6), 1)
            sector = random.choice(["north", "south"], p=[0.8, 0.2] if gold == "red" else [0.2, 0.8])
            word = {"red": "apple pear", "blue": "iron zinc"}[gold]
            said, suspicion = (other, 0.7) if wrong else (gold, 0.2)
            photo = f"photos/{gold}.png"
            writer.writerow([f"i{number:03}", gold, said, suspicion, photo, age, sector, word])


def trained(folder, show, train_section):
    (folder / "things.act.yaml").write_text(RECIPE.format(show=show, train=train_section))
    plan = compile_plan(load_recipe(folder / "things.act.yaml"))
    place = folder / "runs" / "things"
    with open_session(plan, place, lambda tick: None) as (store, session, files):
        walk(plan, store, session, files)
    with Store.open(place / "run.duckdb") as store:
        open_run(plan, store)
        return train(plan, store, place / "model", lambda tick: None), load_model(place / "model")


PHOTO = "{photo: {image: file}}"


@pytest.mark.parametrize(
    "learner", ["linear", "{name: cnn, side: 16, channels: 8}", "{name: encoder, checkpoint: eyes}"]
)
def test_images_are_trained_on(tmp_path, learner):
    write_things(tmp_path)
    save_picture_encoder(tmp_path / "eyes")

    found, model = trained(
        tmp_path, PHOTO, f"{{learner: {learner}, seeds: 1, epochs: 60, batch: 16, compare: budget}}"
    )

    assert found.gap.score(HUMAN).mean > 0.9
    assert model.labels([{"photo": png("blue")}, {"photo": png("red")}]) == ["blue", "red"]


def test_a_test_file_of_images_is_read_beside_the_recipe(tmp_path):
    write_things(tmp_path)
    write_things(tmp_path, "apart.csv", 20, seed=5)

    found, _ = trained(tmp_path, PHOTO, "{seeds: 1, epochs: 12, compare: budget, test: apart.csv}")

    assert found.compared.tested == 20
    assert found.gap.score(HUMAN).mean > 0.9


def test_an_image_of_a_test_file_that_cannot_be_used_is_named(tmp_path):
    write_things(tmp_path)
    write_things(tmp_path, "apart.csv", 5, seed=5)
    apart = tmp_path / "apart.csv"
    apart.write_text(apart.read_text().replace("photos/red.png", "photos/none.png"))

    with pytest.raises(RecipeError, match=r"train\.test: photos/none\.png: there is no such file"):
        trained(tmp_path, PHOTO, "{seeds: 1, epochs: 2, test: apart.csv}")


def test_a_table_is_trained_on(tmp_path):
    write_things(tmp_path, count=150)

    found, model = trained(tmp_path, "[age, sector]", "{seeds: 2, epochs: 30, compare: budget}")

    assert found.compared.reads == "age as number; sector as one of 2"
    assert found.gap.score(HUMAN).mean > 0.85
    told = model.labels([{"age": 18, "sector": "north"}, {"age": "44", "sector": "south"}, {}])
    assert told[:2] == ["red", "blue"]


def test_the_recipe_says_how_a_field_is_read(tmp_path):
    write_things(tmp_path)

    found, _ = trained(
        tmp_path,
        "[age, sector, note]",
        "{seeds: 1, epochs: 2, compare: nothing, features: {age: none, sector: text}}",
    )

    assert found.compared.reads == "sector as words; note as one of 2"


def test_a_text_encoder_by_its_folder(tmp_path):
    write_things(tmp_path)
    save_text_encoder(tmp_path / "encoders" / "words")

    found, model = trained(
        tmp_path,
        "[note]",
        "{learner: {name: encoder, checkpoint: encoders/words}, seeds: 1, epochs: 40, batch: 16, compare: budget}",
    )

    assert found.compared.reads == "note as tokens of BertModel"
    assert found.gap.score(HUMAN).mean > 0.9
    assert model.labels([{"note": "iron zinc"}, {"note": "apple pear"}]) == ["blue", "red"]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("{features: {nowhere: text}}", "train.features.nowhere: data.show has no field of that name"),
        ("{features: {note: number}}", "train.features.note: '.*' is not a number"),
        ("{learner: cnn}", "train.learner: it looks at one image, and data.show has none"),
        (
            "{learner: {name: encoder, checkpoint: photos}}",
            "train.learner.checkpoint: '.*photos': it holds no weights",
        ),
        ("{learner: {name: cnn}, features: {note: text}}", "train.features: 'cnn' finds the fields"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence_about_the_recipe(tmp_path, section, message):
    write_things(tmp_path)

    with pytest.raises(RecipeError, match=message):
        trained(tmp_path, "[note]", section)
