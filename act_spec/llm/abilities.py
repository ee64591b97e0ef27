"""
Which models take images and sound, known before money is spent.

Read from the table inside LiteLLM, which is not imported. Of a model that the
table does not list, and of a server at an address of one's own, nothing is
known; the recipe's `accepts` goes before the table.
"""

from __future__ import annotations

from act_spec.llm.model import Model
from act_spec.llm.prices import listed

_KEYS = {"image": "supports_vision", "audio": "supports_audio_input"}
_BUILT_IN = frozenset({"text", "image"})


def takes(model: Model, kind: str) -> bool | None:
    """
    Whether a model takes such parts; None if it is not known.

    Args:
        model: With its settings.
        kind: `text`, `image` or `audio`.
    """
    if kind == "text" or kind in model.accepts:
        return True
    if model.provider == "local":
        return kind in _BUILT_IN
    if model.api_base is not None:
        return None
    known = listed(model.name)
    if not known:
        return None
    # The table names what a model can do; what it does not name, the model cannot.
    return bool(known.get(_KEYS[kind]))
