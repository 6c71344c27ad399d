"""planbot's commands, and a world around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli.commands import Planbot, environment

if TYPE_CHECKING:
    from pathlib import Path

    from support.world import World


@pytest.fixture
def planbot(capsys: pytest.CaptureFixture[str]) -> Planbot:
    """Run commands in this process."""
    return Planbot(capsys)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def at_work(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Stand in a clone, with an environment that leads to the sandbox."""
    monkeypatch.chdir(world.work)
    for name, value in environment(world).items():
        monkeypatch.setenv(name, value)
    return world
