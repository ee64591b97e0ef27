"""`run` and `status`."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from act_spec.cli.choose import (
    choose_recipe,
    choose_run,
    compile_recipe,
    json_option,
    next_line,
    recipe_argument,
    run_argument,
    run_words,
    set_option,
    set_words,
)
from act_spec.cli.sending import Sending, sending_options
from act_spec.errors import ModelCallError
from act_spec.plan.shard import Shard, with_shard

if TYPE_CHECKING:
    from act_spec.plan.model import Plan, Range
    from act_spec.recipe.load import LoadedRecipe


def _shard(_context: click.Context, _option: click.Parameter, given: str | None) -> Shard | None:
    try:
        return None if given is None else Shard.parse(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("run")
@recipe_argument
@set_option
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Only N random items: show their answers, and stop before review.",
)
@click.option("--yes", is_flag=True, help="Do not ask before spending.")
@click.option(
    "--spend-usd",
    type=click.FloatRange(0, min_open=True),
    metavar="USD",
    help="Most that model calls may cost, in the place of the recipe's budget.spend_usd.",
)
@click.option("--run", "folder", type=click.Path(path_type=Path, file_okay=False), help="The run's folder.")
@click.option("--no-wait", is_flag=True, help="End while a batch is out; the same command collects it.")
@click.option(
    "--shard",
    callback=_shard,
    metavar="I/N",
    help="Only this one of N parts of the items, in a folder of its own; `merge` brings them together.",
)
@sending_options
@json_option
def run_command(  # noqa: PLR0913 - one parameter an option
    recipe: Path | None,
    settings: dict[str, str],
    limit: int | None,
    spend_usd: float | None,
    folder: Path | None,
    shard: Shard | None,
    sending: Sending,
    *,
    yes: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """
    Walk a recipe until people are needed or all is done.

    The same command goes on after an interruption or after answers came in;
    nothing is paid twice.
    """
    from act_spec.cli.progress import ProgressLines
    from act_spec.documents.summary import preview_text, run_text
    from act_spec.engine.batch_terms import BatchTerms
    from act_spec.plan.compile import run_folder
    from act_spec.plan.spend import with_cap
    from act_spec.recipe.load import load_recipe
    from act_spec.run.outcome import first_answers, run_facts
    from act_spec.run.session import open_session
    from act_spec.run.walk import preview, walk

    path = choose_recipe(recipe)
    loaded = load_recipe(path, settings)
    if shard is not None and (limit is not None or loaded.recipe.matrix is not None):
        raise click.UsageError(
            "A shard is a part of a whole run: leave out --shard for a preview (--limit) or a matrix."
        )
    if loaded.recipe.matrix is not None:
        _run_matrix(path, loaded, limit, spend_usd, folder, sending, yes=yes, as_json=as_json)
        return
    whole = compile_recipe(path, settings, calls_follow=not sending.apart)
    plan = sending.applied(with_cap(with_shard(whole, shard), spend_usd))
    check_keys(plan)
    sending.check()
    if plan.workers.apart and plan.calls_models:
        click.echo(f"Calls go out from {plan.workers}.", err=True)
    agree_to_spend(plan, plan.cost_usd, yes=yes, limit=limit)
    if shard is not None:
        _run_shard(path, plan, shard, folder, sending, waits=not no_wait, as_json=as_json)
        return
    with (
        ProgressLines(quiet=as_json) as progress,
        open_session(
            plan, run_folder(plan, folder), progress.show, batches=BatchTerms(waits=not no_wait)
        ) as (store, session, place),
    ):
        if limit is not None:
            report = preview(plan, store, session, limit)
            answers = first_answers(plan, store, limit)
            click.echo(
                json.dumps(answers, ensure_ascii=False) if as_json else preview_text(plan.hash, answers)
            )
        else:
            report = walk(plan, store, session, place)
            facts = run_facts(plan, store, place, report, progress.elapsed_s)
            click.echo(json.dumps(facts.as_json(), ensure_ascii=False) if as_json else run_text(facts))
    words = (*run_words(path, plan, folder), *sending.words)
    if limit is not None:
        next_line(*words, why="all items; these answers are kept")
    elif report.waiting:
        again = shlex.join(["act-spec", *map(str, words)])
        next_line("import", place.worklist, why=f"then {again}; it goes on, nothing is paid twice")
    else:
        next_line("labels", place.path, "-o", "labels.parquet")
    sys.exit(1 if report.failed else 0)


def _run_shard(
    path: Path, plan: Plan, shard: Shard, folder: Path | None, sending: Sending, *, waits: bool, as_json: bool
) -> None:
    """One shard of a run, as far as it goes by itself."""
    from act_spec.cli.progress import ProgressLines
    from act_spec.documents.sharded import shard_text
    from act_spec.engine.batch_terms import BatchTerms
    from act_spec.plan.compile import run_folder
    from act_spec.run.session import open_session
    from act_spec.run.sharding import shard_facts, walk_shard

    with (
        ProgressLines(quiet=as_json) as progress,
        open_session(plan, run_folder(plan, folder), progress.show, batches=BatchTerms(waits=waits)) as (
            store,
            session,
            place,
        ),
    ):
        report = walk_shard(plan, store, session)
        facts = shard_facts(plan, shard, store, place)
    click.echo(json.dumps(facts.as_json(), ensure_ascii=False) if as_json else shard_text(facts))
    if shard.number < shard.of:
        following = Shard(shard.number + 1, shard.of)
        words = ("run", path, *set_words(plan.settings), *sending.words, "--shard", following)
        next_line(*words, why="the next shard, here or on another machine")
    else:
        name = f"{plan.name}.shard-*-of-{shard.of}"
        next_line("merge", (folder or run_folder(plan)).parent / name, why=f"once all {shard.of} are done")
    sys.exit(1 if report.failed else 0)


def _run_matrix(  # noqa: PLR0913 - what the command was given
    path: Path,
    loaded: LoadedRecipe,
    limit: int | None,
    spend_usd: float | None,
    folder: Path | None,
    sending: Sending,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Every run of a recipe with a matrix."""
    from act_spec.cli.matrix import cost_of_all, run_matrix
    from act_spec.run.matrix import first_of_each, runs_of

    if limit is not None:
        raise click.UsageError(
            "A matrix has no preview. Leave out --limit, or try one setting in a recipe of its own."
        )
    runs = [replace(run, plan=sending.applied(run.plan)) for run in runs_of(loaded, spend_usd)]
    for run in first_of_each(runs):
        check_keys(run.plan)
    sending.check()
    asks = next((run.plan for run in runs if run.plan.calls_models), runs[0].plan)
    agree_to_spend(asks, cost_of_all([run.plan for run in runs]), yes=yes, limit=None)
    run_matrix(path, loaded, runs, folder, as_json=as_json)


