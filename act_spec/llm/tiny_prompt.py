"""What the built-in model understands of a prompt: the labels' texts, the item's, the annotation's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from act_spec.llm.tiny_sight import seen

_LABEL = re.compile(r"^### (.+)\n((?:(?!### |\n).*\n?)*)", re.MULTILINE)
_FIELD = re.compile(r'<field name="([^"\n]*)">\n(.*?)\n?</field>', re.DOTALL)
_QUESTION = re.compile(r"^Question: (.*)$", re.MULTILINE)
_ANNOTATION = re.compile(r"<annotation>\n(.*?)\n</annotation>\s", re.DOTALL)
_AGAINST = ("Not when:", "Near miss")
_ASIDE = ("Costly mistake:",)
_EXAMPLE = re.compile(r"<example>\n(.*?)\nAnswer: (.*?)\n</example>", re.DOTALL)
_SAID = re.compile(r"<said>\n(?:You|Annotator \d+) answered (.+?): ", re.DOTALL)
_IMAGE = re.compile(r"^Example image (\d+):\n(.*)$", re.MULTILINE)
_MARK = re.compile(r"\[example image (\d+)\]")
_VERDICT = re.compile(r"\byes or no\b")
_PREFIX = re.compile(r"^(.*: )yes$", re.MULTILINE)
_ALONE = re.compile(r"answer with (.+) alone if no other applies")
_QUOTED = re.compile(r'"(.*)"')


@dataclass(frozen=True)
class LabelText:
    """
    What a prompt says about one label.

    Attributes:
        name: As the prompt writes it.
        like: Its name, its definition and its examples.
        unlike: When it is not meant, and its near misses.
    """

    name: str
    like: tuple[str, ...]
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understood:
    """
    A prompt, as far as the built-in model can read it; what it cannot find is empty.

    Attributes:
        labels: In the order of the schema, or else of the prompt.
        item: Text of all its fields.
        annotation: The answer that is to be judged, as the prompt shows it.
        alone: The label that stands alone, because it means that no other applies.
        question: What the prompt says after the item.
        said: Labels that annotators gave in a round before.
        verdict: How a plain yes or no begins where one is asked for; None where it is not.
        fields: The item's fields by name, in order.
        task: The question that the task asks.
        told: All of the system's message.
    """

    labels: tuple[LabelText, ...]
    item: str
    annotation: str
    alone: str
    question: str = ""
    said: tuple[str, ...] = ()
    verdict: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    task: str = ""
    told: str = ""


def understand(messages: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Understood:
    """
    Read a conversation.

    Args:
        messages: As sent to a model; images are read as words, and sounds are passed over.
        names: Labels that the reply's schema names; they may lack a text in the prompt.
    """
    said = [(str(message["role"]), _text(message["content"])) for message in messages]
    shown = next((text for role, text in reversed(said) if role == "user"), "")
    images = dict(_IMAGE.findall(shown))
    told = _MARK.sub(
        lambda mark: images.get(mark[1], ""), "\n".join(text for role, text in said if role == "system")
    )
    shown = _MARK.sub(lambda mark: images.get(mark[1], ""), shown)
    asked = _EXAMPLE.sub("", shown)
    fields = list(_FIELD.finditer(asked))
    rest = asked[fields[-1].end() :] if fields else asked
    annotation, alone = _ANNOTATION.search(rest), _ALONE.search(told)
    return Understood(
        _with_examples(_labels(f"{told}\n{rest}" if "\n### " in rest else told, tuple(names)), shown),
        "\n".join(found[2] for found in fields) or asked,
        annotation[1].strip() if annotation else "",
        alone[1] if alone else "",
        rest,
        tuple(match[1] for match in _SAID.finditer(rest)),
        _verdict(rest),
        {found[1]: found[2] for found in fields},
        question[1] if (question := _QUESTION.search(told)) else "",
        told,
    )


def _verdict(rest: str) -> str | None:
    if not _VERDICT.search(rest):
        return None
    prefix = _PREFIX.search(rest)
    return prefix[1] if prefix else ""


def _with_examples(labels: tuple[LabelText, ...], shown: str) -> tuple[LabelText, ...]:
    """The labels' texts, with those of the labelled examples in the prompt."""
    examples = [
        ("\n".join(found[2] for found in _FIELD.finditer(match[1])), match[2].split("; "))
        for match in _EXAMPLE.finditer(shown)
    ]
    if not examples:
        return labels
    return tuple(
        replace(label, like=(*label.like, *(text for text, named in examples if label.name in named)))
        for label in labels
    )


@lru_cache(maxsize=64)
def _labels(told: str, names: tuple[str, ...]) -> tuple[LabelText, ...]:
    """The labels' texts; cached, since all items of a run share one system message."""
    described = {match[1].strip(): match[2].splitlines() for match in _LABEL.finditer(told + "\n")}
    return tuple(_label(name, described.get(name, [])) for name in names or tuple(described))


def _label(name: str, lines: Sequence[str]) -> LabelText:
    against = [line for line in lines if line.startswith(_AGAINST)]
    like = [line for line in lines if line not in against and not line.startswith(_ASIDE)]
    return LabelText(name, (name.replace("_", " "), *map(_bare, like)), tuple(map(_bare, against)))


def _bare(line: str) -> str:
    """A line without its heading; of an example, what is quoted, without the reason."""
    quoted = _QUOTED.search(line)
    return quoted[1] if quoted else line.partition(":")[2].strip()


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(_part_text(part) for part in content or ())


def _part_text(part: Mapping[str, Any]) -> str:
    """A part as text; an image as the words for what is seen of it."""
    return seen(part["image_url"]["url"]) if part.get("type") == "image_url" else str(part.get("text", ""))
