"""The command line: parse, call one function, print. Each file here is one group of commands."""

from act_spec.cli.main import main

__all__ = ["main"]
