"""`guide` and `import`: what people are given, and what they give back."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from act_spec.cli.choose import choose_run, json_option, next_line, plan_of_run, run_argument, run_words
from act_spec.errors import did_you_mean


@click.command("guide")
@run_argument
def guide_command(run: Path | None) -> None:
    """Write the guideline for reviewers again."""
    from act_spec.run.guiding import write_guideline
    from act_spec.run.stage import Folder
    from act_spec.run.walk import open_run
    from act_spec.store.database import Store

    folder = Folder(choose_run(run))
    plan = plan_of_run(folder.path)
    with Store.open(folder.database) as store:
        plan = open_run(plan, store)
        version = write_guideline(plan, store, folder)
    click.echo(f"{plan.name}   plan {plan.hash[:8]}   guideline version {version}")
    click.echo(f"  read   {folder.path / 'guideline.html'}")
    next_line("import", folder.worklist, why="once it is filled in")


@click.command("import")
@click.argument("run_or_file", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--known-as",
    multiple=True,
    metavar="THEIRS=NAME",
    help="What a reviewer is called in another tool, such as 7=ada; once for each.",
)
@json_option
def import_command(
    run_or_file: Path, files: tuple[Path, ...], known_as: tuple[str, ...], *, as_json: bool
) -> None:
    """
    Take in people's answers.

    Write act-spec import [RUN] FILES… A file may be a worklist, a packet's answers, or an export of Label Studio or
    Argilla; it is told by what it holds. Good rows are kept and bad ones are named. Importing a file twice changes
    nothing. Without RUN, a worklist finds its run by the folder that it lies
    in, or the only run here is taken.
    """
    from act_spec.documents.summary import import_text
    from act_spec.run.outcome import take_in_files

    run, given = _run_and_files(run_or_file, files)
    plan = plan_of_run(run)
    facts = take_in_files(plan, run, given, _known_as(plan.review.reviewers, known_as))
    click.echo(json.dumps(facts.as_json(), ensure_ascii=False) if as_json else import_text(facts))
    next_line(
        *run_words(plan.recipe_path, plan, run), why="goes on with these answers" if facts.taken else ""
    )
    sys.exit(1 if facts.problems else 0)


def _known_as(reviewers: Sequence[str], written: Sequence[str]) -> dict[str, str]:
    """What people are called elsewhere, to their names here."""
    known = {}
    for pair in written:
        theirs, equals, name = pair.rpartition("=")
        if not equals or not theirs or not name:
            raise click.UsageError(f"--known-as '{pair}' is not THEIRS=NAME, such as 7=ada.")
        if reviewers and name not in reviewers:
            raise click.UsageError(
                f"--known-as: '{name}' is not a reviewer of this run. {did_you_mean(name, list(reviewers))}"
            )
        known[theirs] = name
    return known


def _run_and_files(first: Path, rest: tuple[Path, ...]) -> tuple[Path, tuple[Path, ...]]:
    if first.is_dir() or first.name.endswith(".act.yaml"):
        if not rest:
            raise click.UsageError("Name the files with answers: act-spec import RUN FILES…")
        return choose_run(first), rest
    if (first.parent / "run.duckdb").is_file():
        return first.parent, (first, *rest)
    return choose_run(None), (first, *rest)
