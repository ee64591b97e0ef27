"""
The files that ship with the program: prompt and document templates, the gallery.

In a wheel they lie in `act_spec/_shipped/`; in a checkout, or an editable
install of one, in the folders beside the package.
"""

from __future__ import annotations

import re
from pathlib import Path

_PACKAGE = Path(__file__).parent
_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_-]+)*")
_MAX_NAME_CHARS = 100


def folder(name: str) -> Path:
    """
    The shipped folder of that name: `templates` or `recipes`.

    Raises:
        FileNotFoundError: If the installation lacks it.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"the installation has no folder '{name}'; install act_spec again")


def template(name: str) -> str:
    """
    The text of a shipped template, by its name with version: `guideline.v1.md`.

    Raises:
        FileNotFoundError: If no template has that name.
    """
    path = folder("templates") / f"{name}.j2"
    if not path.is_file():
        known = sorted(file.name.removesuffix(".j2") for file in folder("templates").glob("*.j2"))
        raise FileNotFoundError(f"no template is named '{name}'. Known: {', '.join(known)}.")
    return path.read_text(encoding="utf-8")


def find_template(name: str) -> str | None:
    """The same; None where no template has that name."""
    path = folder("templates") / f"{name}.j2"
    return path.read_text(encoding="utf-8") if is_template_name(name) and path.is_file() else None


def is_template_name(name: str) -> bool:
    """Whether this can name a template: words of small letters and digits with dots between them."""
    return len(name) <= _MAX_NAME_CHARS and _NAME.fullmatch(name) is not None


def versions(family: str, ending: str = ".md") -> list[str]:
    """The versions of a family of templates that ship, oldest first: `guideline.v1`, `guideline.v2`."""
    found = [
        (int(match[1]), f"{family}.v{match[1]}")
        for file in folder("templates").glob(f"{family}.v*{ending}.j2")
        if (match := re.fullmatch(rf"{family}\.v(\d+){re.escape(ending)}\.j2", file.name))
    ]
    return [name for _, name in sorted(found)]
