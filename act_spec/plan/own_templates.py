"""
A team's own document templates: a folder beside the recipe, before ours and never outside it.

A file there replaces the shipped template of its name. One that only changes
a part begins with `{% extends "act_spec/guideline.v2.md" %}` and writes the
blocks that differ.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from act_spec import resources
from act_spec.errors import Problem, RecipeError, did_you_mean
from act_spec.library import pack_of
from act_spec.recipe.schema import Guideline
from act_spec.templating import compile_template

MAX_TEMPLATE_BYTES = 1_000_000
_SHIPPED = "act_spec/"
_ENDING = ".j2"


def own_folder(guideline: Guideline, beside: Path) -> Path | None:
    """
    The folder that the recipe names; None where it names none.

    Raises:
        ValueError: If it is not there, or not inside the recipe's folder.
    """
    if guideline.templates is None:
        return None
    home = beside.resolve()
    folder = (home / guideline.templates).resolve()
    # A recipe of an installed pack may only name what lies in its pack, which is checked before.
    if not folder.is_relative_to(home) and pack_of(folder) is None:
        raise ValueError(
            f"'{guideline.templates}' is outside the recipe's folder. Put the templates beside the recipe."
        )
    if not folder.is_dir():
        raise ValueError(f"there is no folder '{guideline.templates}' beside the recipe.")
    return folder


def template_loader(own: Path | None) -> Callable[[str], str | None]:
    """Finds templates by name: in the team's folder first, behind `act_spec/` only those that ship."""

    def load(name: str) -> str | None:
        if name.startswith(_SHIPPED):
            return resources.find_template(name.removeprefix(_SHIPPED))
        if not resources.is_template_name(name):
            return None
        text = None if own is None else _read(own, f"{name}{_ENDING}")
        return resources.find_template(name) if text is None else text

    return load


def template_name(wanted: str, own: Path | None) -> str:
    """
    The guideline's template with its version; the newest that ships where none is said.

    Raises:
        ValueError: If there is none of that name.
    """
    if ".v" not in wanted:
        known = resources.versions(wanted)
        if known:
            return known[-1]
    elif template_loader(own)(f"{wanted}.md") is not None:
        return wanted
    raise ValueError(
        f"no template is named '{wanted}'. {did_you_mean(wanted, resources.versions('guideline'))}"
    )


def template_problems(own: Path | None) -> list[Problem]:
    """What is wrong with the team's templates before anything is rendered, with file and line."""
    problems: list[Problem] = []
    for file in sorted(own.glob(f"*{_ENDING}")) if own is not None else ():
        name = file.name.removesuffix(_ENDING)
        if not resources.is_template_name(name):
            what = "the name of a template has small letters, digits, dots and underscores alone."
            problems.append(Problem(str(file), 0, 0, "template", what))
            continue
        try:
            compile_template(str(file).removesuffix(_ENDING), _read(file.parent, file.name) or "")
        except RecipeError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(Problem(str(file), 0, 0, "template", str(error)))
    return problems


def _read(own: Path, name: str) -> str | None:
    file = own / name
    if not file.is_file():
        return None
    if not file.resolve().is_relative_to(own):
        raise ValueError(f"'{name}' leads out of the folder of templates.")
    data = file.read_bytes()
    if len(data) > MAX_TEMPLATE_BYTES:
        raise ValueError(f"'{name}' is larger than {MAX_TEMPLATE_BYTES:,} bytes.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"'{name}' is not UTF-8.") from error
