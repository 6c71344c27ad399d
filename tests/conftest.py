"""What every test may use."""

from __future__ import annotations

import logging
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from support.postgres import Postgres, postgres
from support.world import World

from planbot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["support.contract_plugin"]

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"

# other processes share the machine: a slow example is no finding
# and what CI says of a commit must not depend on the day: new examples are looked for once a week, and by hand
settings.register_profile(
    "default",
    deadline=None,
    derandomize=bool(os.environ.get("CI") or os.environ.get("PLANBOT_SAME_EXAMPLES")),
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long", parent=settings.get_profile("default"), derandomize=False, max_examples=10_000
)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def _no_ambient_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the shell or a workflow says about GitHub out of the tests."""
    for name in (
        *("API_URL", "REPOSITORY", "TOKEN", "REF", "SHA", "ACTIONS", "SERVER_URL", "WORKFLOW_REF"),
        *("EVENT_NAME", "EVENT_PATH", "OUTPUT", "STEP_SUMMARY"),
    ):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)
    monkeypatch.delenv("GH_TOKEN", raising=False)


@pytest.fixture(autouse=True)
def _no_lasting_logs() -> Iterator[None]:
    """Log as before after a test that starts a service's logs: their stream ends with it."""
    loggers = (logging.getLogger(), logging.getLogger("planbot"))
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    yield
    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve a fresh sandbox."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> Iterator[World]:
    """Make a repository with a tracker and people around it."""
    made = World(tmp_path, sandbox)
    yield made
    made.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres]:
    """Run a PostgreSQL for all tests of a process."""
    with postgres() as running:
        yield running


@pytest.fixture
def database(cluster: Postgres) -> str:
    """Make an empty database and return its address."""
    return cluster.database()


@pytest.fixture(scope="module")
def sums(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Let the tests of a module count what they tried, and tell the sums after the last of them."""
    counts: Counter[str] = Counter()
    yield counts
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{request.node.name}: {told}")


@pytest.fixture(scope="session")
def shared_plans() -> Path:
    """Return the folder of collected plan files, which is not part of this repository."""
    folder = SHARED / "plans"
    if not folder.is_dir():
        pytest.skip("the collection of plan files is not there")
    return folder
