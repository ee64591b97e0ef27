"""The images among the labels' examples, as the guideline shows them; never one of an item that awaits review."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Any, cast

from act_spec.documents.guideline_images import image_mark
from act_spec.plan.example_images import ExampleImage, example_images
from act_spec.plan.model import Plan
from act_spec.records import Task
from act_spec.tasks.kind import LabelledTask


def guideline_images(plan: Plan) -> dict[int, str]:
    """Number to data URL."""
    return {
        one.number: f"data:{one.blob.mime};base64,{base64.b64encode(one.blob.data).decode('ascii')}"
        for one in _images(plan)
    }


def task_to_guide(plan: Plan, awaiting: Collection[str]) -> Task:
    """
    The task with marks in the place of its examples' images.

    Args:
        plan: The current one.
        awaiting: Hashes of what items under review show; an example that shows
            the same pixels, under whatever name, is left out.
    """
    images, task = {one.name: one for one in _images(plan)}, plan.task
    if not images or not isinstance(task, LabelledTask):
        return plan.task
    hidden = {name for name, one in images.items() if one.blob.sha256 in awaiting}

    def told(examples: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...]:
        return tuple(_told(one, images) for one in examples if not hidden & set(one.values()))

    labels = {
        name: label.model_copy(
            update={"examples": told(label.examples), "near_misses": told(label.near_misses)}
        )
        for name, label in task.labels.items()
    }
    return cast("Task", task.model_copy(update={"labels": labels}))


def _images(plan: Plan) -> tuple[ExampleImage, ...]:
    return example_images(plan.task, plan.data.show, plan.recipe_path.parent)


def _told(example: Mapping[str, Any], images: Mapping[str, ExampleImage]) -> dict[str, str]:
    """An image alone is the example's text; beside others it keeps its name."""
    alone = len(example.keys() - {"why", "label"}) == 1
    return {
        "text" if alone and value in images else name: image_mark(images[value].number, value)
        if value in images
        else value
        for name, value in example.items()
    }
