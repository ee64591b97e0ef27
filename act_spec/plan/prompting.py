"""How a stage's strategy is started on an item, and what it sends first: the same for preview and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from act_spec import registry
from act_spec.content.fields import in_pieces, message_parts
from act_spec.llm.formats import messages_for
from act_spec.plan.example_images import ExampleImage, example_images, marked
from act_spec.plan.media import sent_kinds
from act_spec.plan.model import Answering
from act_spec.plan.renaming import Renaming, renaming_of
from act_spec.recipe.schema import ShownField
from act_spec.records import Annotation, Item, LabelDefinition, Message, Pool, Presentation, Steps, Task
from act_spec.strategies.pieces import in_pieces as settled_pieces
from act_spec.strategies.pieces import of_piece
from act_spec.strategies.presented import in_every_way
from act_spec.templating import PromptSet


def task_context(task: Task) -> dict[str, Any]:
    """The task as the `system` block of a prompt sees it."""
    return {
        "kind": task.kind,
        "question": task.question,
        "if_unsure": task.if_unsure,
        "definitions": task.definitions,
        "answer_instruction": task.answer_instruction(),
    }


@dataclass(frozen=True)
class Asking:
    """
    A stage that asks models, ready to be started on items.

    Attributes:
        role: The annotator or a judge.
        task: What is asked.
        show: Shown name to field.
        folder: What files named by the strategy are relative to.
        examples: A pool of examples in the place of the strategy's own.
    """

    role: Answering
    task: Task
    show: Mapping[str, ShownField]
    folder: Path
    examples: Pool | None = None

    @cached_property
    def _prompts(self) -> PromptSet:
        images = self._images if "image" in self._takes else ()
        return PromptSet(
            self.role.prompts,
            task_context(self._asked) | {"definitions": self._definitions},
            lambda item: message_parts(item, self.show, self._takes),
            tuple(part for image in images for part in image.parts),
        )

    @cached_property
    def _takes(self) -> frozenset[str]:
        return sent_kinds(self.show, list(self.role.models.values()))

    @cached_property
    def _images(self) -> tuple[ExampleImage, ...]:
        return example_images(self._asked, self.show, self.folder)

    @cached_property
    def _definitions(self) -> tuple[LabelDefinition, ...]:
        """The labels as prompts tell them: images among their examples by number."""
        return marked(self._asked.definitions, self._images, self.show, self._takes)

    @cached_property
    def _further(self) -> tuple[Any, ...]:
        """What the strategy needs besides: the role's members, a pool of examples."""
        given = {"members": lambda: tuple(self.role.members), "pool": self._pool}
        return tuple(given[name]() for name in self._entry.traits.get("needs", ()))

    def _pool(self) -> Any:
        if self.examples is not None:
            return self.examples
        from act_spec.plan.examples import example_pool

        return example_pool(self.role.parameters, self._asked, self._definitions, self.show, self.folder)

    @cached_property
    def _renaming(self) -> Renaming | None:
        return renaming_of(self.task)

    @property
    def _asked(self) -> Task:
        """The task as models know it."""
        return self._renaming.former if self._renaming else self.task

    @cached_property
    def _entry(self) -> registry.Entry:
        return registry.find("annotator" if self.role.stage == "annotate" else "judge", self.role.strategy)

    def start(self, item: Item, annotation: Annotation | None) -> Steps[Any]:
        """The strategy at work on an item, long ones in pieces; judges are given the annotation that they judge."""
        pieces = in_pieces(item, self.show)
        if len(pieces) == 1:
            return self._start(item, annotation)
        judged = [annotation and of_piece(annotation, number, self.task) for number in range(len(pieces))]
        started = [self._start(piece, own) for piece, own in zip(pieces, judged, strict=True)]
        return settled_pieces(started, self.task)

    def _start(self, item: Item, annotation: Annotation | None) -> Steps[Any]:
        ways = self._asked.present(item)
        if annotation is not None:
            known = self._renaming.as_asked(annotation) if self._renaming else annotation
            steps = self._put(ways[-1], known)
        elif not ways[0].name:
            steps = self._put(ways[0])
        else:
            steps = in_every_way({way.name: self._put(way) for way in ways}, self._asked.about(item))
        return self._renaming.renamed(steps) if self._renaming else steps

    def _put(self, way: Presentation, *annotation: Annotation) -> Steps[Any]:
        steps: Steps[Any] = self._entry.build(
            way.item, *annotation, way.task, self._prompts, *self._further, **self.role.parameters
        )
        return steps

    def first_messages(self, item: Item) -> list[tuple[Message, ...]]:
        """
        What is sent first for an item, exactly as it goes out.

        A judge's prompt needs an annotation to judge; the preview takes the
        task's first label, and the real one may be longer or shorter.
        """
        annotation = (
            None if self.role.stage == "annotate" else Annotation(self.task.example(), confidence=0.5)
        )
        return [
            tuple(messages_for(self.role.asked(one.member), one.messages, one.reply_schema))
            for one in next(self.start(item, annotation))
        ]


def previews(asking: Asking, items: Sequence[Item]) -> list[tuple[Message, ...]]:
    """The first conversations of a sample of items, for estimates of tokens."""
    return [messages for item in items for messages in asking.first_messages(item)]
