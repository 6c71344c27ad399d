"""Whose a commit is, what it stands on, and whether it can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from repo.git_world import World, run

from planbot.repo.objects import PLANBOT
from planbot.repo.repository import Repository
from planbot.repo.writeback import build_commit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_a_commit_is_planbots_until_somebody_changes_it(world: World) -> None:
    repository = world.repository()
    ours = build_commit(repository, world.head, {"a.md": b"a"}, "Tick 1 box\n", 1_700_000_000)
    assert repository.is_ours(ours)
    assert not repository.is_ours(world.head)
    run(world.clone, "checkout", "--quiet", ours)
    run(world.clone, "commit", "--quiet", "--amend", "--no-edit")
    amended = run(world.clone, "rev-parse", "HEAD")
    assert run(world.clone, "log", "-1", "--format=%an", amended) == PLANBOT.name
    assert not repository.is_ours(amended)


def test_a_message_that_looks_like_a_head_makes_no_commit_planbots(world: World) -> None:
    message = f"x\n\ncommitter {PLANBOT.name} <{PLANBOT.email}> 1 +0000\n"
    run(world.clone, "commit", "--quiet", "--allow-empty", "--message", message)
    assert not world.repository().is_ours(run(world.clone, "rev-parse", "HEAD"))


def test_a_commit_stands_on_a_branch_if_all_below_it_is_there(world: World) -> None:
    repository = world.repository()
    one = build_commit(repository, world.head, {"a.md": b"a"}, "one", 1_700_000_000)
    two = build_commit(repository, one, {"a.md": b"b"}, "two", 1_700_000_000)
    assert repository.stands_on(one, world.head)
    assert not repository.stands_on(two, world.head)
    assert not repository.stands_on(world.head, world.head), "it has no parent"


def test_a_commit_beyond_the_end_of_a_shallow_clone_is_fetched(world: World) -> None:
    world.commit({"more.md": b"more"})
    run(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.origin}", "shallow")
    repository = Repository.open(world.folder / "shallow")
    before = run(world.folder / "shallow", "for-each-ref")
    assert repository.bring(world.head)
    assert [file.path for file in repository.files(world.head)] == ["PLAN.md"]
    assert run(world.folder / "shallow", "for-each-ref") == before
    assert run(world.folder / "shallow", "rev-parse", "--is-shallow-repository") == "true"
    assert not repository.bring("c0ffee" * 6 + "c0ff")


def test_a_proposal_made_long_ago_brings_no_history_into_a_shallow_clone(world: World) -> None:
    run(world.alice, "checkout", "--quiet", "-b", "proposal")
    proposed = world.commit({"PLAN.md": b"# Plan\n\n- [x] one\n"}, branch="planbot/progress")
    run(world.alice, "checkout", "--quiet", "main")
    head = world.commit({"more.md": b"more"})
    run(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.origin}", "shallow")
    fetched = Repository.open(world.folder / "shallow").fetch("main")
    assert (fetched.head, fetched.progress) == (head, proposed)
    shallow = world.folder / "shallow"
    assert run(shallow, "rev-list", "--count", proposed) == "1"
    assert run(shallow, "cat-file", "blob", f"{proposed}:PLAN.md").endswith("- [x] one")
    assert Repository.open(world.clone).fetch("main").progress == proposed
    assert run(world.clone, "rev-list", "--count", proposed) == "2"


def test_a_work_tree_is_behind_what_its_commit_lacks(world: World) -> None:
    repository = world.repository()
    before = run(world.clone, "rev-parse", "HEAD")
    assert not repository.is_behind(before)
    run(world.clone, "commit", "--quiet", "--allow-empty", "--message", "more")
    after = run(world.clone, "rev-parse", "HEAD")
    assert not repository.is_behind(before)
    run(world.clone, "checkout", "--quiet", before)
    assert repository.is_behind(after)
    run(world.clone, "commit", "--quiet", "--allow-empty", "--message", "aside")
    assert repository.is_behind(after)


def test_a_shallow_clone_is_behind_only_where_it_can_tell(world: World) -> None:
    run(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.origin}", "shallow")
    repository = Repository.open(world.folder / "shallow")
    run(world.folder / "shallow", "checkout", "--quiet", "--orphan", "aside")
    run(world.folder / "shallow", "commit", "--quiet", "--message", "a merge whose parents are cut off")
    fetched = repository.fetch("main").head
    assert fetched is not None
    assert repository.last_head == fetched
    assert not repository.is_behind(fetched)
    run(world.folder / "shallow", "checkout", "--quiet", "main")
    assert not repository.is_behind(fetched)
