"""Workers on a Ray cluster of two nodes; Ray is no part of the tests' environment, and is wanted by `long` tests alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer
from walking import database, walk_recipe, write_recipe

from act_spec.engine.workers.cluster import check_cluster, installed_ray
from act_spec.errors import ModelCallError
from act_spec.store.database import Store

CANARY = "canary-that-no-log-may-hold"
_RESULTS = (
    "SELECT item_id, label, status FROM annotations ORDER BY ALL",
    "SELECT item_id, error_probability, status FROM judgments ORDER BY ALL",
    "SELECT item_id, label, source, inclusion_probability FROM labels ORDER BY ALL",
)


@pytest.mark.parametrize(
    ("environment", "installed", "said"),
    [
        ({}, None, r"not installed: pip install 'act_spec\[ray\]'"),
        ({}, "2.51.2", "Ray 2.51.2 knows no authentication"),
        ({"RAY_ADDRESS": "10.0.0.1:6379"}, "2.60.0", "set that here too"),
        ({"RAY_ADDRESS": "auto", "RAY_AUTH_MODE": "disabled"}, "2.60.0", "RAY_AUTH_MODE=token"),
        ({"RAY_ADDRESS": "ray://head:10001", "RAY_AUTH_MODE": "token"}, "2.60.0", "on a machine of"),
    ],
)
def test_a_cluster_that_may_not_be_used_is_refused(environment, installed, said):
    with pytest.raises(ModelCallError, match=said):
        check_cluster(environment, installed)


@pytest.mark.parametrize("environment", [{}, {"RAY_ADDRESS": "auto", "RAY_AUTH_MODE": "token"}])
def test_a_cluster_with_authentication_is_used(environment):
    check_cluster(environment, "2.52.0")


@dataclass(frozen=True)
class Nodes:
    """A cluster: what joins it, the process that it descends from, and its folder with its logs."""

    environment: Mapping[str, str]
    process: int
    folder: Path

    def descendants(self, of_command: str) -> list[int]:
        """Its processes whose command line holds a text."""
        parents: dict[int, int] = {}
        commands: dict[int, str] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                commands[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
        return [pid for pid in commands if of_command in commands[pid] and self._is_ours(pid, parents)]

    def _is_ours(self, pid: int, parents: Mapping[int, int]) -> bool:
        while pid > 1 and pid != self.process:
            pid = parents.get(pid, 0)
        return pid == self.process


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    if installed_ray() is None:
        pytest.skip("Ray is not installed here: pip install 'act_spec[ray]'")
    # Its sockets stand in this folder, and their names may not be long.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        yield from _running(Path(folder))


def _running(folder: Path) -> Iterator[Nodes]:
    environment = os.environ | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": "0123456789abcdef" * 4,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_TMPDIR": str(folder),
    }
    program = [sys.executable, str(Path(__file__).parents[1] / "two_nodes.py")]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        address = process.stdout.readline().strip()
        yield Nodes(environment | {"RAY_ADDRESS": address, "MY_MODEL_KEY": CANARY}, process.pid, folder)
        process.stdin.close()


def run_losing(
    recipe: Path, server: ModelServer, nodes: Nodes, calls: int, lose: Callable[[], int]
) -> Mapping[str, Any]:
    """What `run --engine ray --json` says, with a process killed once it has made so many calls."""
    command = ["run", str(recipe), "--engine", "ray", "--workers", "2", "--yes", "--json"]
    program = "import sys; from act_spec.cli import main; sys.argv[0] = 'act-spec'; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *command], stdout=subprocess.PIPE, text=True, env=nodes.environment
    ) as process:
        while server.billed.total() < calls and process.poll() is None:
            time.sleep(0.005)
        os.kill(lose(), signal.SIGKILL)
        said, _ = process.communicate(timeout=500)
    assert process.returncode == 0
    return dict(json.loads(said))


def walked_with_a_loss(folder: Path, nodes: Nodes, items: int, lose: Callable[[], int]) -> tuple[int, int]:
    """Calls made again, and calls billed twice; results must be those of a run without Ray."""
    here, there = folder / "here", folder / "there"
    here.mkdir()
    there.mkdir()
    results = []
    with ModelServer(latency_s=0.01) as server:
        recipe = write_recipe(there, server.url, items, concurrency=32, key="MY_MODEL_KEY")
        # In the middle of the judging.
        run_losing(recipe, server, nodes, items + items // 2, lose)
        twice = sum(times > 1 for times in server.billed.values())
        alone = write_recipe(here, server.url, items, concurrency=32)
        walk_recipe(alone)
    for one in (recipe, alone):
        with Store.open(database(one), read_only=True) as store:
            results.append([store.rows(query) for query in _RESULTS])
            again, stored, keys = store.one(
                "SELECT count(*) FILTER (WHERE attempts > 1), count(*), count(DISTINCT call_key) FROM calls"
            )
            assert stored == keys == 2 * items
            if one is recipe:
                made_again = again
    assert results[0] == results[1]
    assert twice <= made_again <= 32
    return made_again, twice


def held_by_logs(folder: Path, secret: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


@pytest.mark.long
def test_a_worker_process_of_a_cluster_is_killed_half_way(tmp_path, nodes, capsys):
    """5,000 items on two nodes: results as here, nothing committed is paid twice, and no log holds the key."""
    again, twice = walked_with_a_loss(
        tmp_path, nodes, 5000, lambda: nodes.descendants("ray::ClusterWorker")[0]
    )

    with capsys.disabled():
        print(f"\n10,000 calls, a worker killed: {again} made again, {twice} billed twice")
    assert again > 0
    assert held_by_logs(nodes.folder, CANARY) == []
    assert any(nodes.folder.rglob("raylet.out"))


@pytest.mark.long
def test_a_node_of_a_cluster_is_lost_half_way(tmp_path, nodes, capsys):
    """Its worker finds no place on the other node, and the run goes on with one."""

    def lose() -> int:
        raylets = nodes.descendants("raylet/raylet")
        heads = nodes.descendants("--head")
        return next(pid for pid in raylets if pid not in heads)

    again, twice = walked_with_a_loss(tmp_path, nodes, 500, lose)

    with capsys.disabled():
        print(f"\n1,000 calls, a node lost: {again} made again, {twice} billed twice")
