"""Whose run a folder holds: two recipes of one name never share one."""

from __future__ import annotations

from pathlib import Path

from act_spec.errors import StoreError
from act_spec.store.database import Store
from act_spec.store.plans import recipe_of


def refuse_anothers(recipe: Path, store: Store, folder: Path) -> None:
    """
    Make sure that a folder's run is that of a recipe, or of one that is gone.

    A recipe that was moved or renamed goes on with its run, and so does one
    in a project that was copied together with its runs.

    Raises:
        StoreError: If another recipe, which is still there, has its run in the folder.
    """
    written, _ = recipe_of(store)
    if written is None:
        return
    owner, own = Path(written), recipe.resolve()
    # `runs/<name>` beside the recipe is its own home, wherever it was copied from.
    copied = owner.name == own.name and folder.resolve().parent.parent == own.parent
    if owner == own or copied or not owner.is_file():
        return
    raise StoreError(
        f"{folder}: this is the run of {owner}, and answers to one recipe are none to another. "
        f"Give {recipe.name} a name of its own, or a folder of its own: run --run DIR."
    )
