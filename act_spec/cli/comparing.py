"""`compare`: runs side by side."""

from __future__ import annotations

import json
from pathlib import Path

import click

from act_spec.cli.choose import choose_run, json_option, needs_folder, next_line


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("compare.html"),
    show_default=True,
    help="Where the page goes.",
)
@json_option
def compare_command(runs: tuple[Path, ...], output: Path, *, as_json: bool) -> None:
    """
    Put two or more runs side by side: gain curves, cost, agreement, differences.

    Each RUN is a run's folder or its recipe. Runs are only read.
    """
    from act_spec.documents.compare import compare_html, compare_text
    from act_spec.run.compare import compare_runs
    from act_spec.run.stage import Folder

    folders = _folders(runs)
    needs_folder(output)
    facts = compare_runs(folders)
    Folder(output.parent).write(output.name, compare_html(facts))
    click.echo(json.dumps(facts.as_json(), ensure_ascii=False) if as_json else compare_text(facts))
    click.echo(f"Look:  {output}", err=True)
    next_line("report", folders[0], why="one run in full")


def _folders(runs: tuple[Path, ...]) -> list[Path]:
    """
    The folder of each run.

    Raises:
        click.UsageError: If there is none, or fewer than two different ones.
    """
    missing = [str(run) for run in runs if not run.exists()]
    if missing:
        raise click.UsageError(f"There is no run and no recipe at {', '.join(missing)}.")
    folders = [choose_run(run) for run in runs]
    if len(folders) < 2:
        raise click.UsageError(f"One run alone cannot be compared; name another beside {folders[0]}.")
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise click.UsageError("The same run is named twice; name different ones.")
    return folders
