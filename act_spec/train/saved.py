"""A trained model as files: weights as safetensors, all else as JSON; loading runs no code of theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from act_spec import registry
from act_spec.errors import StoreError
from act_spec.records import Head, Task
from act_spec.train.fit import Fitted
from act_spec.train.pretrained.damage import refuse_damaged
from act_spec.train.readers.choose import restored_reader
from act_spec.train.readers.reader import Content, Reader
from act_spec.train.targets import Targets
from act_spec.whole_files import whole, write_whole

WEIGHTS, DESCRIPTION = "weights.safetensors", "model.json"
_FORMAT = 2


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """
    A trained model and what it reads items with.

    Attributes:
        task: What it answers.
        reader: Turns items into rows.
        fitted: The model.
        about: What `model.json` says of how it came about.
    """

    task: Task
    reader: Reader
    fitted: Fitted
    about: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """What each number of a prediction is of: a label, or a criterion."""
        return Targets(self.task).names

    def predict(self, items: Sequence[Content]) -> NDArray[np.float32]:
        """
        What the model believes, shape (n, K), in [0, 1].

        Args:
            items: Fields by their shown names, as the recipe's `data.show` has them; an image as its bytes.
        """
        return self.fitted.predict(self.reader.rows(items))

    def labels(self, items: Sequence[Content]) -> list[str]:
        """The label of each item, in canonical text."""
        return Targets(self.task).decode(self.predict(items))


def save_model(folder: Path, model: TrainedModel, learner: str, parameters: Mapping[str, Any]) -> None:
    """Write a model's files; the description last, so that a model with one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DESCRIPTION).unlink(missing_ok=True)
    module = model.fitted.module
    apart = getattr(module, "kept_apart", None)
    tensors = {
        f"model.{name}": value.contiguous()
        for name, value in module.state_dict().items()
        if apart is None or not name.startswith(apart)
    }
    tensors |= {f"reader.{name}": value for name, value in model.reader.tensors().items()}
    with whole(folder / WEIGHTS) as partial:
        save_file(tensors, partial)
    model.reader.write(folder, module)
    described = {
        "format": _FORMAT,
        "task": {"kind": model.task.kind, **_written(model.task)},
        "names": list(model.names),
        "head": model.fitted.head,
        "learner": {"name": learner, **parameters},
        "inputs": model.fitted.inputs,
        "reader": model.reader.described(),
        **model.about,
    }
    write_whole(folder / DESCRIPTION, (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode())


def load_model(folder: Path | str) -> TrainedModel:
    """
    Read a model that `save_model` wrote.

    Raises:
        StoreError: If there is none, or it is damaged or of another version.
    """
    folder = Path(folder)
    try:
        about: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        if about["format"] != _FORMAT:
            raise StoreError(f"{folder}: a model of format {about['format']}; known here: {_FORMAT}.")
        return _loaded(folder, about)
    except FileNotFoundError as error:
        raise StoreError(f"{folder}: there is no trained model. Train one with `act-spec train`.") from error
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise StoreError(f"{folder}: the trained model is damaged: {str(error).splitlines()[0]}") from error


def _loaded(folder: Path, about: dict[str, Any]) -> TrainedModel:
    tensors = load_file(folder / WEIGHTS)
    parameters = dict(about["learner"])
    learner = registry.find("learner", parameters.pop("name"))
    # What weights a learner begins with is no matter here; its own are in the folder.
    begin = dict.fromkeys(learner.traits.get("files", ()))
    if learner.traits.get("reads") == "encoder":
        begin = {"checkpoint": str(folder / "encoder"), "revision": None}
    reader = restored_reader(learner, about["reader"], _under("reader.", tensors), folder)
    module: nn.Module = learner.build(about["inputs"], len(about["names"]), **{**parameters, **begin})
    own = _under("model.", tensors)
    lacking, unknown = module.load_state_dict(own, strict=False)
    apart = getattr(module, "kept_apart", None)
    if unknown or any(apart is None or not name.startswith(apart) for name in lacking):
        raise ValueError(f"{WEIGHTS} does not fit the model: {[*lacking, *unknown][0]}")
    refuse_damaged(module, WEIGHTS)
    head: Head = about["head"]
    if head not in get_args(Head):
        raise ValueError(f"'{head}' is no form of labels")
    kind = cast("type[BaseModel]", registry.find("task", about["task"]["kind"]).build)
    task = cast("Task", kind.model_validate(about["task"]))
    fitted = Fitted(module, head, int(about.get("epochs", 0)), 1.0, int(about["inputs"]))
    return TrainedModel(task, reader, fitted, about)


def _written(task: Task) -> dict[str, Any]:
    """A task as its recipe has it; every kind is a pydantic model."""
    return cast("BaseModel", task).model_dump(mode="json", exclude_defaults=True)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
