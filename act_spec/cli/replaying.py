"""`replay` and `bundle`: a run that others can check."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from act_spec.cli.choose import (
    choose_run,
    compile_recipe,
    json_option,
    needs_folder,
    next_line,
    plan_of_run,
    run_argument,
)

if TYPE_CHECKING:
    from act_spec.documents.replayed import Replayed


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

    RUN is a run, its recipe, or a bundle. Needs no key and sends nothing: a
    reply that is not recorded is an error.
    """
    from act_spec.documents.replayed import replay_text

    is_bundle = run is not None and run.is_file() and run.suffix.lower() == ".zip"
    source = run if run is not None and is_bundle else choose_run(run)
    with TemporaryDirectory(prefix="act-spec-") as scratch:
        target = to or Path(scratch) / "replay"
        replayed = _replay_bundle(source, target) if is_bundle else _replay_run(source, target)
    click.echo(json.dumps(replayed.as_json(), ensure_ascii=False) if as_json else replay_text(replayed))
    if to is not None:
        next_line("labels", to, "-o", "labels.parquet")
    elif is_bundle or not replayed.equal:
        next_line("replay", source, "--to", "replayed", why="keeps what is rebuilt, to look at")
    else:
        next_line("bundle", source, "-o", f"{replayed.name}.zip", why="for whoever wants to check it too")
    sys.exit(0 if replayed.equal else 1)


@click.command("bundle")
@run_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The archive: a .zip.",
)
@click.option("--without-items", is_flag=True, help="Leave out item texts, model replies and notes.")
@json_option
def bundle_command(run: Path | None, output: Path, *, without_items: bool, as_json: bool) -> None:
    """
    Write a run as one archive for whoever checks it.

    With items, `act-spec replay` rebuilds the run from the archive alone.
    """
    from act_spec.run.bundle import write_bundle

    if output.suffix.lower() != ".zip":
        raise click.UsageError(f"A bundle is a .zip: write -o {output.with_suffix('.zip')}.")
    folder = choose_run(run)
    needs_folder(output)
    plan = plan_of_run(folder)
    made = write_bundle(plan, folder, output, with_items=not without_items)
    if as_json:
        facts = {
            "format": 1,
            "file": str(output),
            "plan": plan.hash,
            "items": not without_items,
            "files": made.files,
        }
        click.echo(json.dumps({**facts, "bytes": made.size, "sha256": made.sha256}, ensure_ascii=False))
    else:
        said = "without items" if without_items else "with items"
        click.echo(f"{output}   plan {plan.hash[:8]}   {made.files:,} files, {made.size:,} bytes, {said}")
        click.echo(f"  sha256 {made.sha256}")
    if without_items:
        next_line("report", folder)
    else:
        next_line("replay", output, why="rebuilds it anywhere, without a key")


def _replay_run(run: Path, to: Path) -> Replayed:
    from act_spec.run.replay import replay

    return replay(plan_of_run(run), run, to)


def _replay_bundle(bundle: Path, to: Path) -> Replayed:
    from act_spec.run.replay import replay
    from act_spec.run.unpack import home_at, unpacked

    with unpacked(bundle) as found, home_at(found.home):
        found.refuse_files_outside()
        return replay(compile_recipe(found.recipe, found.settings), found.run, to)
