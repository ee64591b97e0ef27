"""The command line: parse, call one function, print. Each file here is one group of commands."""

import sys
from pathlib import Path

__all__ = ["main"]

_HELP = Path(__file__).with_name("help.txt")


def main() -> None:
    """
    Run the program.

    A plain `--help` is printed from a file, since importing the commands
    takes several times as long as starting Python; a test compares the two.
    """
    if sys.argv[1:] in (["--help"], ["-h"]):
        sys.stdout.write(_HELP.read_text(encoding="utf-8"))
        return
    from act_spec.cli.program import main as run

    run()
