"""Which recipe and which run a command means, where the user need not say."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from act_spec.plan.model import Plan

ENDING = ".act.yaml"
recipe_argument = click.argument("recipe", required=False, type=click.Path(path_type=Path))
run_argument = click.argument("run", required=False, type=click.Path(path_type=Path))
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def _settings(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`name=value` words as a mapping; the last one of a name stands."""
    settings: dict[str, str] = {}
    for word in given:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"'{word}' sets nothing. Write --set name=value.")
        settings[name.strip()] = value.strip()
    return settings


set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_settings,
    help="Set a parameter of the recipe; may be given several times.",
)


def choose_recipe(given: Path | None) -> Path:
    """
    The recipe that was named, or the only one here that is no base for others.

    Raises:
        click.UsageError: If there is none, or several to choose from.
    """
    if given is not None:
        found = sorted(given.glob(f"*{ENDING}")) if given.is_dir() else [given]
    else:
        found = sorted(Path().glob(f"*{ENDING}"))
    where = given or "this folder"
    if len(found) > 1:
        found = _without_bases(found)
    if not found:
        raise click.UsageError(f"There is no recipe (*{ENDING}) in {where}. Make one with `act-spec init`.")
    if len(found) > 1:
        raise click.UsageError(f"Several recipes in {where}; name one: {', '.join(map(str, found))}.")
    if not found[0].is_file():
        raise click.UsageError(f"There is no recipe {found[0]}.")
    return found[0]


def _without_bases(found: list[Path]) -> list[Path]:
    """Of several recipes those that can be run; all of them where that is none, or cannot be told."""
    from act_spec.errors import RecipeError
    from act_spec.recipe.load import is_base

    try:
        return [path for path in found if not is_base(path)] or found
    except RecipeError:
        return found


def choose_run(given: Path | None) -> Path:
    """
    The run folder that was named, that of the recipe that was named, or the only one here.

    Raises:
        click.UsageError: If there is none, or several to choose from.
    """
    if given is not None and (given / "run.duckdb").is_file():
        return given
    if given is not None and given.is_dir() and not sorted(given.glob(f"*{ENDING}")):
        found = sorted(path.parent for path in given.glob("*/run.duckdb"))
    elif given is None and not sorted(Path().glob(f"*{ENDING}")):
        found = sorted(path.parent for path in Path().glob("runs/*/run.duckdb"))
    elif given is not None and not given.exists():
        raise click.UsageError(f"There is no run and no recipe at {given}.")
    else:
        found = [_run_of(choose_recipe(given))]
    if len(found) > 1:
        raise click.UsageError(f"Several runs; name one: {', '.join(map(str, found))}.")
    if not found or not (found[0] / "run.duckdb").is_file():
        raise click.UsageError(
            f"There is no run in {found[0] if found else given or 'this folder'}. Start one with `act-spec run`."
        )
    return found[0]


def needs_folder(output: Path) -> None:
    """
    Ask for the folder of a file that will be written, before any work is done for it.

    Raises:
        click.UsageError: If it is not there.
    """
    if not output.parent.is_dir():
        raise click.UsageError(f"There is no folder {output.parent} for {output.name}.")


def compile_recipe(
    path: Path, settings: Mapping[str, str] | None = None, *, calls_follow: bool = False
) -> Plan:
    """Read a recipe and compile it; `calls_follow` loads meanwhile what calling models takes."""
    from act_spec.plan.compile import compile_plan
    from act_spec.recipe.load import load_recipe

    loaded = load_recipe(path, settings)
    roles = (loaded.recipe.annotator, loaded.recipe.judge)
    if calls_follow and any(role is not None and role.model for role in roles):
        from act_spec.llm.client import preload

        preload()
    return compile_plan(loaded)


def plan_of_run(folder: Path) -> Plan:
    """
    The plan of a run, compiled again from the recipe that made it.

    Raises:
        click.UsageError: If the recipe is gone.
    """
    from act_spec.store.database import Store
    from act_spec.store.plans import recipe_of

    with Store.open(folder / "run.duckdb", read_only=True) as store:
        recipe, settings = recipe_of(store)
    if recipe is None:
        raise click.UsageError(f"Nothing was run in {folder} yet. Start with `act-spec run`.")
    # A copied project goes by its own recipe, not by the one that it was copied from.
    beside = folder / ".." / ".." / Path(recipe).name
    path = beside.resolve() if beside.is_file() else Path(recipe)
    if not path.is_file():
        raise click.UsageError(
            f"The recipe of {folder} is not at {recipe} any more. Put it there, or two folders above the run."
        )
    return compile_recipe(path, settings)


def next_line(*words: object, why: str = "") -> None:
    """The last line of every command: what to type next, after `act-spec`, ready to be copied."""
    here = f"{Path.cwd()}/"
    command = shlex.join(["act-spec", *(str(word).removeprefix(here) for word in words)])
    click.echo(f"Next: {command}" + (f"      {why}" if why else ""), err=True)


def run_words(recipe: Path, plan: Plan, folder: Path | None) -> tuple[object, ...]:
    """The words of the `run` command that goes on in this folder."""
    from act_spec.plan.compile import run_folder

    at_home = folder is None or folder.resolve() == run_folder(plan).resolve()
    words = ("run", recipe, *set_words(plan.settings))
    return words if at_home else (*words, "--run", folder)


def set_words(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The words that set the same parameters again."""
    return tuple(word for name, value in settings.items() for word in ("--set", f"{name}={value}"))


def _run_of(recipe: Path) -> Path:
    """
    The folder in which a recipe has its run, there or not.

    Raises:
        StoreError: If another recipe of the same name has its own there.
    """
    from act_spec.errors import StoreError
    from act_spec.recipe.load import recipe_name
    from act_spec.run.whose import refuse_anothers
    from act_spec.store.database import Store

    folder = recipe.parent / "runs" / recipe_name(recipe)
    if (folder / "run.duckdb").is_file():
        try:
            store = Store.open(folder / "run.duckdb", read_only=True)
        except StoreError:  # a run under way; whoever needs its tables says so
            return folder
        with store:
            refuse_anothers(recipe, store, folder)
    return folder
