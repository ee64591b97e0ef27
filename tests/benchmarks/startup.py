"""How long `act-spec --help` takes, as a multiple of a bare interpreter's start."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

_HELP = "import sys; sys.argv = ['act-spec', '--help']; from act_spec.cli import main; main()"
_TIMES = 15
_MOST = 4.0


def fastest(code: str) -> float:
    """The shortest of several runs, in seconds: the others were disturbed."""
    times = []
    for _ in range(_TIMES):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
        times.append(perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    bare, program = fastest("pass"), fastest(_HELP)
    print(
        f"act-spec --help  {program * 1000:.0f} ms = {program / bare:.1f} x {bare * 1000:.0f} ms; wanted below {_MOST:.0f} x"
    )
    sys.exit(program / bare >= _MOST)
