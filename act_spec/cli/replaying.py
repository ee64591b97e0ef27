"""`replay` and `bundle`: a run that others can check."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from act_spec.cli.choose import choose_run, json_option, next_line, plan_of_run, run_argument


@click.command("replay")
@run_argument
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep what is rebuilt in this new folder; else it is compared and thrown away.",
)
@json_option
def replay_command(run: Path | None, to: Path | None, *, as_json: bool) -> None:
    """
    Rebuild every label, figure and document from what was recorded, and compare.

    Needs no key and sends nothing: a reply that is not recorded is an error.
    """
    from act_spec.documents.replayed import replay_text
    from act_spec.run.replay import replay

    folder = choose_run(run)
    plan = plan_of_run(folder)
    with TemporaryDirectory(prefix="act-spec-") as scratch:
        replayed = replay(plan, folder, to or Path(scratch) / "replay")
    click.echo(json.dumps(replayed.as_json(), ensure_ascii=False) if as_json else replay_text(replayed))
    if replayed.equal:
        next_line("labels", folder, "-o", "labels.parquet")
    elif to is None:
        next_line("replay", folder, "--to", "replayed", why="keeps what is rebuilt, to look at")
    else:
        next_line("report", folder)
    sys.exit(0 if replayed.equal else 1)
