"""A saved change set is applied exactly, or not at all because the world moved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import PLAN, World

from planbot.engine import Options
from planbot.errors import ChangedError
from planbot.sync.saved import read_saved, saved_changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.commands import Planbot

IN_STEP = "Nothing to do: 1 plan file and the issues of octo/plans are in step.\n"


@pytest.fixture
def synced(at_work: World) -> World:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    return at_work


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return tmp_path / "changes.json"


def rename(world: World) -> None:
    world.edit("1.1 Store keys", "1.1 Keep keys")


def tick_in_plan(world: World) -> None:
    world.edit("[ ] paging shows", "[x] paging shows")


def tick_in_issue(world: World) -> None:
    world.set_box("Phase 1", "the page opens")


def leave(world: World) -> None:
    world.edit("#### 1.2 Answer repeated keys\n\nSee [the guide](docs/guide.md).\n\n", "")


def change_text(world: World) -> None:
    world.edit("Keys are forgotten", "Keys are lost")


CHANGES = (rename, tick_in_plan, tick_in_issue, leave, change_text)


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_saved_is_what_is_done(
    planbot: Planbot, synced: World, saved: Path, change: Callable[[World], None]
) -> None:
    change(synced)
    planbot("diff", "--commit", "origin/main", "--save", saved).require()
    data = json.loads(saved.read_text())
    assert data["changes"]
    planbot("sync", "--pace", "0", "--changes", saved).require()
    assert planbot("sync", "--pace", "0").require().out == IN_STEP


def test_a_first_sync_can_be_saved(planbot: Planbot, at_work: World, saved: Path) -> None:
    at_work.commit({PLAN: SMALL})
    planbot("diff", "--commit", "HEAD", "--save", saved).require()
    planbot("sync", "--pace", "0", "--changes", saved).require()
    assert len(at_work.issues()) == 6


@pytest.mark.parametrize("meanwhile", CHANGES)
def test_a_world_that_moved_is_left_alone(
    planbot: Planbot, synced: World, saved: Path, meanwhile: Callable[[World], None]
) -> None:
    synced.edit("- [ ] the tests pass", "- [x] the tests pass")
    planbot("diff", "--commit", "HEAD", "--save", saved).require()
    meanwhile(synced)
    before, issues = synced.refs(), synced.issues()
    outcome = planbot("sync", "--pace", "0", "--changes", saved).require(4)
    assert "nothing was written, for the world has moved since the changes were saved:" in outcome.err
    assert "\n  new: " in outcome.err
    assert (synced.refs(), synced.issues()) == (before, issues)


def test_what_was_done_already_is_not_done_again(planbot: Planbot, synced: World, saved: Path) -> None:
    rename(synced)
    planbot("diff", "--commit", "HEAD", "--save", saved).require()
    planbot("sync", "--pace", "0").require()
    err = planbot("sync", "--pace", "0", "--changes", saved).require(4).err
    assert "not wanted any more: update task #" in err


def test_what_changes_nothing_of_it_does_not_matter(planbot: Planbot, synced: World, saved: Path) -> None:
    rename(synced)
    planbot("diff", "--commit", "HEAD", "--save", saved).require()
    synced.commit({"README.md": "hello\n"})
    synced.person.comment(synced.issue("1.1").number, "nice")
    synced.edit("## Context Summary", "\n\n## Context Summary")
    planbot("sync", "--pace", "0", "--changes", saved).require()


def test_limits_hold_for_saved_changes_too(planbot: Planbot, synced: World, saved: Path) -> None:
    synced.commit({PLAN: None})
    planbot("diff", "--commit", "HEAD", "--save", saved).require()
    assert f"{PLAN} is gone" in planbot("sync", "--pace", "0", "--changes", saved).require(4).err
    planbot("sync", "--pace", "0", "--changes", saved, "--allow", "closes").require()


def test_a_tick_made_while_it_is_applied_is_not_taken_along(synced: World) -> None:
    """A change set with ticks for both sides takes two rounds; what is new in the second one was not saved."""
    tick_in_issue(synced)
    tick_in_plan(synced)
    wanted = synced.diff()
    saved = read_saved(saved_changes(wanted.repository, "", wanted.changes, wanted.ticks), "saved")

    def meanwhile(_text: str) -> None:
        synced.on_tell = lambda _: None
        synced.set_box("Billing", "Who answers the phone?")

    synced.on_tell = meanwhile
    with synced.tracker(synced.bot_token) as tracker, pytest.raises(ChangedError) as refused:
        synced.engine(tracker, options=Options(saved=saved)).sync()
    assert "the rest was not written" in refused.value.message
    assert "new: tick" in refused.value.message
    assert b"[x] the page opens" in synced.plan()
    assert b"[x] Who answers" not in synced.plan()
    synced.sync()
    assert b"[x] Who answers" in synced.plan()


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "is no saved change set"),
        ("[]", "is no saved change set"),
        ('{"version": 1}', "is no saved change set"),
        ('{"version": 2}', "was saved by another version"),
    ],
)
def test_a_file_that_is_none_is_bad_usage(planbot: Planbot, saved: Path, text: str, said: str) -> None:
    saved.write_text(text)
    assert said in planbot("sync", "--changes", saved).require(2).err


@pytest.mark.usefixtures("synced")
def test_changes_of_another_repository_are_refused(planbot: Planbot, saved: Path) -> None:
    planbot("diff", "--commit", "HEAD", "--save", saved).require()
    saved.write_text(saved.read_text().replace("octo/plans", "octo/other"))
    assert "saved for octo/other" in planbot("sync", "--changes", saved).require(4).err


@pytest.mark.usefixtures("synced")
def test_only_a_commits_changes_can_be_saved(planbot: Planbot, saved: Path) -> None:
    assert "--save needs --commit" in planbot("diff", "--save", saved).require(2).err
    planbot("diff", "--commit", "HEAD", "--save", saved).require()
    assert "do not go together" in planbot("sync", "--changes", saved, "--dry-run").require(2).err
