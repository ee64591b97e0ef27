from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

import act_spec
from act_spec.cli.program import program


def test_the_help_that_is_kept_is_the_one_that_the_commands_give():
    """`make docs` writes it again."""
    kept = (Path(act_spec.__file__).parent / "cli" / "help.txt").read_text(encoding="utf-8")

    given = CliRunner().invoke(program, ["--help"], prog_name="act-spec", terminal_width=100).output

    assert kept == given
