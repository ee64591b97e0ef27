"""A trained model in two files: weights as safetensors, all else as JSON; loading runs no code of theirs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from act_spec import registry
from act_spec.errors import StoreError
from act_spec.records import Head
from act_spec.train.features import Vocabulary
from act_spec.train.fit import Fitted

WEIGHTS, DESCRIPTION = "weights.safetensors", "model.json"
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class TextModel:
    """
    A trained model and what it reads text with.

    Attributes:
        labels: The labels, in the order of the model's outputs.
        vocabulary: Its features.
        fitted: The model.
        about: What `model.json` says of how it came about.
    """

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    fitted: Fitted
    about: dict[str, Any]

    def predict(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The probability of each label for each text, shape (n, K)."""
        return self.fitted.predict(self.vocabulary.rows(texts))


def save_model(folder: Path, model: TextModel, learner: str, parameters: dict[str, Any]) -> None:
    """Write both files; the description last, so that a model with one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DESCRIPTION).unlink(missing_ok=True)
    tensors = {f"model.{name}": value for name, value in model.fitted.module.state_dict().items()}
    tensors["features.buckets"] = torch.from_numpy(model.vocabulary.buckets)
    tensors["features.telling"] = torch.from_numpy(model.vocabulary.telling)
    save_file(tensors, folder / WEIGHTS)
    described = {
        "format": _FORMAT,
        "labels": list(model.labels),
        "head": model.fitted.head,
        "learner": {"name": learner, **parameters},
        "features": "hashed words, pairs of words, and runs of 3 to 5 characters; v1",
        **model.about,
    }
    (folder / DESCRIPTION).write_text(
        json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def load_model(folder: Path) -> TextModel:
    """
    Read a model that `save_model` wrote.

    Raises:
        StoreError: If there is none, or it is damaged or of another version.
    """
    try:
        about: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        tensors = load_file(folder / WEIGHTS)
        if about["format"] != _FORMAT:
            raise StoreError(f"{folder}: a model of format {about['format']}; known here: {_FORMAT}.")
        vocabulary = Vocabulary(
            tensors.pop("features.buckets").numpy(), tensors.pop("features.telling").numpy()
        )
        head: Head = about["head"]
        if head not in get_args(Head):
            raise ValueError(f"'{head}' is no form of labels")
        learner = dict(about["learner"])
        build = registry.find("learner", learner.pop("name")).build
        module: nn.Module = build(max(1, len(vocabulary.buckets)), len(about["labels"]), **learner)
        module.load_state_dict({name.removeprefix("model."): value for name, value in tensors.items()})
    except FileNotFoundError as error:
        raise StoreError(f"{folder}: there is no trained model. Train one with `act-spec train`.") from error
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise StoreError(f"{folder}: the trained model is damaged: {str(error).splitlines()[0]}") from error
    fitted = Fitted(module, head, int(about.get("epochs", 0)), float("nan"), 1.0)
    return TextModel(tuple(about["labels"]), vocabulary, fitted, about)
