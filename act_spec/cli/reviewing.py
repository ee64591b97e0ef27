"""`review` and `export`: people answer on a page here, or take their work away."""

from __future__ import annotations

from pathlib import Path

import click

from act_spec.cli.choose import choose_run, next_line, plan_of_run, run_argument, run_words

_PORT = 8765


@click.command("review")
@run_argument
@click.option("--port", type=click.IntRange(1, 65_535), default=_PORT, show_default=True)
@click.option("--reviewer", help="Serve this person alone.")
@click.option("--open", "open_it", is_flag=True, help="Open the page in this machine's browser.")
def review_command(run: Path | None, port: int, reviewer: str | None, *, open_it: bool) -> None:
    """
    Answer on a page in the browser.

    The page is there for this machine alone, until Ctrl-C. A busy port is
    passed over for the next free one.
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
    click.echo(f"{plan.name}   plan {plan.hash[:8]}   {done.reviewed:,} of {done.selected:,} items answered")
    if done.reviewed < done.selected:
        next_line("review", folder, why="goes on")
    else:
        next_line(*run_words(plan.recipe_path, plan, folder), why="goes on with these answers")


@click.command("export")
@run_argument
@click.option(
    "--to", "form", type=click.Choice(["worklist", "packet"]), required=True, help="What is written."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="worklist: a .csv; packet: one .html with items, guideline and the page to answer on.",
)
@click.option("--reviewer", help="What is waiting for this person alone.")
def export_command(run: Path | None, form: str, output: Path, reviewer: str | None) -> None:
    """Write work for people to take away."""
    from act_spec.run.reviewing import hand_out

    folder = choose_run(run)
    plan = plan_of_run(folder)
    handed = hand_out(plan, folder, form, output, reviewer=reviewer)
    whom = f" for {handed.reviewer}" if handed.reviewer else ""
    click.echo(f"{output}   plan {plan.hash[:8]}   {handed.items:,} items{whom}")
    back = output if form == "worklist" else "answers.json"
    next_line("import", folder, back, why="once it has come back")
