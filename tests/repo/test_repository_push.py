from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from repo.git_server import GitServer
from repo.git_world import World, refs, run, write_hook

from planbot.errors import GitError
from planbot.repo.push import RefUpdate
from planbot.repo.repository import JOURNAL_REF, PROGRESS_REF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.repo.repository import Repository

MAIN = "refs/heads/main"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


@pytest.fixture
def server(world: World) -> Iterator[GitServer]:
    run(world.origin, "config", "http.receivepack", "true")
    with GitServer(world.folder) as server:
        run(world.clone, "remote", "set-url", "origin", f"{server.url}/origin.git")
        yield server


def commit(repository: Repository, parent: str | None, content: bytes = b"x") -> str:
    tree = repository.write_tree(parent, {"PLAN.md": content})
    return repository.write_commit(tree, [parent] if parent else [], "Tick 1 box")


def both(world: World, repository: Repository) -> tuple[RefUpdate, RefUpdate]:
    """Return what a pass pushes: a commit on the branch, and the first entry of the journal."""
    return (
        RefUpdate(MAIN, world.head, commit(repository, world.head)),
        RefUpdate(JOURNAL_REF, None, commit(repository, None)),
    )


def test_branch_and_journal_move_together(world: World) -> None:
    repository = world.repository()
    main, journal = both(world, repository)
    assert repository.push([main, journal]).kind == "done"
    assert (world.ref(MAIN), world.ref(JOURNAL_REF)) == (main.new, journal.new)


def test_pushing_leaves_branches_and_tags_of_the_clone_alone(world: World) -> None:
    repository = world.repository()
    run(world.clone, "tag", "-a", "v1", "-m", "v1")
    run(world.clone, "config", "push.followTags", "true")
    before = {name: ref for name, ref in refs(world.clone).items() if not name.startswith("refs/remotes/")}
    repository.push(both(world, repository))
    now = {name: ref for name, ref in refs(world.clone).items() if not name.startswith("refs/remotes/")}
    assert now == before
    assert world.ref("refs/tags/v1") is None


def test_a_branch_that_moved_meanwhile_is_a_race_and_nothing_moves(world: World) -> None:
    repository = world.repository()
    updates = both(world, repository)
    theirs = world.commit({"x": b"1"})
    result = repository.push(updates)
    assert (result.kind, result.at_fault) == ("raced", (MAIN,))
    assert (world.ref(MAIN), world.ref(JOURNAL_REF)) == (theirs, None)


def test_a_journal_that_moved_meanwhile_is_a_race_and_nothing_moves(world: World) -> None:
    repository = world.repository()
    updates = both(world, repository)
    world.push_ref(JOURNAL_REF, world.head)
    result = repository.push(updates)
    assert (result.kind, result.at_fault) == ("raced", (JOURNAL_REF,))
    assert (world.ref(MAIN), world.ref(JOURNAL_REF)) == (world.head, world.head)


def test_a_journal_that_was_deleted_meanwhile_is_a_race(world: World) -> None:
    repository = world.repository()
    first = commit(repository, None)
    assert repository.push([RefUpdate(JOURNAL_REF, None, first)]).kind == "done"
    world.push_ref(JOURNAL_REF, None)
    second = commit(repository, first)
    assert repository.push([RefUpdate(JOURNAL_REF, first, second)]).kind == "raced"
    assert world.ref(JOURNAL_REF) is None


