"""A model in two files that hold numbers and text, and nothing that runs."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from act_spec.errors import StoreError
from act_spec.losses.cross_entropy import cross_entropy
from act_spec.losses.objective import Examples
from act_spec.tasks.classification import Classification
from act_spec.train.fit import Settings, fit
from act_spec.train.readers.fields import FieldsReader
from act_spec.train.readers.ngrams import Vocabulary, Words
from act_spec.train.saved import TrainedModel, load_model, save_model

TEXTS = ["red rose", "red tulip", "blue sky", "blue sea"] * 5
ITEMS = [{"text": text} for text in TEXTS]


@pytest.fixture(params=["linear.v1", "mlp.v1"])
def saved(request, tmp_path):
    vocabulary = Vocabulary.of(TEXTS)
    labels = np.tile(np.array([0, 0, 1, 1]), 5)
    yes = np.ones(20, dtype=bool)
    examples = Examples(np.eye(2)[labels], np.eye(2)[labels], yes, ~yes, np.zeros(20))
    parameters = {"hidden": 8} if request.param == "mlp.v1" else {}
    settings = Settings(request.param, parameters, epochs=10, learning_rate=0.1)
    fitted = fit(vocabulary.rows(TEXTS), cross_entropy(examples), "classes", settings, 0)
    task = Classification(question="Warm or cold?", labels=["warm", "cold"])
    model = TrainedModel(task, FieldsReader((Words("text", vocabulary),)), fitted, {"plan": "p"})
    save_model(tmp_path / "model", model, request.param, parameters)
    return tmp_path / "model", model


def test_a_loaded_model_predicts_the_same(saved):
    folder, model = saved

    loaded = load_model(folder)

    assert loaded.names == ("warm", "cold")
    assert loaded.labels([{"text": "red rose"}, {"text": "blue sea"}]) == ["warm", "cold"]
    assert loaded.about["plan"] == "p"
    assert (loaded.predict(ITEMS) == model.predict(ITEMS)).all()


def test_a_damaged_model_is_named(saved):
    folder, _ = saved
    (folder / "weights.safetensors").write_bytes(b"no weights")

    with pytest.raises(StoreError, match="damaged"):
        load_model(folder)


@pytest.mark.promise("code")
def test_a_pickle_in_the_place_of_weights_is_refused_and_does_not_run(saved, tmp_path):
    folder, _ = saved

    class Payload:
        def __reduce__(self):
            return Path.touch, (tmp_path / "it ran",)

    for write in (
        lambda path: path.write_bytes(pickle.dumps(Payload())),
        lambda path: torch.save(Payload(), path),
    ):
        write(folder / "weights.safetensors")
        with pytest.raises(StoreError, match="damaged"):
            load_model(folder)
    assert not (tmp_path / "it ran").exists()


def test_weights_that_are_no_numbers_are_refused(saved):
    folder, _ = saved
    tensors = load_file(folder / "weights.safetensors")
    name = next(name for name in tensors if name.startswith("model."))
    save_file({**tensors, name: tensors[name] * float("nan")}, folder / "weights.safetensors")

    with pytest.raises(StoreError, match="damaged"):
        load_model(folder)


def test_a_model_of_another_format_is_refused(saved):
    folder, _ = saved
    about = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**about, "format": 99}))

    with pytest.raises(StoreError, match="format 99"):
        load_model(folder)


def test_no_model_is_no_model(tmp_path):
    with pytest.raises(StoreError, match="no trained model"):
        load_model(tmp_path)
