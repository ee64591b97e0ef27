"""
Images among the examples of the labels: numbered once, shown to models and in the guideline.

A label's example names one under `image`: a file, relative to the recipe that
the example stands in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from act_spec.content.image import Image
from act_spec.content.media import Blob, MediaError, file_bytes, image_part
from act_spec.recipe.schema import ShownField
from act_spec.records import LabelDefinition, Part, Task

_KEY = "image"


@dataclass(frozen=True)
class ExampleImage:
    """An example's image: its number, its file as the recipe writes it, and its pixels as they are sent."""

    number: int
    name: str
    blob: Blob
    width: int
    height: int

    @property
    def mark(self) -> str:
        """What stands for it in a text."""
        return f"[example image {self.number}]"

    @property
    def parts(self) -> tuple[Part, ...]:
        """The image in a message, under its mark."""
        shown = {
            "sha256": self.blob.sha256,
            "mime": self.blob.mime,
            "width": self.width,
            "height": self.height,
        }
        text = f"Example image {self.number}:\n"
        return ({"type": "text", "text": text}, image_part(shown), {"type": "text", "text": "\n\n"})


def example_images(task: Task, show: Mapping[str, ShownField], folder: Path) -> tuple[ExampleImage, ...]:
    """
    Every image among the labels' examples and near misses, each file once, in the recipe's order.

    Raises:
        ValueError: If one cannot be used.
    """
    keys = _keys(show)
    names = dict.fromkeys(
        example[key] for example in _examples(task.definitions) for key in example if key in keys
    )
    max_px = next((field.max_px for field in show.values() if field.type == "image"), None)
    return tuple(
        _read(number, str(name), folder, max_px, _changed(folder / str(name)))
        for number, name in enumerate(names, start=1)
    )


def marked(
    definitions: Sequence[LabelDefinition],
    images: Sequence[ExampleImage],
    show: Mapping[str, ShownField],
    takes: Collection[str],
) -> tuple[LabelDefinition, ...]:
    """The labels with marks in the place of file names; examples of images are left out for models that take none."""
    keys, marks = _keys(show), {image.name: image.mark for image in images}

    def told(examples: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
        kept = examples if "image" in takes else [one for one in examples if not keys & one.keys()]
        return tuple(
            {name: marks.get(value, value) if name in keys else value for name, value in one.items()}
            for one in kept
        )

    if not images:
        return tuple(definitions)
    return tuple(
        replace(one, examples=told(one.examples), near_misses=told(one.near_misses)) for one in definitions
    )


def _keys(show: Mapping[str, ShownField]) -> frozenset[str]:
    """The keys of an example that name an image; none where items have no images."""
    fields = {name for name, field in show.items() if field.type == "image"}
    return frozenset({_KEY} if fields and (_KEY not in show or _KEY in fields) else ())


def _examples(definitions: Sequence[LabelDefinition]) -> Iterator[Mapping[str, Any]]:
    for definition in definitions:
        yield from (*definition.examples, *definition.near_misses)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):
        return 0


@lru_cache(maxsize=256)
def _read(number: int, name: str, folder: Path, max_px: int | None, _changed_at: int) -> ExampleImage:
    modality = Image(max_px)
    modality.need()
    try:
        path = folder / name
        made = modality.prepare(file_bytes(path.name, path.parent, modality.max_bytes), name)
    except MediaError as error:
        raise ValueError(f"the example image '{name}' cannot be used: {error}") from error
    return ExampleImage(number, name, made.blobs[0], made.shown["width"], made.shown["height"])
