"""
The files that ship with the program: prompt and document templates, the gallery.

In a wheel they lie in `act_spec/_shipped/`; in a checkout, or an editable
install of one, in the folders beside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


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
