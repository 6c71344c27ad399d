"""What changes the service as a whole, when it goes wrong."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from planbot.service.answers import KeptAnswers
from planbot.service.clones import Clones
from planbot.service.credentials import OneToken
from planbot.service.keeper import Keeper, Made
from planbot.service.passes import Passes
from planbot.service.roster import Kept, Roster
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from planbot.service.settings import ServiceSettings


def test_a_mistake_of_planbots_own_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TOKEN", "ghp_0123456789")
    path = tmp_path / "service.yml"
    path.write_text("credentials: {token: {env: TOKEN}}\nrepositories: [octo/plans]\n")
    taken: list[tuple[Kept, ...]] = []
    faults: list[Exception] = []

    def make(settings: ServiceSettings) -> Made:
        if faults:
            raise faults.pop()
        credentials = OneToken(settings.api_url, Token("ghp_0123456789"), timeout=1)
        clones = Clones(tmp_path, 1, settings.html_url, timeout=1)
        passes = Passes(settings, credentials, clones, KeptAnswers(0), threading.Event())
        return Made(settings, passes, Roster(settings.repositories, credentials))

    keeper = Keeper(path, make, lambda _, kept: taken.append(kept))
    faults.append(ZeroDivisionError("oh"))
    with caplog.at_level(logging.ERROR):
        keeper._do("reload")
    assert "by a mistake of planbot's own" in caplog.text
    assert keeper._again is not None
    assert keeper._again[1] == "reload"
    assert taken == []
    keeper.refresh()
    assert keeper._next() == "reload"
    keeper._do("reload")
    assert [one.name for one in taken[0]] == ["octo/plans"]
