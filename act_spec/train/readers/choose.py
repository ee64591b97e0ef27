"""Which reader a learner wants, new or as a saved model describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from act_spec.content.fields import Shown
from act_spec.recipe.schema import Reading
from act_spec.registry import Entry
from act_spec.train.readers.fields import FieldsReader
from act_spec.train.readers.pictures import MIDDLE, PictureReader
from act_spec.train.readers.reader import Content, Reader


def new_reader(
    learner: Entry,
    parameters: Mapping[str, Any],
    show: Mapping[str, Shown],
    contents: Sequence[Content],
    chosen: Mapping[str, Reading],
) -> Reader:
    """
    The reader that a learner declares as its trait `reads`: of fields, of a picture, or for an encoder.

    Args:
        learner: As registered.
        parameters: Its own.
        show: Shown fields with their modality.
        contents: Of the items.
        chosen: How the recipe wants fields to be read.

    Raises:
        ValueError: If the fields are nothing for it.
    """
    for name in chosen:
        if name not in show:
            raise ValueError(f"train.features.{name}: data.show has no field of that name.")
    reads = learner.traits.get("reads", "fields")
    if reads == "fields":
        return FieldsReader.learn(show, contents, chosen)
    if chosen:
        raise ValueError(f"train.features: '{learner.name}' finds the fields that it reads by itself.")
    if reads == "picture":
        scale = {key: learner.traits.get(key, MIDDLE) for key in ("mean", "spread")}
        return PictureReader.learn(show, parameters["side"], **scale)
    from act_spec.train.readers.encoded import EncoderReader

    return EncoderReader.learn(show, parameters)


def restored_reader(
    learner: Entry, described: Mapping[str, Any], tensors: Mapping[str, Tensor], folder: Path
) -> Reader:
    """
    The reader that a saved model describes.

    Raises:
        KeyError: If something is missing.
        ValueError: If something is not what it should be.
    """
    reads = learner.traits.get("reads", "fields")
    if reads == "fields":
        return FieldsReader.restored(described, tensors)
    if reads == "picture":
        return PictureReader.restored(described)
    from act_spec.train.readers.encoded import EncoderReader

    return EncoderReader.restored(described, folder)


def located(learner: Entry, parameters: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The parameters, with the files that they name as paths; what is no file stays a name."""
    made = dict(parameters)
    for key in learner.traits.get("files", ()):
        if made[key] is not None and (folder / made[key]).exists():
            made[key] = str((folder / made[key]).resolve())
    return made
