"""Finding access keys where none should stand, without ever repeating one."""

from __future__ import annotations

import re

from act_spec.errors import Problem
from act_spec.recipe.nodes import Place

# The published shapes of providers' keys; the trailing lengths keep ordinary words out.
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk)-[A-Za-z0-9_-]{12,}"
    r"|AIza[A-Za-z0-9_-]{20,}"
    r"|(?:gsk|hf|ghp|gho|glpat|xai|pplx|r8|nvapi|fw|tgp)[_-][A-Za-z0-9_-]{20,}"
    r"|github_pat_[A-Za-z0-9_]{20,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|Bearer\s+[A-Za-z0-9._-]{20,}"
    r")"
)
KEY_HINT = (
    "Delete it, consider it lost, and name the environment variable that holds the new one: api_key_env."
)


def find_keys(text: str, file: str) -> list[Problem]:
    """Every piece of a file, comments included, that has the shape of an access key."""
    found = []
    for match in _KEY.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
        message = "this looks like an access key, and keys never stand in a recipe."
        found.append(Problem(*Place(file, line, column), "", message, KEY_HINT))
    return found


def without_keys(text: str) -> str:
    """The text with everything that looks like an access key taken out."""
    return _KEY.sub("(key)", text)
