"""A draft as the text of a commented recipe, read back before anyone sees it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from act_spec import resources
from act_spec.documents.printable import printable
from act_spec.errors import Problem, RecipeError
from act_spec.recipe.load import load_text
from act_spec.starter.propose import Draft
from act_spec.starter.yaml_text import scalar
from act_spec.templating import render

_TEMPLATE = "recipe.v1.yaml"
_MOST_LISTED = 12


def recipe_text(draft: Draft) -> str:
    """The recipe, with comments for whoever goes on with it."""
    return render(_TEMPLATE, resources.template(_TEMPLATE), _context(draft)) + "\n"


def check_text(text: str, path: Path) -> None:
    """
    Read a recipe that is not written yet.

    Args:
        text: The recipe.
        path: Where it is going to stand.

    Raises:
        RecipeError: If it cannot be read; without lines, because there is no file to look into.
    """
    try:
        load_text(text, str(path), path.parent)
    except RecipeError as error:
        raise RecipeError(
            [Problem(str(path), 0, 0, one.path, one.message, one.hint) for one in error.problems]
        ) from error


def _context(draft: Draft) -> dict[str, Any]:
    used = {*draft.show, draft.id, draft.gold, draft.group}
    others = [column for column in draft.columns if column not in used]
    return {
        "name": scalar(draft.name),
        "about": printable(" ".join(draft.question.split())),
        "question": scalar(draft.question),
        "if_unsure": scalar(f"Take the label that fits most of the {draft.item}."),
        "example_field": scalar(draft.show[0]),
        "has_placeholders": draft.has_placeholders,
        "labels": [scalar(label) for label in draft.labels],
        "source": scalar(draft.source),
        "id": _optional(draft.id),
        "others": _listed(others),
        "show": ", ".join(scalar(column) for column in draft.show),
        "typed": [_typed(draft, column) for column in draft.show] if draft.media else [],
        "gold": _optional(draft.gold),
        "gold_doubt": draft.gold_doubt,
        "gold_values": _listed(draft.gold_values),
        "group": _optional(draft.group),
        "reviews": draft.reviews,
    }


def _typed(draft: Draft, column: str) -> str:
    """A shown field under its own name, with its modality where it holds files."""
    kind = draft.media.get(column)
    what = f"{{{kind}: {scalar(column)}}}" if kind else scalar(column)
    return f"{scalar(column)}: {what}"


def _optional(text: str | None) -> str:
    return "" if text is None else scalar(text)


def _listed(texts: Iterable[str]) -> str:
    quoted = [scalar(text) for text in texts]
    return ", ".join(quoted[:_MOST_LISTED]) + (", …" if len(quoted) > _MOST_LISTED else "")
