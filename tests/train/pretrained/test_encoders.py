"""Pretrained encoders: real loading code, on models made on the spot."""

import io
import pickle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_encoders import save_picture_encoder, save_text_encoder

from act_spec import registry
from act_spec.errors import StoreError
from act_spec.losses.act import act
from act_spec.losses.cross_entropy import cross_entropy
from act_spec.losses.objective import Examples
from act_spec.losses.reweight import reweight
from act_spec.tasks.classification import Classification
from act_spec.train.fit import Settings, fit
from act_spec.train.readers.choose import new_reader
from act_spec.train.saved import TrainedModel, load_model, save_model

pytest.importorskip("transformers", reason="transformers comes with the extra encoders")
from act_spec.train.pretrained.encoders import load_encoder

ENCODER = registry.find("learner", "encoder")
SHOW = {"text": SimpleNamespace(type="text")}
FRUIT, METAL = ("apple", "pear", "plum", "cherry", "grape"), ("iron", "copper", "zinc", "nickel", "silver")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return save_text_encoder(tmp_path_factory.mktemp("encoders") / "words")


@pytest.fixture(autouse=True)
def _forget():
    load_encoder.cache_clear()


def things(count=80):
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, count)
    items = [{"text": " ".join(random.choice((FRUIT, METAL)[label], 3))} for label in labels]
    known = np.ones(count, dtype=bool)
    seen = random.random(count) < 0.3
    examples = Examples(
        np.eye(2)[labels], np.eye(2)[labels] * seen[:, None], known, seen, np.where(seen, 2.0, 0.0)
    )
    return items, labels, examples


def reader_of(chosen, show=SHOW) -> Any:
    return new_reader(ENCODER, chosen, show, [], {})


def parameters(checkpoint, **more):
    return {
        "checkpoint": str(checkpoint),
        "revision": None,
        "tune": False,
        "max_tokens": 16,
        "learning_rate": 1e-3,
        **more,
    }


@pytest.mark.parametrize(("tune", "rate"), [(False, 0.05), (True, 0.01)])
def test_an_encoder_learns_is_saved_and_comes_back(checkpoint, tmp_path, tune, rate):
    items, labels, examples = things()
    chosen = parameters(checkpoint, tune=tune)
    reader = reader_of(chosen)
    settings = Settings("encoder.v1", chosen, epochs=40, patience=40, learning_rate=rate, batch=16)

    fitted = fit(reader.rows(items), cross_entropy(examples), "classes", settings, 0)
    task = Classification(question="Fruit or metal?", labels=["fruit", "metal"])
    model = TrainedModel(task, reader, fitted, {})
    save_model(tmp_path / "model", model, "encoder.v1", chosen)
    again = load_model(tmp_path / "model")

    assert (fitted.predict(reader.rows(items)).argmax(axis=1) == labels).mean() > 0.95
    assert again.predict(items[:9]) == pytest.approx(model.predict(items[:9]), abs=1e-5)
    assert again.labels([{"text": "zinc iron"}, {"text": "plum"}]) == ["metal", "fruit"]
    assert {path.suffix for path in (tmp_path / "model").rglob("*") if path.is_file()} <= {
        ".json",
        ".safetensors",
        ".jinja",
    }


def test_the_encoder_stays_as_it_is_unless_it_is_tuned(checkpoint):
    items, _, examples = things(40)
    for tune in (False, True):
        chosen = parameters(checkpoint, tune=tune)
        reader = reader_of(chosen)
        before = {name: value.clone() for name, value in reader.encoder.state_dict().items()}
        settings = Settings("encoder.v1", chosen, epochs=2, batch=16)
        fitted = fit(reader.rows(items), act(examples), "classes", settings, 0)

        assert all(torch.equal(before[name], value) for name, value in reader.encoder.state_dict().items())
        if tune:
            moved = fitted.module.encoder.state_dict()
            assert any(not torch.equal(before[name], value) for name, value in moved.items())


