"""Free text: a summary, an answer, a translation."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from act_spec.records import Labelled, Metric
from act_spec.registry import register
from act_spec.tasks.kind import TaskKind
from act_spec.tasks.parts.edits import edit_figures, word_distance


def _criteria(value: Any) -> Any:
    return dict.fromkeys(value, "") if isinstance(value, list) else value


_NAMES = {"type": "array", "items": {"type": "string"}}
Criteria = Annotated[
    dict[str, str],
    BeforeValidator(_criteria),
    WithJsonSchema({"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, _NAMES]}),
]


@register("task", "text.v1")
class Text(TaskKind):
    """
    A text that is written about an item; a label is the text.

    Distance is the words to insert, delete or replace, over the words of the
    longer text. Votes settle on the text that is nearest to all others.
    """

    kind: str = "text"
    criteria: Criteria = Field(
        {},
        description="What makes a text right, by name; the judge `parts` looks at each, reviewers are told.",
    )
    max_words: int | None = Field(None, ge=1, description="A longer text is no answer.")
    tolerance: float = Field(
        0.0, ge=0, lt=1, description="Distance up to which two texts are the same answer."
    )
    draft: bool = Field(
        default=True,
        description="Whether people see the machine's text, to edit it; else they write their own.",
    )

    @property
    def exact(self) -> bool:
        """Unless there is a tolerance."""
        return not self.tolerance

    @property
    def drafts(self) -> bool:
        """As the recipe says."""
        return self.draft

    def answer_schema(self) -> Mapping[str, Any]:
        """Text that is not empty."""
        return {"type": "string", "minLength": 1}

    def answer_instruction(self) -> str:
        """How long the text may be, and what makes it right."""
        most = f" of at most {self.max_words} words" if self.max_words else ""
        told = "; ".join(
            f"{name}: {text.rstrip('.')}" if text else name for name, text in self.criteria.items()
        )
        return f"Answer with a text{most}{f' that meets each of these criteria ({told})' if told else ''}."

    def guidance(self) -> tuple[str, ...]:
        """That drafts are edited."""
        if not self.draft:
            return ()
        return (
            (
                "A draft is shown with each item. If it is right, answer with the same text; else change what is wrong and leave "
                "the rest as it is."
            ),
        )

    def parse(self, value: Any) -> str:
        """A reply's text, without white space around it; see `records.Task`."""
        if not isinstance(value, str):
            raise ValueError(f"'{value}' is not a text.")  # noqa: TRY004 - what callers catch
        lines = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        text = "\n".join(line.rstrip() for line in lines).strip()
        if not text:
            raise ValueError("the text is empty.")
        if self.max_words and (words := len(text.split())) > self.max_words:
            raise ValueError(f"the text has {words:,} words, and at most {self.max_words:,} are allowed.")
        return text

    def read(self, text: str) -> str:
        """A person's text; as `parse`."""
        return self.parse(text)

    def show(self, label: str) -> str:
        """The text itself."""
        return label

    def distance(self, label: str, other: str) -> float:
        """Words to insert, delete or replace, over the words of the longer text."""
        if label == other:
            return 0.0
        # Texts may differ in white space alone, and equal ones only have no distance.
        return word_distance(label, other) or 1e-9

    def same(self, label: str, other: str) -> bool:
        """Equal, or within the tolerance."""
        return label == other or self.distance(label, other) <= self.tolerance

    def settle(self, votes: Sequence[str]) -> str:
        """The text with the least distance to all others; the first of those that tie."""
        return min(votes, key=lambda vote: sum(self.distance(vote, other) for other in votes))

    def units(self, label: str) -> frozenset[str]:
        """The text, as the only unit."""
        return frozenset({label})

    def parts(self, label: str) -> tuple[str, ...]:  # noqa: ARG002 - the criteria are the same for all
        """The criteria."""
        return tuple(self.criteria)

    def example(self) -> str:
        """A word."""
        return "text"

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """How much people changed, and how far texts are from the known ones."""
        yield from edit_figures(rows)
