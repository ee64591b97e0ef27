"""What the built-in model writes against a blind spot: halves of the errors, put together anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.llm.tiny_prompt import Understood

_MOST = 3
_ASKED = re.compile(r"(?:Derive|Write) (\d+)")


def taught(name: str, schema: Mapping[str, Any], read: Understood) -> list[dict[str, Any]]:
    """The value of `hypotheses` or `examples`; nothing for any other field."""
    fields: Mapping[str, Any] = (schema.get("items") or {}).get("properties") or {}
    errors = _errors(read)
    found = _ASKED.search(read.question)
    wanted = min(_MOST, int(found[1])) if found else 1
    if name == "hypotheses":
        label = fields["label"]["enum"][0]
        return [
            {"pattern": f"Items much like this one: {_half(one, 0)}", "label": label}
            for one in errors[:wanted]
        ]
    if name == "examples":
        # Another pattern begins with other errors.
        first = len(read.question)
        return [_example(list(fields), errors, first + number) for number in range(wanted)]
    return []


def pattern(read: Understood) -> str:
    """What the errors share: the longest words that most of them have."""
    counts = Counter(
        word for text in _errors(read) for word in set(re.findall(r"[^\W\d_]+", text.casefold()))
    )
    ranked = sorted(counts, key=lambda word: (-counts[word], -len(word), word))
    return f"Items with words such as {', '.join(ranked[:3])} are not what these words say."


def _errors(read: Understood) -> list[str]:
    return [text for key, text in read.fields.items() if key.startswith("error ")] or ["Nothing."]


def _example(fields: Sequence[str], errors: Sequence[str], number: int) -> dict[str, str]:
    """The beginning of one error and the end of the next."""
    apart = 1 + number // len(errors) % max(1, len(errors) - 1)
    one, other = errors[number % len(errors)], errors[(number + apart) % len(errors)]
    text = f"{_half(one, 0)} {_half(other, 1)}".strip()
    return dict.fromkeys(fields, text)


def _half(text: str, which: int) -> str:
    words = text.split()
    middle = (len(words) + 1) // 2
    return " ".join(words[middle:] if which else words[:middle])
