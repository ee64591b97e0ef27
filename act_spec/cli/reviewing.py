"""`review` and `export`: people answer on a page here, or take their work away."""

from __future__ import annotations

import json
from pathlib import Path

import click

from act_spec.cli.choose import (
    choose_run,
    json_option,
    needs_folder,
    next_line,
    plan_of_run,
    run_argument,
    run_words,
)

_PORT = 8765
_ENDINGS = {"worklist": ".csv", "packet": ".html", "labelstudio": ".json", "argilla": ".jsonl"}
_BESIDE = {
    "labelstudio": "the labelling configuration: paste it into the project's settings",
    "argilla": "the dataset's settings: rg.Settings.from_json reads them",
}


@click.command("review")
@run_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=_PORT,
    show_default=True,
    metavar="PORT",
    help="Where to begin looking for a free port.",
)
@click.option("--reviewer", metavar="NAME", help="Serve this person alone.")
@click.option("--open", "open_it", is_flag=True, help="Open the page in this machine's browser.")
@json_option
def review_command(
    run: Path | None, port: int, reviewer: str | None, *, open_it: bool, as_json: bool
) -> None:
    """
    Answer on a page in the browser.

    The page is there for this machine alone, until Ctrl-C. A busy port is
    passed over for the next free one; --port 0 takes any that is free.
    """
    from act_spec.run.reviewing import review_on_page

    folder = choose_run(run)
    plan = plan_of_run(folder)
    announced: list[str] = []

    def announce(link: str) -> None:
        if announced:
            click.echo(f"  opened. For another browser: {link}", err=True)
        else:
            click.echo(f"{plan.name}   plan {plan.hash[:8]}   answers are saved as they are given", err=True)
            click.echo(f"  open   {link}", err=True)
            click.echo("  Ctrl-C ends it", err=True)
            if open_it:
                click.launch(link)
        announced.append(link)

    done = review_on_page(plan, folder, reviewer=reviewer, port=port, announce=announce)
    if as_json:
        facts = {"format": 1, "name": plan.name, "plan": plan.hash}
        click.echo(
            json.dumps({**facts, "reviewed": done.reviewed, "selected": done.selected}, ensure_ascii=False)
        )
    else:
        click.echo(
            f"{plan.name}   plan {plan.hash[:8]}   {done.reviewed:,} of {done.selected:,} items answered"
        )
    if done.reviewed < done.selected:
        next_line("review", folder, why="goes on")
    else:
        next_line(*run_words(plan.recipe_path, plan, folder), why="goes on with these answers")


@click.command("export")
@run_argument
@click.option(
    "--to",
    "form",
    type=click.Choice(["worklist", "packet", "labelstudio", "argilla"]),
    required=True,
    help="What is written.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="worklist: a .csv; packet: one .html with items, guideline and the page to answer on; labelstudio: tasks as"
    " .json, and the labelling configuration beside them; argilla: records as .jsonl, and settings beside them.",
)
@click.option("--reviewer", metavar="NAME", help="What is waiting for this person alone.")
@click.option(
    "--machine-labels/--no-machine-labels",
    "with_machine",
    default=None,
    help="Whether labelstudio or argilla gets the machine's labels, which show before the answer there. Without it:"
    " where review.reveal is ask.",
)
@json_option
def export_command(
    run: Path | None,
    form: str,
    output: Path,
    reviewer: str | None,
    *,
    with_machine: bool | None,
    as_json: bool,
) -> None:
    """Write work for people to take away."""
    from act_spec.run.reviewing import hand_out

    ending = _ENDINGS[form]
    if output.suffix.lower() != ending:
        raise click.UsageError(
            f"What is written for {form} is a {ending}: write -o {output.with_suffix(ending)}."
        )
    folder = choose_run(run)
    needs_folder(output)
    plan = plan_of_run(folder)
    handed = hand_out(plan, folder, form, output, reviewer=reviewer, with_machine=with_machine)
    if as_json:
        facts = {"format": 1, "plan": plan.hash, "items": handed.items, "reviewer": handed.reviewer or None}
        click.echo(json.dumps({**facts, "files": list(map(str, handed.files))}, ensure_ascii=False))
    else:
        whom = f" for {handed.reviewer}" if handed.reviewer else ""
        click.echo(f"{output}   plan {plan.hash[:8]}   {handed.items:,} items{whom}")
        for beside in handed.files[1:]:
            click.echo(f"{beside}   {_BESIDE[form]}")
    if form in _BESIDE and not handed.with_machine:
        click.echo(
            "The machine's labels stay here, so that they pull nobody; --machine-labels adds them.", err=True
        )
    back = {"worklist": output, "packet": "answers.json"}.get(form, f"answers{output.suffix}")
    next_line("import", folder, back, why="once it has come back")
