"""`init`, `check`, `plan` and `schema`: what comes before a run, and spends nothing but for `plan --probe`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from act_spec.cli.choose import (
    choose_recipe,
    json_option,
    next_line,
    recipe_argument,
    set_option,
    set_words,
)
from act_spec.cli.sending import Sending, sending_options
from act_spec.errors import Problem, RecipeError, StoreError

if TYPE_CHECKING:
    from act_spec.documents.plan_diff import PlanDiff
    from act_spec.documents.probed import Probed
    from act_spec.plan.model import Plan
    from act_spec.recipe.advice import Advice

_FIRST = 50  # items to look at before a long run


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Your data: Parquet, CSV or JSON lines, or a folder of images, PDFs or sounds.",
)
@click.option("--label", "labels", help="The labels, parted by commas.")
@click.option(
    "--from",
    "gallery",
    help="Start from a recipe of the gallery or of a pack (pack/recipe), with its sample data.",
)
@json_option
def init_command(
    folder: Path, data: Path | None, labels: str | None, gallery: str | None, *, as_json: bool
) -> None:
    """Make a commented recipe from your own data, or from the gallery."""
    from act_spec.starter.begin import begin

    made = begin(folder, data, labels, gallery, ask=sys.stdin.isatty() and not as_json)
    if as_json:
        facts = {"format": 1, "recipe": str(made.recipe), "notes": made.notes}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for note in made.notes:
            click.echo(note, err=True)
        click.echo(f"{made.recipe}   written")
    next_line("check", made.recipe)


@click.command("check")
@click.argument("recipes", nargs=-1, type=click.Path(path_type=Path))
@set_option
@click.option("--strict", is_flag=True, help="Advice counts as a problem.")
@click.option("--resolved", is_flag=True, help="Print the whole recipe with the origin of every value.")
@json_option
def check_command(
    recipes: tuple[Path, ...], settings: dict[str, str], *, strict: bool, resolved: bool, as_json: bool
) -> None:
    """
    Name every problem of a recipe at once, then give advice.

    Opens no connection and needs no key.
    """
    paths = [choose_recipe(path) for path in recipes] if recipes else [choose_recipe(None)]
    if resolved:
        _show_resolved(paths, settings, as_json=as_json)
        return
    checked = [_checked(path, settings) for path in paths]
    problems = sorted({problem for one in checked for problem in one.problems})
    advice = [one for each in checked for one in each.advice]
    if as_json:
        errors = [problem.as_json() for problem in problems]
        click.echo(
            json.dumps(
                {"format": 1, "errors": errors, "advice": [_advice_json(one) for one in advice]},
                ensure_ascii=False,
            )
        )
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        for one in advice:
            click.echo(str(one))
        for each in checked:
            if not each.problems:
                click.echo(f"{each.path}   {each.what}   no problems")
    if problems:
        next_line("check", paths[0], why="after mending")
        sys.exit(2)
    runnable = [each.path for each in checked if not each.is_base]
    if runnable:
        next_line("plan", runnable[0], *set_words(settings))
    else:
        next_line("check", why="of a recipe that extends it")
    sys.exit(2 if strict and advice else 0)


@dataclass(frozen=True)
class _Checked:
    """What there is to say of one recipe; `what` is its plan, or that it is a base."""

    path: Path
    what: str = ""
    problems: tuple[Problem, ...] = ()
    advice: tuple[Advice, ...] = ()
    is_base: bool = False


def _checked(path: Path, settings: dict[str, str]) -> _Checked:
    from act_spec.plan.compile import compile_plan
    from act_spec.recipe.advice import advise
    from act_spec.recipe.load import PartialRecipeError, load_recipe

    try:
        loaded = load_recipe(path, settings)
    except PartialRecipeError:
        return _Checked(path, "a base for others", is_base=True)
    except RecipeError as error:
        return _Checked(path, problems=error.problems)
    advice = tuple(advise(loaded))
    try:
        plan = compile_plan(loaded)
        if plan.guideline.templates is not None:
            from act_spec.run.guiding import rehearse_guideline

            rehearse_guideline(plan)
        return _Checked(path, f"plan {plan.hash[:8]}", advice=advice)
    except RecipeError as error:
        return _Checked(path, problems=error.problems, advice=advice)


def _show_resolved(paths: list[Path], settings: dict[str, str], *, as_json: bool) -> None:
    from act_spec.recipe.load import load_recipe
    from act_spec.recipe.resolved import resolved_json, resolved_text

    trees = [(path, load_recipe(path, settings).tree) for path in paths]
    if as_json:
        whole = [{"recipe": str(path), "values": resolved_json(tree)} for path, tree in trees]
        click.echo(json.dumps({"format": 1, "resolved": whole}, ensure_ascii=False))
    else:
        click.echo("\n---\n".join(resolved_text(tree) for _, tree in trees))
    next_line("plan", paths[0], *set_words(settings))


@click.command("plan")
@recipe_argument
@set_option
@click.option(
    "--prompts",
    "item",
    is_flag=False,
    flag_value="",
    default=None,
    help="Show the prompts of an item; the walk's first unless named.",
)
@click.option(
    "--run", "folder", type=click.Path(path_type=Path, file_okay=False), help="The run to compare with."
)
@click.option(
    "--probe",
    is_flag=True,
    help="Make a few calls, and tell how fast they go and how long the whole takes; run keeps the answers.",
)
@click.option("--yes", is_flag=True, help="With --probe: do not ask before spending.")
@sending_options
@json_option
def plan_command(  # noqa: PLR0913 - one parameter an option
    recipe: Path | None,
    settings: dict[str, str],
    item: str | None,
    folder: Path | None,
    sending: Sending,
    *,
    probe: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """
    Show stages, calls, money, reviews and forecast; spends nothing without --probe.

    Beside a run that is there: what would be called again and why, what comes
    from the cache, and what becomes of people's answers.
    """
    from act_spec.cli.matrix import matrix_lines
    from act_spec.documents.plan_diff import diff_text
    from act_spec.documents.probed import probed_text
    from act_spec.plan.compile import compile_plan
    from act_spec.plan.explain import as_json as plan_json
    from act_spec.plan.explain import explain
    from act_spec.plan.preview import prompts_text
    from act_spec.recipe.load import load_recipe

    path = choose_recipe(recipe)
    loaded = load_recipe(path, settings)
    plan = sending.applied(compile_plan(loaded))
    if item is not None:
        click.echo(prompts_text(plan, item or None))
    else:
        matrix = loaded.recipe.matrix
        diff = None if matrix else _beside_run(plan, folder)
        if probe and matrix:
            raise click.UsageError("A matrix has no probe. Try one setting in a recipe of its own.")
        if not as_json:
            click.echo("\n\n".join([explain(plan), *([diff_text(diff)] if diff else [])]))
        found = _probed(plan, folder, sending, yes=yes) if probe else ()
        if as_json:
            made = plan_json(plan) | {"diff": None if diff is None else diff.as_json()}
            made |= {"probe": [one.as_json() for one in found]} if probe else {}
            click.echo(json.dumps(made, ensure_ascii=False))
        elif probe:
            click.echo(probed_text(found))
        if matrix and not as_json:
            repeat = {name: count for name, count in matrix.repeat.items() if name not in settings}
            from act_spec.run.matrix import runs_of

            click.echo(matrix_lines(runs_of(loaded, repeats=False), repeat))
            next_line("run", path, *set_words(settings), *sending.words)
            return
    apart = () if folder is None else ("--run", folder)
    words = ("run", path, *set_words(settings), *apart, *sending.words)
    if plan.data.items > _FIRST:
        next_line(*words, "--limit", _FIRST, why=f"{_FIRST} random items before the rest")
    else:
        next_line(*words)


def _probed(plan: Plan, folder: Path | None, sending: Sending, *, yes: bool) -> tuple[Probed, ...]:
    """A few calls to each model, with leave to spend; their answers go into the run."""
    from act_spec.cli.running import agree_to_spend, check_keys
    from act_spec.plan.compile import run_folder
    from act_spec.run.probe import probe, probe_size
    from act_spec.run.session import open_session

    if not plan.calls_models:
        raise click.UsageError("No model is asked, so there is nothing to probe.")
    check_keys(plan)
    sending.check()
    agree_to_spend(plan, plan.cost_usd, yes=yes, limit=probe_size(plan))
    with open_session(plan, run_folder(plan, folder), lambda _: None) as (store, session, _):
        return probe(plan, store, session)


def _beside_run(plan: Plan, folder: Path | None) -> PlanDiff | None:
    """The plan beside its run; None where there is none, or another process is writing it."""
    from act_spec.plan.compile import run_folder

    database = run_folder(plan, folder) / "run.duckdb"
    if not database.is_file():
        return None
    from act_spec.run.difference import difference

    try:
        return difference(plan, database)
    except StoreError as error:
        click.echo(f"The plan is not compared with the run: {error}", err=True)
        return None


@click.command("schema")
def schema_command() -> None:
    """Print the recipe's JSON Schema, for editors."""
    from act_spec.recipe.json_schema import recipe_json_schema

    click.echo(json.dumps(recipe_json_schema(), indent=2, ensure_ascii=False))
    next_line(
        "check",
        why="with the schema in recipe.schema.json, begin a recipe with "
        "`# yaml-language-server: $schema=./recipe.schema.json` and the editor checks too",
    )


def _advice_json(one: Advice) -> dict[str, object]:
    return {
        "code": one.code,
        "path": one.path,
        "sentence": one.sentence,
        "file": one.place.file,
        "line": one.place.line,
    }
