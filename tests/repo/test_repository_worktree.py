from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from repo.git_world import World, run

from planbot.errors import GitError, UsageError
from planbot.repo.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_the_work_tree_holds_what_is_tracked_and_what_is_not_but_not_what_is_ignored(world: World) -> None:
    (world.clone / ".gitignore").write_text("*.log\nbuild/\n")
    for name in ("new.md", "x.log", "line\nbreak.md", "ünï.md"):
        (world.clone / name).write_text("x")
    (world.clone / "build").mkdir()
    (world.clone / "build" / "plan.md").write_text("x")
    found = world.repository().worktree_files()
    assert sorted(found) == [".gitignore", "PLAN.md", "line\nbreak.md", "new.md", "ünï.md"]


def test_a_tracked_file_that_is_not_there_is_left_out(world: World) -> None:
    (world.clone / "PLAN.md").unlink()
    assert world.repository().worktree_files() == ()


def test_links_are_left_out(world: World) -> None:
    (world.clone / "link.md").symlink_to("PLAN.md")
    assert world.repository().worktree_files() == ("PLAN.md",)


def test_the_work_tree_is_the_whole_one_from_a_subfolder(world: World) -> None:
    (world.clone / "docs").mkdir()
    (world.clone / "docs" / "plan.md").write_bytes(b"one\r\n")
    repository = Repository.open(world.clone / "docs")
    assert repository.worktree_files() == ("PLAN.md", "docs/plan.md")
    assert repository.read_worktree("docs/plan.md") == b"one\r\n"


def test_a_link_inside_the_repository_is_read(world: World) -> None:
    (world.clone / "link.md").symlink_to("PLAN.md")
    assert world.repository().read_worktree("link.md") == b"# Plan\n\n- [ ] one\n"


@pytest.mark.parametrize("path", ["out.md", "out/secret", "../secret", "docs/../../secret"])
def test_nothing_outside_the_repository_is_read(world: World, path: str) -> None:
    (world.folder / "secret").write_text("secret")
    (world.clone / "docs").mkdir()
    (world.clone / "out.md").symlink_to(world.folder / "secret")
    (world.clone / "out").symlink_to(world.folder)
    with pytest.raises(UsageError, match="outside the repository"):
        world.repository().read_worktree(path)


def test_a_file_that_is_not_there_is_told(world: World) -> None:
    with pytest.raises(UsageError, match=r"no\.md cannot be read: No such file"):
        world.repository().read_worktree("no.md")


def test_a_bare_repository_has_no_work_tree(world: World) -> None:
    repository = Repository.open(world.origin)
    with pytest.raises(GitError, match="bare repository"):
        repository.worktree_files()
    with pytest.raises(GitError, match="bare repository"):
        repository.read_worktree("HEAD")


def test_looking_at_the_work_tree_does_not_touch_the_index(world: World) -> None:
    index = world.clone / ".git" / "index"
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    (world.clone / "PLAN.md").touch()
    world.repository().worktree_files()
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before
    assert run(world.clone, "status", "--porcelain") == ""
