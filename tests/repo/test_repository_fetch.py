from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from repo.git_server import GitServer
from repo.git_world import World, refs, run

from planbot.errors import GitError, UsageError
from planbot.repo.repository import JOURNAL_REF, PROGRESS_REF, Fetched, Repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def private(folder: Path) -> list[str]:
    return [name for name in refs(folder) if name.startswith("refs/planbot-remote/")]


def test_the_branch_the_journal_and_the_progress_branch_come_at_once(world: World) -> None:
    journal, progress = world.commit({"x": b"1"}), world.commit({"x": b"2"})
    world.push_ref(JOURNAL_REF, journal)
    world.push_ref(PROGRESS_REF, progress)
    assert world.repository().fetch("main") == Fetched(progress, journal, progress)


def test_what_the_remote_does_not_have_is_none(world: World) -> None:
    assert world.repository().fetch("main") == Fetched(world.head, None, None)


def test_a_journal_that_was_deleted_is_none_again(world: World) -> None:
    world.push_ref(JOURNAL_REF, world.head)
    world.push_ref(PROGRESS_REF, world.head)
    repository = world.repository()
    assert repository.fetch("main").journal == world.head
    world.push_ref(JOURNAL_REF, None)
    world.push_ref(PROGRESS_REF, None)
    assert repository.fetch("main") == Fetched(world.head, None, None)


def test_a_branch_that_was_rewound_is_followed(world: World) -> None:
    repository = world.repository()
    newer = world.commit({"x": b"1"})
    assert repository.fetch("main").head == newer
    world.push_ref("refs/heads/main", world.head)
    assert repository.fetch("main").head == world.head


def test_a_missing_branch_does_not_hide_the_journal(world: World) -> None:
    world.push_ref(JOURNAL_REF, world.head)
    assert world.repository().fetch("no/such") == Fetched(None, world.head, None)


def test_an_empty_origin_has_nothing(world: World) -> None:
    run(world.folder, "init", "--quiet", "--bare", "empty.git")
    run(world.clone, "remote", "set-url", "origin", str(world.folder / "empty.git"))
    assert world.repository().fetch("main") == Fetched(None, None, None)


def test_another_remote_can_be_named(world: World) -> None:
    run(world.clone, "remote", "rename", "origin", "upstream")
    assert Repository.open(world.clone, "upstream").fetch("main").head == world.head


def test_the_users_refs_and_fetch_head_stay_as_they_are(world: World) -> None:
    run(world.clone, "fetch", "--quiet")
    before = refs(world.clone)
    fetch_head = (world.clone / ".git" / "FETCH_HEAD").read_bytes()
    world.push_ref(JOURNAL_REF, world.head)
    newer = world.commit({"x": b"1"})
    world.push_ref("refs/tags/v1", newer)
    world.push_ref("refs/heads/topic", newer)
    run(world.clone, "config", "fetch.prune", "true")
    assert world.repository().fetch("main").head == newer
    ours = private(world.clone)
    assert {name: commit for name, commit in refs(world.clone).items() if name not in ours} == before
    assert (world.clone / ".git" / "FETCH_HEAD").read_bytes() == fetch_head


def test_what_was_fetched_is_kept_for_the_next_time_and_nothing_else(world: World) -> None:
    world.push_ref(JOURNAL_REF, world.head)
    repository = world.repository()
    repository.fetch("main")
    repository.fetch("main")
    assert private(world.clone) == [
        "refs/planbot-remote/kept/branch",
        "refs/planbot-remote/kept/planbot/journal",
    ]


def test_forgetting_leaves_no_ref_behind(world: World) -> None:
    repository = world.repository()
    repository.fetch("main")
    repository.forget()
    assert private(world.clone) == []


@pytest.mark.parametrize("shallow", [False, True])
def test_passes_beside_each_other_do_not_meet(world: World, *, shallow: bool) -> None:
    if shallow:
        world.commit({"x": b"0"})
        run(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.origin}", "shallow")
        world.clone = world.folder / "shallow"
    journal = world.commit({"x": b"1"})
    world.push_ref(JOURNAL_REF, journal)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: world.repository().fetch("main"), range(12)))
    assert set(found) == {Fetched(journal, journal, None)}
    assert [name for name in private(world.clone) if "/kept/" not in name] == []


def test_a_shallow_clone_works_and_stays_shallow(world: World) -> None:
    world.commit({"x": b"1"})
    run(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.origin}", "shallow")
    shallow = world.folder / "shallow"
    repository = Repository.open(shallow)
    newest = world.commit({"x": b"2"})
    fetched = repository.fetch("main")
    assert fetched.head == newest
    assert [file.path for file in repository.files(newest)] == ["PLAN.md", "x"]
    assert run(shallow, "rev-list", "--count", newest) == "2"


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_origin_may_be_a_path_or_a_file_address(world: World, form: str) -> None:
    run(world.clone, "remote", "set-url", "origin", form.format(world.origin))
    repository = world.repository()
    assert repository.fetch("main").head == world.head
    assert repository.origin_url == form.format(world.origin)


def test_origin_may_be_an_http_address(world: World) -> None:
    with GitServer(world.folder) as server:
        run(world.clone, "remote", "set-url", "origin", f"{server.url}/origin.git")
        assert world.repository().fetch("main").head == world.head


def test_a_bare_repository_works(world: World) -> None:
    run(world.folder, "clone", "--quiet", "--bare", str(world.origin), "bare.git")
    repository = Repository.open(world.folder / "bare.git")
    assert repository.fetch("main").head == world.head
    assert repository.root == world.folder / "bare.git"


def test_an_origin_that_is_gone_is_told(world: World) -> None:
    world.origin.rename(world.folder / "moved.git")
    with pytest.raises(GitError, match="does not appear to be a git repository") as caught:
        world.repository().fetch("main")
    assert "remote's address" in caught.value.hint


def test_a_repository_without_origin_is_told(world: World) -> None:
    run(world.clone, "remote", "remove", "origin")
    with pytest.raises(GitError, match="No such remote 'origin'"):
        world.repository().fetch("main")


@pytest.mark.parametrize("branch", ["", "a b", "main:refs/heads/evil", "*", "a..b", "-/.lock", "x.lock"])
def test_what_is_no_branch_name_is_refused(world: World, branch: str) -> None:
    with pytest.raises(UsageError, match="not a branch name"):
        world.repository().fetch(branch)


def test_the_default_branch_is_asked(world: World) -> None:
    world.commit({"x": b"1"}, branch="trunk")
    run(world.origin, "symbolic-ref", "HEAD", "refs/heads/trunk")
    assert world.repository().default_branch() == "trunk"


def test_no_default_branch_is_told(world: World) -> None:
    (world.origin / "HEAD").write_text(f"{world.head}\n")
    with pytest.raises(GitError, match="names no default branch"):
        world.repository().default_branch()


def test_refs_are_asked_by_their_full_name(world: World) -> None:
    world.push_ref("refs/odd/refs/heads/main", world.head)
    found = world.repository().ls_remote("refs/heads/main", JOURNAL_REF)
    assert found == {"refs/heads/main": world.head}


def test_a_revision_names_a_commit(world: World) -> None:
    run(world.clone, "tag", "v1", "-m", "annotated")
    assert world.repository().commit("v1") == world.head


@pytest.mark.parametrize("revision", ["nothing", "HEAD^{tree}", "--help", ""])
def test_a_revision_that_names_none_is_refused(world: World, revision: str) -> None:
    with pytest.raises(UsageError, match="names no commit"):
        world.repository().commit(revision)
