"""The versions of a file along a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from support.world import git

from planbot.repo.history import Version, spread, times, versions
from planbot.repo.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path


def commit(folder: Path, name: str, text: str, when: int) -> None:
    (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=A", "commit", "--quiet", "--date", f"@{when} +0000", "-m", f"at {when}")


def texts(folder: Path, name: str) -> list[str]:
    repository = Repository.open(folder)
    found = versions(repository, name)
    blobs = repository.read_blobs([version.blob for version in found])
    return [blobs[version.blob].decode() for version in found]


def repository_in(folder: Path) -> Path:
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def test_versions_come_oldest_first_and_other_files_are_left_out(tmp_path: Path) -> None:
    folder = repository_in(tmp_path)
    commit(folder, "PLAN.md", "one\n", 1)
    commit(folder, "other.md", "else\n", 2)
    commit(folder, "PLAN.md", "two\n", 3)
    assert texts(folder, "PLAN.md") == ["one\n", "two\n"]


def test_a_rename_is_followed(tmp_path: Path) -> None:
    folder = repository_in(tmp_path)
    long = "".join(f"line {number}\n" for number in range(20))
    commit(folder, "PLAN.md", long, 1)
    git(folder, "mv", "PLAN.md", "a name with spaces é.md")
    commit(folder, "a name with spaces é.md", long + "more\n", 2)
    assert texts(folder, "a name with spaces é.md") == [long, long + "more\n"]


def test_a_merge_is_one_version_of_the_branch_it_went_into(tmp_path: Path) -> None:
    folder = repository_in(tmp_path)
    commit(folder, "PLAN.md", "one\n", 1)
    git(folder, "switch", "--quiet", "--create", "side")
    commit(folder, "PLAN.md", "two\n", 2)
    commit(folder, "PLAN.md", "three\n", 3)
    git(folder, "switch", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--no-edit", "side")
    assert texts(folder, "PLAN.md") == ["one\n", "three\n"]


def test_times_never_go_back(tmp_path: Path) -> None:
    folder = repository_in(tmp_path)
    for text in ("one\n", "two\n", "three\n"):
        commit(folder, "PLAN.md", text, 1)
    times = [version.when for version in versions(Repository.open(folder), "PLAN.md")]
    assert times == sorted(times)
    assert len(times) == 3


def test_a_file_that_was_never_committed_has_no_versions(tmp_path: Path) -> None:
    folder = repository_in(tmp_path)
    (folder / "PLAN.md").write_text("new\n")
    assert texts(folder, "PLAN.md") == []


@given(st.integers(0, 50), st.integers(2, 20))
def test_versions_are_spread_from_the_first_to_the_last(count: int, most: int) -> None:
    found = tuple(Version(number, str(number)) for number in range(count))
    some = spread(found, most)
    assert len(some) == min(count, most)
    assert list(some) == sorted(set(some), key=lambda one: one.when)
    assert some[:1] == found[:1]
    assert some[-1:] == found[-1:]


def test_times_of_commits_come_newest_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    folder = repository_in(tmp_path)
    for text in ("one\n", "two\n", "three\n"):
        commit(folder, "PLAN.md", text, 1)
    found = times(Repository.open(folder), "HEAD", 2)
    assert len(found) == 2
    assert found[0] >= found[1] > 1_600_000_000
