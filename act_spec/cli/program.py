"""
The program `act-spec`: its commands, and what becomes of an error.

Heavy packages are imported inside the commands that need them; `--help` and
the completion of a shell must stay quick.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import click

from act_spec import __version__
from act_spec.cli.comparing import compare_command
from act_spec.cli.extending import allow_plugin
from act_spec.cli.merging import merge_command
from act_spec.cli.packing import pack_command, recipes_command
from act_spec.cli.people import guide_command, import_command
from act_spec.cli.recipes import check_command, init_command, plan_command, schema_command
from act_spec.cli.replaying import bundle_command, replay_command
from act_spec.cli.results import labels_command, report_command
from act_spec.cli.reviewing import export_command, review_command
from act_spec.cli.running import run_command, status_command
from act_spec.cli.spots import spots_command
from act_spec.cli.testing import test_command
from act_spec.cli.training import train_command
from act_spec.errors import ActSpecError, RecipeError

_BUG = 70
_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="act-spec")
def program() -> None:
    """
    Label data with models, review the most suspicious with people.

    A recipe says what to label, how, with whom and for how much. Begin with

    \b
      act-spec init my-task --data my.csv
    """  # noqa: D301 - click wants the control character


for command in (
    init_command,
    check_command,
    plan_command,
    run_command,
    merge_command,
    status_command,
    guide_command,
    spots_command,
    review_command,
    export_command,
    import_command,
    labels_command,
    report_command,
    compare_command,
    train_command,
    test_command,
    replay_command,
    bundle_command,
    pack_command,
    recipes_command,
    schema_command,
):
    program.add_command(command)
    command.params.append(allow_plugin())


def main() -> None:
    """Run the program and exit with its code: 0, 1, 2, 3, 70 or 130."""
    as_json = "--json" in sys.argv
    try:
        code = program.main(standalone_mode=False)
    except click.ClickException as error:
        if as_json:
            _print_json_error([{"message": error.format_message()}])
        else:
            error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = _INTERRUPTED
    except ActSpecError as error:
        _show(error, as_json=as_json)
        code = error.exit_code
    except Exception:  # noqa: BLE001 - whatever is left is our own bug
        traceback.print_exc()
        click.echo(
            "This is a bug of act-spec, not of your recipe. Please report it with the lines above.", err=True
        )
        code = _BUG
    sys.exit(code or 0)


def _show(error: ActSpecError, *, as_json: bool) -> None:
    from act_spec.documents.printable import printable

    if as_json:
        problems = (
            [problem.as_json() for problem in error.problems]
            if isinstance(error, RecipeError)
            else [{"message": str(error)}]
        )
        _print_json_error(problems)
        return
    for line in str(error).splitlines():
        click.echo(printable(line), err=True)


def _print_json_error(problems: Sequence[Mapping[str, Any]]) -> None:
    click.echo(json.dumps({"format": 1, "errors": problems}, ensure_ascii=False))
