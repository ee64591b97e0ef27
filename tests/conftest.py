"""What many tests use: a store in memory, recorded data where it is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path

import canary
import promises
import pytest
from hypothesis import HealthCheck, settings

from act_spec.llm import client
from act_spec.store.database import Store

# The same examples each time, however long the machine takes for them: a change is judged by nothing else.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", type=Path, help="a file to merge what promises were measured at into")


def pytest_configure(config: pytest.Config) -> None:
    canary.put_up()
    if config.getoption("--promises"):
        config.pluginmanager.register(promises.Measured(config.getoption("--promises")))


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Told a promise's figure, such as "50 kills, 3 calls paid again"."""
    return lambda figure: record_property("measured", figure)


@pytest.fixture(scope="session", autouse=True)
def _imports_end() -> Iterator[None]:
    """LiteLLM is imported in a thread, and an interpreter that ends meanwhile may wait for ever."""
    yield
    if client._loaded is not None:
        wait([client._loaded], timeout=120)


@pytest.fixture(autouse=True)
def _no_key_gets_out(request: pytest.FixtureRequest) -> Iterator[None]:
    """First set up and so last to look, when all that a test makes is there; see `canary`."""
    yield
    canary.look_after(request.node)


@pytest.fixture(scope="session", autouse=True)
def _no_key_got_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """In folders that several tests share."""
    yield
    canary.look_at_files(tmp_path_factory.getbasetemp(), databases=False)


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty run in memory."""
    with Store.open() as opened:
        yield opened


@pytest.fixture
def recorded_data() -> Path:
    """Recorded answers of real models; tests that want them skip where they are absent."""
    folder = Path(os.environ.get("ACT_SPEC_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the recorded answers are not here; ACT_SPEC_TEST_DATA names their folder")
    return folder
