"""Which numbers the built-in model gives: near those whose description is like the item."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import exp
from typing import Any

from act_spec.llm.tiny_likeness import View, likeness
from act_spec.llm.tiny_prompt import LabelText, Understood

_SCALE = r"{name} (?:from [-\d.]+ to [-\d.]+ in (?:whole )?numbers|1 for yes and 0 for no)(?: \(([^()]*)\))?"
_ANCHOR = re.compile(r"(?:^|[;.] )\s*([-\d.]+): ([^;]+?)(?=;|\. one within|$)")
_SHARPNESS = 24.0
_SURE = 0.65

Schema = Mapping[str, Any]
Numbers = tuple[Any, float, Callable[[str], float], str]


def numbers(read: Understood, schema: Schema, view: View, shift: float) -> Numbers:
    """The numbers that it gives, how sure it is, how like others' are, and why; see `tiny_composed.Composed`."""
    asked: Mapping[str, Schema] = schema.get("properties") or {"": schema}
    given = {name: _number(read, name, one, view, shift) for name, one in asked.items()}
    answer = given if "properties" in schema else given[""]

    def like(shown: str) -> float:
        said = dict.fromkeys(given, shown) if "" in given else _read(shown)
        apart = [_apart(given[name], said.get(name, ""), asked[name]) for name in given]
        return 1 - sum(apart) / len(apart)

    return answer, _SURE, like, "By wording the item is most like what these numbers stand for."


def shares(read: Understood, schema: Schema, view: View, shift: float) -> Numbers:
    """The same for a distribution over labels: a share for each, from how like the item is to it."""
    names = list(schema["properties"])
    scores = likeness(read.labels, view).scores(read.item)
    powers = {name: exp(_SHARPNESS / 2 * (1 + 0.2 * shift) * scores.get(name, 0.0)) for name in names}
    answer = {name: round(power / sum(powers.values()), 2) for name, power in powers.items()}
    answer[names[0]] = round(1 - sum(answer[name] for name in names[1:]), 2)

    def like(shown: str) -> float:
        said = _read(shown)
        return 1 - sum(abs(answer[name] - _float(said.get(name, ""), 0.0)) for name in names) / 2

    return answer, _SURE, like, "By wording it divides the labels so."


def _number(read: Understood, name: str, schema: Schema, view: View, shift: float) -> float | int:
    low, high = float(schema["minimum"]), float(schema["maximum"])
    found = re.search(
        _SCALE.format(name=re.escape(name)) if name else _SCALE.format(name="").lstrip(), read.told
    )
    anchors = {float(number): text for number, text in _ANCHOR.findall(found[1] or "")} if found else {}
    place = (low + high) / 2
    if len(anchors) > 1:
        labels = tuple(LabelText(str(number), (text,)) for number, text in anchors.items())
        scores = likeness(labels, view).scores(read.item)
        powers = {number: exp(_SHARPNESS * scores[str(number)]) for number in anchors}
        place = sum(number * power for number, power in powers.items()) / sum(powers.values())
    place = min(high, max(low, place + 0.1 * shift * (high - low)))
    return round(place) if schema["type"] == "integer" else round(place, 2)


def _apart(own: float, said: str, schema: Schema) -> float:
    low, high = float(schema["minimum"]), float(schema["maximum"])
    return min(1.0, abs(own - _float(said, low)) / (high - low))


def _read(shown: str) -> dict[str, str]:
    """`clarity: 4; length: 2`, as prompts show it."""
    parts = (part.rpartition(":") for part in shown.split(";"))
    return {name.strip(): number.strip() for name, _, number in parts}


def _float(text: str, otherwise: float) -> float:
    found = re.search(r"[-+]?\d+(?:\.\d+)?", text)
    return float(found[0]) if found else otherwise
