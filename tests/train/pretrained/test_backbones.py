"""Networks of torchvision: real loading code. torchvision fits one torch only, so it is often absent here."""

import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from act_spec.losses.cross_entropy import cross_entropy
from act_spec.losses.objective import Examples
from act_spec.train.fit import Settings, fit
from act_spec.train.pretrained.backbones import load_backbone
from act_spec.train.rows import PictureRows

try:
    from torchvision.models import get_model
except (ImportError, RuntimeError):
    get_model = None
with_torchvision = pytest.mark.skipif(
    get_model is None, reason="torchvision in the version that fits this torch is not installed"
)
HALF = (0.5, 0.5, 0.5)


@pytest.fixture
def weights(tmp_path):
    """A network that answers 7 classes, saved as people share them."""
    torch.manual_seed(0)
    module = get_model("resnet18", weights=None, num_classes=7)
    path = tmp_path / "resnet18.safetensors"
    save_file({name: value.clone() for name, value in module.state_dict().items()}, path)
    return module, path


@pytest.mark.skipif(get_model is not None, reason="torchvision is installed")
def test_without_torchvision_a_sentence_says_what_to_install():
    with pytest.raises(ValueError, match="pip install 'act_spec\\[backbones\\]'"):
        load_backbone("resnet18", 2, None)


def test_a_pickle_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "resnet18.pth"
    path.write_bytes(pickle.dumps("anything"))
    monkeypatch.setattr("act_spec.train.pretrained.backbones._built", lambda *_: torch.nn.Linear(1, 1))

    with pytest.raises(ValueError, match=r"'resnet18.pth' is no safetensors file. A pickle is a program"):
        load_backbone("resnet18", 2, str(path))


@with_torchvision
def test_every_weight_but_the_last_layers_comes_from_the_checkpoint(weights):
    module, path = weights

    loaded = load_backbone("resnet18", 3, str(path))

    assert loaded.fc.weight.shape == (3, 512)
    given = module.state_dict()
    same = [
        torch.equal(given[name], value) for name, value in loaded.state_dict().items() if "fc." not in name
    ]
    assert all(same)
    assert len(same) > 100


@with_torchvision
def test_a_network_learns(weights):
    """Bright pictures and dark ones."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 48)
    pixels = (random.integers(0, 100, (48, 3, 32, 32)) + 120 * labels[:, None, None, None]).astype(np.uint8)
    known = np.ones(48, dtype=bool)
    examples = Examples(np.eye(2)[labels], np.zeros((48, 2)), known, ~known, np.zeros(48))
    parameters = {"architecture": "resnet18", "checkpoint": str(weights[1]), "side": 32}
    settings = Settings("backbone.v1", parameters, epochs=6, batch=16, learning_rate=0.001)

    rows = PictureRows(pixels, HALF, HALF)
    fitted = fit(rows, cross_entropy(examples), "classes", settings, 0)

    assert (fitted.predict(rows).argmax(axis=1) == labels).mean() > 0.9


@with_torchvision
@pytest.mark.parametrize("damage", ["NaN", "lacking", "other", "broken"])
def test_weights_that_do_not_fit_are_refused(weights, damage):
    module, path = weights
    state = {name: value.clone() for name, value in module.state_dict().items()}
    if damage == "NaN":
        state["conv1.weight"][0, 0, 0, 0] = float("nan")
    elif damage == "lacking":
        del state["layer1.0.conv1.weight"]
    elif damage == "other":
        state["conv1.weight"] = torch.zeros(1)
    save_file(state, path)
    if damage == "broken":
        path.write_bytes(b"broken")

    with pytest.raises(ValueError, match=r"train\.learner\.checkpoint: "):
        load_backbone("resnet18", 2, str(path))


@with_torchvision
def test_an_unknown_architecture_is_named():
    with pytest.raises(ValueError, match=r"train\.learner\.architecture: Unknown model resnet19"):
        load_backbone("resnet19", 2, None)
