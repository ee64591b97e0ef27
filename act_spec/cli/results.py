"""`labels` and `report`: what a run delivers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import click

from act_spec.cli.choose import choose_run, json_option, needs_folder, next_line, plan_of_run, run_argument

Chosen = Literal["clear", "ambiguous"]
Rows = Literal["training_rows", "soft_labels"]


@click.command("labels")
@run_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="labels.parquet, .csv or .jsonl",
)
@click.option(
    "--weighted-rows",
    is_flag=True,
    help="For training elsewhere: item, label and weight; a corrected item stands twice.",
)
@click.option(
    "--set",
    "chosen",
    type=click.Choice(["clear", "ambiguous"]),
    help="Only the items that people called ambiguous, or all others.",
)
@click.option(
    "--soft",
    is_flag=True,
    help="What people answered: item, label and the share of their answers that gave it.",
)
@json_option
def labels_command(
    run: Path | None, output: Path, *, weighted_rows: bool, chosen: Chosen | None, soft: bool, as_json: bool
) -> None:
    """Write the final labels, with provenance and probabilities."""
    from act_spec.store.allocations import unanswered
    from act_spec.store.database import Store
    from act_spec.store.export import write_labels
    from act_spec.store.plans import current_plan

    if weighted_rows + soft + bool(chosen) > 1:
        raise click.UsageError(
            "--weighted-rows, --soft and --set are a file each; write one after the other."
        )
    rows: Rows | None = "training_rows" if weighted_rows else "soft_labels" if soft else None
    folder = choose_run(run)
    needs_folder(output)
    with Store.open(folder / "run.duckdb", read_only=True) as store:
        found = current_plan(store)
        sources = write_labels(store, output, rows or chosen or "labels")
        due = unanswered(store)
    plan_hash = (found or ("unknown", ""))[0]
    if as_json:
        facts = {"format": 1, "plan": plan_hash, "file": str(output), "labels": sources, "unanswered": due}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        by = ", ".join(f"{count:,} by {name}" for name, count in sources.items())
        click.echo(f"{output}   plan {plan_hash[:8]}   {sum(sources.values()):,} labels: {by}")
        if due:
            count = "1 item was" if due == 1 else f"{due:,} items were"
            click.echo(f"  {count} drawn for review and not answered yet; the machine's label stands there")
    next_line("report", folder)


@click.command("report")
@run_argument
@json_option
def report_command(run: Path | None, *, as_json: bool) -> None:
    """Write report.html and METHODS.md."""
    from act_spec.run.measure import measure
    from act_spec.run.report import write_report
    from act_spec.run.stage import Folder
    from act_spec.run.walk import open_run
    from act_spec.store.database import Store

    folder = Folder(choose_run(run))
    plan = plan_of_run(folder.path)
    with Store.open(folder.database) as store:
        plan = open_run(plan, store)
        measure(plan, store)
        write_report(plan, store, folder)
    report, methods = folder.path / "report.html", folder.path / "METHODS.md"
    if as_json:
        facts = {"format": 1, "name": plan.name, "plan": plan.hash, "files": [str(report), str(methods)]}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(f"{plan.name}   plan {plan.hash[:8]}")
        click.echo(f"  look   {report}")
        click.echo(f"  cite   {methods}")
    next_line("labels", folder.path, "-o", "labels.parquet")