def test_a_vector_does_not_depend_on_what_else_is_in_the_batch(checkpoint):
    """Filling is masked: a short text alone and beside a long one has the same vector."""
    reader = reader_of(parameters(checkpoint))
    alone = reader.rows([{"text": "plum"}]).values[0]
    beside = reader.rows([{"text": "plum"}, {"text": "iron zinc copper nickel silver"}]).values[0]

    assert alone == pytest.approx(beside, abs=1e-5)


def test_reweighting_differentiates_an_encoder_twice(checkpoint):
    items, _, examples = things(30)
    chosen = parameters(checkpoint, tune=True)
    rows = reader_of(chosen).rows(items)

    fitted = fit(rows, reweight(examples), "classes", Settings("encoder.v1", chosen, epochs=1, batch=8), 0)

    assert np.isfinite(fitted.predict(rows)).all()


def test_an_encoder_of_pictures(tmp_path):
    images = pytest.importorskip("PIL.Image", reason="Pillow comes with the extra media")

    def png(colour):
        stream = io.BytesIO()
        images.new("RGB", (40, 40), colour).save(stream, "PNG")
        return stream.getvalue()

    chosen = parameters(save_picture_encoder(tmp_path / "eyes"))
    show = {"photo": SimpleNamespace(type="image"), **SHOW}
    reader = reader_of(chosen, show=show)
    rows = reader.rows([{"photo": png("red")}, {"photo": png("blue")}, {}])

    assert reader.told() == "photo as pictures of ResNetModel"
    assert reader.pictures.side == 32
    assert rows.width == 16
    assert not np.allclose(rows.values[0], rows.values[1])
    with pytest.raises(ValueError, match="reads one image"):
        reader_of(chosen)


def test_a_pickle_is_not_opened(checkpoint, tmp_path):
    """The file would run code when opened; it is refused by what it is, unopened."""
    folder = save_text_encoder(tmp_path / "old")
    (folder / "model.safetensors").unlink()

    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was opened",))

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap()))

    with pytest.raises(ValueError, match=r"weights are a pickle \(pytorch_model.bin\), which is a program"):
        load_encoder(str(folder), None)


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    folder = save_text_encoder(tmp_path / "broken")
    weights = load_file(folder / "model.safetensors")
    name = sorted(weights)[3]
    weights[name].view(-1)[0] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ValueError, match="holds values that are no numbers"):
        load_encoder(str(folder), None)


def test_a_checkpoint_that_lacks_weights_is_refused(tmp_path):
    folder = save_text_encoder(tmp_path / "part")
    weights = load_file(folder / "model.safetensors")
    weights.pop(next(name for name in sorted(weights) if "layer.0" in name))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ValueError, match="lacks 1 of the model's tensors, such as 'encoder.layer.0"):
        load_encoder(str(folder), None)


@pytest.mark.parametrize("damage", ["truncated", "no config", "other code"])
def test_a_checkpoint_that_cannot_be_loaded_is_one_sentence(tmp_path, damage):
    folder = save_text_encoder(tmp_path / "odd")
    if damage == "truncated":
        data = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    elif damage == "no config":
        (folder / "config.json").unlink()
    else:
        (folder / "config.json").write_text('{"model_type": "mine", "auto_map": {"AutoModel": "mine.Model"}}')
        (folder / "mine.py").write_text("raise SystemExit('code was run')")

    with pytest.raises(ValueError, match="train.learner.checkpoint: '") as told:
        load_encoder(str(folder), None)
    assert "\n" not in str(told.value)


def test_a_saved_model_whose_encoder_is_damaged_is_refused(checkpoint, tmp_path):
    items, _, examples = things(20)
    chosen = parameters(checkpoint)
    reader = reader_of(chosen)
    fitted = fit(
        reader.rows(items), cross_entropy(examples), "classes", Settings("encoder.v1", chosen, epochs=1), 0
    )
    task = Classification(question="Which?", labels=["fruit", "metal"])
    save_model(tmp_path / "model", TrainedModel(task, reader, fitted, {}), "encoder.v1", chosen)
    (tmp_path / "model" / "encoder" / "model.safetensors").write_bytes(b"x")

    with pytest.raises(StoreError, match="damaged"):
        load_model(tmp_path / "model")
