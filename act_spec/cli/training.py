"""`train`: what the labels are good for."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import click

from act_spec.cli.choose import choose_run, json_option, next_line, plan_of_run, run_argument


@click.command("train")
@run_argument
@json_option
def train_command(run: Path | None, *, as_json: bool) -> None:
    """
    Train on what came out, and measure the gap to human labels.

    Where gold is known it compares models trained on human, machine and
    delivered labels, at this budget and at others. Every score is kept as it
    is made; the same command goes on after an interruption.
    """
    if find_spec("torch") is None or find_spec("safetensors") is None:
        raise click.UsageError(
            "Training needs PyTorch, which is not installed: pip install 'act_spec[train]'."
        )
    from act_spec.cli.progress import ProgressLines
    from act_spec.run.walk import open_run
    from act_spec.store.database import Store
    from act_spec.train.session import train
    from act_spec.train.summary import as_json as json_of
    from act_spec.train.summary import as_text

    folder = choose_run(run)
    plan = plan_of_run(folder)
    with ProgressLines(quiet=as_json) as progress, Store.open(folder / "run.duckdb") as store:
        open_run(plan, store)
        found = train(plan, store, folder / "model", progress.show)
    click.echo(json.dumps(json_of(found), ensure_ascii=False) if as_json else as_text(found))
    next_line("report", folder)
