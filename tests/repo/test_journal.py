from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repo.git_world import World, run

from planbot.repo.journal import Journal, plan_file_name
from planbot.repo.push import RefUpdate
from planbot.repo.repository import JOURNAL_REF

if TYPE_CHECKING:
    from pathlib import Path

PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_an_entry_is_read_back_as_it_was_written(world: World) -> None:
    journal = Journal(world.repository())
    files = {
        "repository.json": b"{}\r\n",
        f"plans/{plan_file_name('docs/ünï plan.md')}": b"\x00\xff",
        f"plans/{plan_file_name('../-x.md')}": b"",
    }
    assert journal.load(journal.entry(None, files, "begin", 1_700_000_000)) == files


def test_an_empty_entry_holds_nothing(world: World) -> None:
    journal = Journal(world.repository())
    assert journal.load(journal.entry(None, {}, "empty", 0)) == {}


def test_an_entry_replaces_every_file_of_the_one_before(world: World) -> None:
    journal = Journal(world.repository())
    first = journal.entry(None, {"repository.json": b"1", "plans/a.json": b"a"}, "one", 0)
    second = journal.entry(first, {"repository.json": b"2"}, "two", 1)
    assert journal.load(second) == {"repository.json": b"2"}
    assert journal.load(first) == {"repository.json": b"1", "plans/a.json": b"a"}


def test_entries_form_a_chain_without_any_plan_commit(world: World) -> None:
    journal = Journal(world.repository())
    first = journal.entry(None, {"repository.json": b"1"}, "one", 1)
    second = journal.entry(first, {"repository.json": b"2"}, "two", 2)
    assert run(world.clone, "log", "--format=%H %P %s %ct", second) == (
        f"{second} {first} two 2\n{first}  one 1"
    )


def test_an_entry_travels_by_way_of_its_ref(world: World) -> None:
    writer = world.repository()
    entry = Journal(writer).entry(None, {"repository.json": b"{}"}, "begin", 1)
    writer.push([RefUpdate(JOURNAL_REF, None, entry)])
    run(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.origin}", "other")
    world.clone = world.folder / "other"
    reader = world.repository()
    assert reader.fetch("main").journal == entry
    assert Journal(reader).load(entry) == {"repository.json": b"{}"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("PLAN.md", "PLAN.md.json"),
        ("docs/plans/x.md", "docs%2Fplans%2Fx.md.json"),
        ("docs%2Fplans/x.md", "docs%252Fplans%2Fx.md.json"),
        ("..", "...json"),
        ("-rf", "-rf.json"),
        ("a\nb\x00", "a%0Ab%00.json"),
        ("not utf-8 \udcff", "not%20utf-8%20%FF.json"),
    ],
)
def test_a_plan_file_has_a_name_of_one_part(path: str, name: str) -> None:
    assert plan_file_name(path) == name


@given(PATHS, PATHS)
def test_two_plan_files_never_share_a_name(one: str, other: str) -> None:
    assert (plan_file_name(one) == plan_file_name(other)) == (one == other)


@given(PATHS)
def test_a_name_is_one_short_part_of_a_path(path: str) -> None:
    name = plan_file_name(path)
    assert name.isascii()
    assert "/" not in name
    assert len(name) <= 200


@given(st.text("ab/", min_size=181, max_size=400))
def test_the_name_of_a_long_path_is_no_other_paths_name(path: str) -> None:
    name = plan_file_name(path)
    assert plan_file_name(name.removesuffix(".json")) != name