def test_of_many_that_take_the_same_step_one_succeeds(world: World) -> None:
    repository = world.repository()
    entries = [commit(repository, None, f"{number}".encode()) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        pushes = [pool.submit(repository.push, [RefUpdate(JOURNAL_REF, None, entry)]) for entry in entries]
    kinds = [push.result().kind for push in pushes]
    assert sorted(kinds) == ["done", *["raced"] * 5]
    assert world.ref(JOURNAL_REF) == entries[kinds.index("done")]


def test_of_two_that_push_the_same_commit_one_succeeds(world: World) -> None:
    repository = world.repository()
    updates = both(world, repository)
    assert repository.push(updates).kind == "done"
    assert repository.push(updates).kind == "raced"


def test_a_ref_is_deleted_from_its_expected_value_alone(world: World) -> None:
    repository = world.repository()
    world.push_ref(PROGRESS_REF, world.head)
    stale = commit(repository, world.head)
    assert repository.push([RefUpdate(PROGRESS_REF, stale, None)]).kind == "raced"
    assert repository.push([RefUpdate(PROGRESS_REF, world.head, None)]).kind == "done"
    assert world.ref(PROGRESS_REF) is None


def test_commits_are_not_dropped(world: World) -> None:
    newer = world.commit({"x": b"1"})
    repository = world.repository()
    repository.fetch("main")
    beside = commit(repository, world.head)
    with pytest.raises(GitError, match="refs/heads/main would lose commits"):
        repository.push([RefUpdate(MAIN, newer, beside)])
    assert world.ref(MAIN) == newer


def test_commits_are_dropped_on_demand(world: World) -> None:
    repository = world.repository()
    old, new = commit(repository, world.head, b"1"), commit(repository, world.head, b"2")
    assert repository.push([RefUpdate(PROGRESS_REF, None, old)]).kind == "done"
    assert repository.push([RefUpdate(PROGRESS_REF, old, new, rewind=True)]).kind == "done"
    assert world.ref(PROGRESS_REF) == new


def test_a_shallow_clone_can_push(world: World) -> None:
    head = world.commit({"x": b"1"})
    run(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.origin}", "shallow")
    world.clone = world.folder / "shallow"
    repository = world.repository()
    new = commit(repository, head)
    assert repository.push([RefUpdate(MAIN, head, new)]).kind == "done"
    assert world.ref(MAIN) == new


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        ("update", "error: GH006: Protected branch update failed for refs/heads/main."),
        ("pre-receive", "error: GH013: Repository rule violations found for refs/heads/main."),
    ],
)
def test_a_rule_refuses_with_its_words_and_nothing_moves(world: World, hook: str, words: str) -> None:
    repository = world.repository()
    world.hook(hook, f'case "$1$(cat)" in *refs/heads/main*) echo "{words}" >&2; exit 1;; esac')
    main, journal = both(world, repository)
    result = repository.push([main, journal])
    assert result.kind == "refused"
    assert MAIN in result.at_fault
    assert words in result.words
    assert (world.ref(MAIN), world.ref(JOURNAL_REF)) == (world.head, None)
    assert repository.push([journal]).kind == "done"


def test_an_update_hook_is_at_fault_for_its_ref_alone(world: World) -> None:
    repository = world.repository()
    world.hook("update", 'test "$1" != refs/heads/main')
    assert repository.push(both(world, repository)).at_fault == (MAIN,)


def test_a_server_that_forbids_writing_denies(world: World, server: GitServer) -> None:
    repository = world.repository()
    server.status = 403
    result = repository.push(both(world, repository))
    assert result.kind == "denied"
    assert "403" in result.words


def test_an_answer_that_is_lost_after_the_push_is_found_done(world: World, server: GitServer) -> None:
    repository = world.repository()
    updates = both(world, repository)
    server.lose = lambda: "after"
    assert repository.push(updates).kind == "done"
    assert world.ref(MAIN) == updates[0].new


def test_a_push_that_never_arrived_is_unknown(world: World, server: GitServer) -> None:
    repository = world.repository()
    server.lose = lambda: "before"
    result = repository.push(both(world, repository))
    assert result.kind == "unknown"
    assert result.words
    assert world.ref(MAIN) == world.head


def test_a_lost_push_that_somebody_overtook_is_a_race(world: World, server: GitServer) -> None:
    repository = world.repository()
    updates = both(world, repository)

    def lose() -> str:
        world.commit({"x": b"1"})
        return "before"

    server.lose = lose
    assert repository.push(updates).kind == "raced"


def test_a_server_that_cannot_be_reached_leaves_it_unknown(world: World) -> None:
    repository = world.repository()
    updates = both(world, repository)
    run(world.clone, "remote", "set-url", "--push", "origin", "http://127.0.0.1:1/origin.git")
    assert repository.push(updates).kind == "unknown"
    run(world.clone, "remote", "set-url", "origin", "http://127.0.0.1:1/origin.git")
    assert world.repository().push(updates).kind == "unknown"


def test_the_users_hook_before_a_push_does_not_run(world: World) -> None:
    write_hook(world.clone / ".git" / "hooks" / "pre-push", "exit 1")
    repository = world.repository()
    assert repository.push(both(world, repository)).kind == "done"
