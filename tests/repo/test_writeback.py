from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from repo.git_world import World, run

from planbot.repo.writeback import build_commit, commit_message, neutral_path, subject
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "fixes #1.md",
    "closes GH-12/plan.md",
    "gh-12.md",
    "see https:/github.com/o/r/issues/1",
    "https://github.com/o/r/issues/1",
    "o/r#1.md",
    "@alice/plan.md",
    "[skip ci].md",
    "***NO_CI***.md",
    "x\n\nskip-checks: true\n\n.md",
    "x\r\nCo-authored-by: mallory <m@example.com>",
    "Signed-off-by: mallory <m@example.com>",
    "x\u2028@alice",
)
LIVE = re.compile(
    r"#|@|gh-\d|://|\[|\]|\*\*\*|:\s*true|[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029\u202e]", re.IGNORECASE
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("ticked", "unticked", "expected"),
    [
        (1, 0, "Tick 1 box"),
        (3, 0, "Tick 3 boxes"),
        (0, 1, "Untick 1 box"),
        (0, 2, "Untick 2 boxes"),
        (2, 1, "Tick 2 boxes and untick 1"),
        (1, 1, "Tick 1 box and untick 1"),
        (0, 0, "Update progress"),
    ],
)
def test_the_subject_counts(ticked: int, unticked: int, expected: str) -> None:
    assert subject(ticked, unticked) == expected


def test_a_message_names_the_plan_files_and_credits_who_ticked() -> None:
    people = [UserRecord("octocat", 583231), UserRecord("build[bot]", 7), UserRecord("octocat", 583231)]
    assert commit_message(subject(2, 0), ["docs/b.md", "docs/a plan.md"], people) == (
        "Tick 2 boxes\n\n- docs/a plan.md\n- docs/b.md\n\n"
        "Co-authored-by: build[bot] <7+build[bot]@users.noreply.github.com>\n"
        "Co-authored-by: octocat <583231+octocat@users.noreply.github.com>\n"
    )


def test_a_message_without_files_and_people_is_its_subject() -> None:
    assert commit_message("Update progress", []) == "Update progress\n"


def test_continuous_integration_is_skipped_on_demand_alone() -> None:
    assert commit_message("Tick 1 box", ["a.md"], skip_ci=True).startswith("Tick 1 box [skip ci]\n\n")
    assert "skip" not in commit_message("Tick 1 box", ["a.md"])


def test_a_long_list_of_files_is_cut() -> None:
    lines = commit_message("Tick 60 boxes", [f"{number:02}.md" for number in range(60)]).split("\n")
    assert lines[-3:] == ["- 49.md", "- and 10 more", ""]


@pytest.mark.parametrize("login", ["a b", "a\nb", "", "<x>", "-x", "x@y", "[bot]", "a" * 200])
def test_what_is_no_login_is_not_credited(login: str) -> None:
    assert "Co-authored-by" not in commit_message("Tick 1 box", [], [UserRecord(login, 1)])


def test_people_can_read_the_name_of_a_file() -> None:
    plain = "docs/計画 (2), über-plan_v1.2+x/देवनागरी.md"
    assert neutral_path(plain) == plain
    assert neutral_path("fix #1\n@me.md") == "fix %231%0A%40me.md"
    assert neutral_path("GH-12.md") == "GH%2D12.md"
    assert neutral_path("not utf-8 \udcff") == "not utf-8 %FF"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
@example(list(HOSTILE))
def test_no_file_name_brings_anything_to_life(paths: list[str]) -> None:
    message = commit_message("Tick 1 box", paths)
    body = message.removeprefix("Tick 1 box").strip("\n")
    assert LIVE.search(body) is None
    assert len(body.splitlines()) == len(paths)


def test_git_sees_no_trailer_but_the_credits(world: World) -> None:
    message = commit_message("Tick 1 box", HOSTILE, [UserRecord("octocat", 1)])
    assert run(world.clone, "interpret-trailers", "--parse", stdin=message.encode()) == (
        "Co-authored-by: octocat <1+octocat@users.noreply.github.com>"
    )
    nobody = commit_message("Tick 1 box", HOSTILE)
    assert run(world.clone, "interpret-trailers", "--parse", stdin=nobody.encode()) == ""


def test_a_commit_goes_on_top_of_the_head_and_changes_the_given_bytes_alone(world: World) -> None:
    (world.alice / "run.sh").write_text("#!/bin/sh\n")
    (world.alice / "run.sh").chmod(0o755)
    head = world.commit({".gitattributes": b"* text=auto eol=lf\n", "a.md": b"- [ ] one\n"})
    run(world.clone, "fetch", "--quiet")
    repository = world.repository()
    made = build_commit(repository, head, {"a.md": b"- [x] one\r\n"}, "Tick 1 box\n", 1_700_000_000)
    assert run(world.clone, "log", "-1", "--format=%P %s %ct", made) == f"{head} Tick 1 box 1700000000"
    assert run(world.clone, "diff", "--name-status", head, made) == "M\ta.md"
    file = next(file for file in repository.files(made) if file.path == "a.md")
    assert repository.read_blobs([file.blob]) == {file.blob: b"- [x] one\r\n"}
