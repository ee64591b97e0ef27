"""A box to type in, for every form of answer that another tool does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from act_spec.exchange.handed_out import ANSWER, UNANSWERED
from act_spec.records import AnswerForm
from act_spec.registry import register


@register("control", "text.v1")
class Text:
    """What is typed; the task reads it like a cell of a worklist."""

    def labelstudio(self, form: AnswerForm, field: str) -> Element:  # noqa: ARG002 - every box is the same
        """A `TextArea` tag."""
        return Element("TextArea", name=ANSWER, toName=field, maxSubmissions="1", editable="true", rows="3")

    def regions(self, form: AnswerForm, answer: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        """One result with the text."""
        return [{"type": "textarea", "value": {"text": [answer]}}]

    def of_regions(self, form: AnswerForm, regions: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ARG002
        """The text of the only result."""
        if not regions:
            raise ValueError(UNANSWERED)
        texts = [text for region in regions for text in _texts(region)]
        if len(texts) != 1 or not isinstance(texts[0], str):
            raise ValueError("the answer is exactly one text.")
        return texts[0]

    def argilla(self, form: AnswerForm) -> dict[str, Any]:  # noqa: ARG002
        """A question for text."""
        return {"type": "text", "use_markdown": False}

    def value(self, form: AnswerForm, answer: Any) -> Any:  # noqa: ARG002
        """The text."""
        return answer

    def of_value(self, form: AnswerForm, value: Any) -> Any:  # noqa: ARG002
        """The text."""
        if value is None:
            raise ValueError(UNANSWERED)
        if not isinstance(value, str):
            raise ValueError("the answer is no text.")  # noqa: TRY004 - what callers catch
        return value


def _texts(region: Mapping[str, Any]) -> list[Any]:
    value = region.get("value")
    texts = value.get("text") if isinstance(value, Mapping) else None
    return texts if isinstance(texts, list) else [texts]
