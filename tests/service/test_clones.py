"""Clones of the service: what a pass needs works on one, over git's HTTP; the cap, moves, spoilt ones."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.errors import GitError
from planbot.repo.sources import CommitSource
from planbot.service.clones import Clones
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from planbot.report.result import PassResult

BIG = 10**9
OTHER = "octo/other"


@pytest.fixture
def private(world: World) -> World:
    """Make the repository private, so that nothing is read without the token."""
    with world.sandbox.edit(NAME) as repository:
        repository.private = True
    # more than planbot reads, so that a whole clone would be seen
    world.commit({PLAN: SMALL, "big.bin": os.urandom(200_000)})
    return world


def clones(world: World, size: int = BIG) -> Clones:
    return Clones(world.folder / "cache", size, world.sandbox.url, timeout=60)


def token(world: World) -> Token:
    return Token(world.bot_token)


def folder(world: World, name: str = NAME) -> Path:
    return world.folder / "cache" / f"{name}.git"


def read_plan(cache: Clones, world: World, name: str = NAME) -> bytes:
    with cache.lend(name, token(world)) as repository:
        head = repository.fetch("main").head
        assert head is not None
        return CommitSource(repository, head).read([PLAN])[PLAN]


def test_a_file_is_read_and_others_are_not_fetched(private: World) -> None:
    assert read_plan(clones(private), private) == SMALL.encode()
    size = sum(path.stat().st_size for path in folder(private).rglob("*") if path.is_file())
    assert size < 100_000
    assert [one for one in private.sandbox.requests if one.kind == "api"] == []


def test_the_token_is_nowhere_in_the_clone_and_goes_to_its_server_alone(private: World) -> None:
    cache = clones(private)
    read_plan(cache, private)
    for path in folder(private).rglob("*"):
        assert not path.is_file() or private.bot_token.encode() not in path.read_bytes(), path
    elsewhere = Clones(private.folder / "cache", BIG, "http://127.0.0.1:9", timeout=10)
    with elsewhere.lend(NAME, token(private)) as repository, pytest.raises(GitError):
        repository.fetch("main")


def test_what_moved_on_is_fetched_into_the_same_clone(private: World) -> None:
    cache = clones(private)
    read_plan(cache, private)
    before = folder(private).stat().st_ino
    private.commit({PLAN: SMALL + "\nmore\n"})
    assert read_plan(cache, private) == SMALL.encode() + b"\nmore\n"
    assert folder(private).stat().st_ino == before


def test_a_clone_follows_a_repository_that_is_renamed_by_case(private: World) -> None:
    read_plan(clones(private), private)
    private.sandbox.rename_repository(NAME, "Octo/Plans")
    assert read_plan(clones(private), private, "Octo/Plans") == SMALL.encode()
    assert git(folder(private), "config", "remote.origin.url").endswith("/Octo/Plans.git")


def with_other(world: World) -> None:
    git(world.folder, "clone", "--quiet", "--bare", str(world.origin), "other.git")
    world.sandbox.create_repository(OTHER, git_dir=world.folder / "other.git")


def test_the_least_recently_used_goes(private: World) -> None:
    with_other(private)
    read_plan(clones(private), private)
    (folder(private) / "filler").write_bytes(bytes(50_000))
    cache = clones(private, 60_000)
    read_plan(cache, private, OTHER)
    assert not folder(private).exists()
    assert folder(private, OTHER).exists()
    assert read_plan(cache, private) == SMALL.encode(), "it is made anew when it is wanted again"


def test_one_in_use_stays_whatever_its_size(private: World) -> None:
    with_other(private)
    cache = clones(private, 1)
    other_process = clones(private, 1)
    with cache.lend(NAME, token(private)) as repository:
        read_plan(other_process, private, OTHER)
        assert not folder(private, OTHER).exists()
        assert repository.fetch("main").head
    assert not folder(private).exists()


def lose_objects(clone: Path) -> None:
    for path in (clone / "objects" / "pack").iterdir():
        path.unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda clone: (clone / "packed-refs.lock").touch(),
        lambda clone: (clone / "config.lock").touch(),
        lambda clone: (clone / "config").write_text("[remote"),
        lambda clone: (clone / "HEAD").write_text(""),
        lose_objects,
    ],
)
def test_a_clone_that_a_kill_or_a_disk_spoilt_works_or_is_made_anew(
    private: World, spoil: Callable[[Path], object]
) -> None:
    cache = clones(private)
    read_plan(cache, private)
    spoil(folder(private))
    private.sandbox.rename_repository(NAME, "octo/Plans")
    with suppress(GitError):
        read_plan(cache, private, "octo/Plans")
    assert read_plan(cache, private, "octo/Plans") == SMALL.encode()


def test_one_left_half_made_is_made_anew(private: World) -> None:
    half = folder(private).with_suffix(".making")
    half.mkdir(parents=True)
    (half / "HEAD").touch()
    assert read_plan(clones(private), private) == SMALL.encode()
    assert not half.exists()


def test_a_server_that_does_not_answer_holds_it_no_longer_than_the_time_out(private: World) -> None:
    private.sandbox.faults.delay(60, path="/octo/plans.git/*")
    cache = Clones(private.folder / "cache", BIG, private.sandbox.url, timeout=1)
    with (
        cache.lend(NAME, token(private)) as repository,
        pytest.raises(GitError, match="took longer than 1 s"),
    ):
        repository.fetch("main")


def synced(cache: Clones, world: World) -> PassResult:
    with cache.lend(NAME, token(world)) as repository, world.tracker(world.bot_token) as tracker:
        world.repository = lambda: repository  # type: ignore[method-assign] # the engine of a world takes it
        return world.engine(tracker).sync()


def test_whole_passes_are_made_on_it(private: World) -> None:
    cache = clones(private)
    assert synced(cache, private).count("create")
    assert synced(cache, private).in_sync
    private.set_box("Phase 1", "the page opens")
    assert synced(cache, private).ticks
    assert b"[x] the page opens" in private.plan()


def test_threads_lend_side_by_side(private: World) -> None:
    with_other(private)
    cache = clones(private, 1)
    failures: list[BaseException] = []

    def lend(name: str) -> None:
        try:
            for _ in range(3):
                assert read_plan(cache, private, name) == SMALL.encode()
        except BaseException as error:  # noqa: BLE001  # told by the test
            failures.append(error)

    threads = [threading.Thread(target=lend, args=(name,)) for name in (NAME, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
