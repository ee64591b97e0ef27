"""`guide` and `import`: what people are given, and what they give back."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from act_spec.cli.choose import choose_run, json_option, next_line, plan_of_run, run_argument, run_words
from act_spec.errors import did_you_mean

_GUIDELINES = {"read": ".html", "card": "-card.html", "print": ".pdf"}


@click.command("guide")
@run_argument
@click.option(
    "--accept",
    type=click.IntRange(1),
    metavar="NUMBER",
    multiple=True,
    help="Put this drafted rule in force.",
)
@click.option(
    "--decline",
    type=click.IntRange(1),
    metavar="NUMBER",
    multiple=True,
    help="Turn this rule down, or take it out again.",
)
@click.option("--by", metavar="NAME", help="Who decides; stored with the decision.")
@click.option("--pdf", is_flag=True, help="Write guideline.pdf and guideline-card.pdf as well.")
@json_option
def guide_command(
    run: Path | None,
    accept: tuple[int, ...],
    decline: tuple[int, ...],
    by: str | None,
    *,
    pdf: bool,
    as_json: bool,
) -> None:
    """
    Write the guideline for reviewers again.

    Rules that a model drafted (guideline.writer) are listed with their
    numbers. None counts before a person has accepted it.
    """
    from act_spec.documents.printable import printable
    from act_spec.run.guiding import decide_rules, proposed_rules, write_guideline, write_pdfs
    from act_spec.run.stage import Folder
    from act_spec.run.walk import open_run
    from act_spec.store.allocations import unanswered
    from act_spec.store.database import Store

    if (accept or decline) and not (by or "").strip():
        raise click.UsageError("Say who decides: --by NAME.")
    folder = Folder(choose_run(run))
    plan = plan_of_run(folder.path)
    with Store.open(folder.database) as store:
        plan = open_run(plan, store)
        decide_rules(store, accept, decline, by or "")
        version = write_guideline(plan, store, folder)
        if pdf:
            write_pdfs(plan, store, folder)
        proposed, due = proposed_rules(plan, store), unanswered(store)
    written = {
        name: folder.path / f"guideline{end}" for name, end in _GUIDELINES.items() if pdf or name != "print"
    }
    if as_json:
        facts = {"format": 1, "name": plan.name, "plan": plan.hash, "guideline_version": version}
        rules = [{"number": rule.number, "text": rule.text, "label": rule.label} for rule in proposed]
        click.echo(
            json.dumps(
                {**facts, "files": [str(path) for path in written.values()], "proposed_rules": rules},
                ensure_ascii=False,
            )
        )
    else:
        click.echo(f"{plan.name}   plan {plan.hash[:8]}   guideline version {version}")
        for name, path in written.items():
            click.echo(f"  {name:<6} {path}")
        for rule in proposed:
            click.echo(f"  rule {rule.number}, proposed and not in force: {printable(rule.text)}")
    if proposed:
        next_line("guide", folder.path, "--accept", proposed[0].number, "--by", "NAME", why="or --decline")
    elif due:
        next_line("import", folder.worklist, why="once it is filled in")
    else:
        next_line("labels", folder.path, "-o", "labels.parquet")


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
    missing = [str(file) for file in given if not file.is_file()]
    if missing:
        raise click.UsageError(f"There is no file {', '.join(missing)}; nothing was taken in.")
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
