"""`spots`: where the machine is sure and wrong, and what is written against it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from act_spec.cli.choose import choose_run, json_option, next_line, plan_of_run, run_argument

if TYPE_CHECKING:
    from act_spec.documents.spots import SpotFacts


@click.command("spots")
@run_argument
@click.option(
    "--accept",
    type=click.IntRange(1),
    metavar="NUMBER",
    multiple=True,
    help="Let training take this example.",
)
@click.option(
    "--decline",
    type=click.IntRange(1),
    metavar="NUMBER",
    multiple=True,
    help="Keep this example out of training.",
)
@click.option("--accept-all", is_flag=True, help="Accept every example that nobody has decided on.")
@click.option("--by", metavar="NAME", help="Who decides or teaches; stored with it.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write a .csv to teach in."
)
@click.option(
    "--take",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Take such a file back: patterns and examples.",
)
@json_option
def spots_command(  # noqa: PLR0913 - one argument an option
    run: Path | None,
    accept: tuple[int, ...],
    decline: tuple[int, ...],
    by: str | None,
    output: Path | None,
    take: Path | None,
    *,
    accept_all: bool,
    as_json: bool,
) -> None:
    """
    Show where the machine is sure and wrong (blind_spots), and decide on examples.

    Examples that a model wrote are listed with their numbers. Unless the
    recipe says `train_on: all`, training takes those alone that a person has
    accepted. A person's own count at once.
    """
    from act_spec.documents.printable import printable
    from act_spec.documents.spots import spots_csv, spots_text
    from act_spec.plan.wording import amount
    from act_spec.run.guiding import write_guideline
    from act_spec.run.spots import decide, spot_facts, take_lessons
    from act_spec.run.stage import Folder
    from act_spec.run.walk import open_run
    from act_spec.store.blind_spots import synthetic_rows
    from act_spec.store.database import Store
    from act_spec.whole_files import write_whole

    if (accept or decline or accept_all or take) and not (by or "").strip():
        raise click.UsageError("Say who decides or teaches: --by NAME.")
    folder = choose_run(run)
    plan = plan_of_run(folder)
    with Store.open(folder / "run.duckdb") as store:
        plan = open_run(plan, store)
        if accept_all:
            accept = (*accept, *(row.number for row in synthetic_rows(store) if row.decision is None))
        decide(
            store,
            [one for one in dict.fromkeys(accept) if one not in decline or not accept_all],
            decline,
            by or "",
        )
        new, problems = take_lessons(plan, store, take, by or "") if take else (0, [])
        if new:
            write_guideline(plan, store, Folder(folder))
        facts = spot_facts(plan, store)
    if output is not None:
        write_whole(output, spots_csv(facts, list(plan.data.show)))
    if as_json:
        click.echo(json.dumps({"format": 1, "spots": [_json(spot) for spot in facts]}, ensure_ascii=False))
    else:
        click.echo(f"{plan.name}   plan {plan.hash[:8]}   {amount(len(facts), 'blind spot')}")
        click.echo(spots_text(facts, sought=plan.blind_spots is not None))
        if take:
            click.echo(f"  taken in: {amount(new, 'new example')}")
    for problem in problems:
        click.echo(printable(str(problem)), err=True)
    waiting = [one.number for spot in facts for one in spot.examples if one.decision is None]
    if waiting:
        next_line("spots", folder, "--accept", waiting[0], "--by", "NAME", why="or --decline")
    else:
        next_line("train", folder)
    sys.exit(1 if problems else 0)


def _json(spot: SpotFacts) -> dict[str, Any]:
    return {**vars(spot), "examples": [vars(one) for one in spot.examples]}
