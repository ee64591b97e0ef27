"""`merge`: shards of a run into one run."""

from __future__ import annotations

import json
from pathlib import Path

import click

from act_spec.cli.choose import json_option, next_line


@click.command("merge")
@click.argument("shards", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The new run's folder; else the recipe's name beside the first shard.",
)
@json_option
def merge_command(shards: tuple[Path, ...], folder: Path | None, *, as_json: bool) -> None:
    """
    Make one run of all its shards; `run` goes on with it.

    SHARDS are the folders that `run --shard` made, all of them, or a pattern
    for them. They stay as they are.
    """
    from act_spec.documents.sharded import merged_text
    from act_spec.run.sharding import merge

    found = [path for given in shards for path in _matching(given)]
    facts = merge(found, folder)
    click.echo(json.dumps(facts.as_json(), ensure_ascii=False) if as_json else merged_text(facts))
    at_home = Path(facts.recipe).parent / "runs" / facts.name
    elsewhere = () if at_home.resolve() == Path(facts.folder).resolve() else ("--run", facts.folder)
    next_line("run", facts.recipe, *elsewhere, why="goes on as one run, with the draw; nothing is paid twice")


def _matching(given: Path) -> list[Path]:
    """A folder, or those that a pattern matches where no shell has done that."""
    if given.exists() or not any(sign in str(given) for sign in "*?["):
        return [given]
    found = sorted(given.parent.glob(given.name))
    if not found:
        raise click.UsageError(f"No folder matches {given}.")
    return found