@click.command("status")
@run_argument
@json_option
def status_command(run: Path | None, *, as_json: bool) -> None:
    """Show where a run stands, what it cost and what is next."""
    from act_spec.documents.summary import status_text
    from act_spec.run.outcome import status_facts

    folder = choose_run(run)
    facts = status_facts(folder)
    click.echo(json.dumps(facts.as_json(), ensure_ascii=False) if as_json else status_text(facts))
    next_line(*facts.next_words)


def check_keys(plan: Plan) -> None:
    """Name a missing key before anything is called."""
    import os

    from act_spec.llm.keys import key_variable

    roles = (*plan.roles, *plan.helpers)
    for model in dict.fromkeys(model for role in roles for model in role.models.values()):
        variable = key_variable(model)
        if variable and not os.environ.get(variable):
            raise ModelCallError(
                f"{plan.recipe_path}: {model.name} needs a key, and the environment variable {variable} is "
                f"not set. Set it (export {variable}=…), or name another with api_key_env."
            )


def agree_to_spend(plan: Plan, cost: Range | None, *, yes: bool, limit: int | None) -> None:
    """Ask on a terminal; elsewhere want --yes or a cap. What costs nothing needs neither."""
    from act_spec.plan.explain import usd

    cap = plan.spending.spend_usd
    if not plan.calls_models or (cost is not None and cost.high == 0):
        return
    if cost is None and cap is not None:
        raise ModelCallError(
            f"{plan.recipe_path}: the price of a model is unknown, so a cap of {usd(cap)} cannot be kept. "
            "Write `price: {input_usd_per_million: …, output_usd_per_million: …}` beside the model, or take the cap out."
        )
    if yes or (cap is not None and not sys.stdin.isatty()):
        return
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"This run would spend money ({'an unknown amount' if cost is None else 'likely ' + usd(cost.likely)}). "
            "Write --yes, or set a cap with --spend-usd or budget.spend_usd."
        )
    share = 1.0 if limit is None else min(1.0, limit / max(1, plan.data.items))
    share /= plan.shard.of if plan.shard else 1
    if cost is None:
        question = "The price of a model is unknown. Spend an unknown amount?"
    else:
        most = cost.high * share if cap is None else min(cap, cost.high * share)
        question = f"Spend up to {usd(most)} (likely {usd(cost.likely * share)})?"
    click.confirm(question, abort=True, err=True)
