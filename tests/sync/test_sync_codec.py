"""The journal's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.errors import PlanbotError
from planbot.repo.journal import plan_file_name
from planbot.sync.agreed import (
    Agreed,
    AgreedCheck,
    AgreedItem,
    AgreedMilestone,
    AgreedPlan,
    Farewell,
    Lease,
    Rewrite,
)
from planbot.sync.codec import PLANS, REPOSITORY, VERSION, decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

# text of a file as it is read: bytes that are not UTF-8 are lone surrogates, U+DC80 to U+DCFF
TEXT = st.binary(max_size=12).map(lambda data: data.decode("utf-8", "surrogateescape")) | st.text(max_size=12)
CHECKS = st.builds(
    AgreedCheck,
    group=st.none() | TEXT,
    text=TEXT,
    ticked=st.booleans(),
    waiting=st.sampled_from(["", "off", "refused"]),
)
ITEMS = st.builds(
    AgreedItem,
    uid=TEXT,
    kind=st.sampled_from(["plan", "phase", "task"]),
    locator=TEXT,
    number=st.none() | TEXT,
    name=TEXT,
    issue=st.none() | st.integers(1),
    title=TEXT,
    labels=st.lists(TEXT, max_size=2).map(tuple),
    milestone=st.none() | TEXT,
    parent=st.none() | TEXT,
    complete=st.booleans(),
    closed=st.booleans(),
    box=st.none() | CHECKS,
    checks=st.lists(CHECKS, max_size=2).map(tuple),
    stamp=TEXT,
    updated_at=TEXT,
    retired=st.booleans(),
    assignees=st.lists(TEXT, max_size=2).map(tuple),
    unassigned=st.lists(TEXT, max_size=2).map(tuple),
    blocked_by=st.lists(TEXT, max_size=2).map(tuple),
)
STONES = st.builds(
    AgreedMilestone,
    uid=TEXT,
    number=st.integers(1),
    title=TEXT,
    description=TEXT,
    due=st.none() | TEXT,
)
PLAN_BASES = st.builds(
    AgreedPlan,
    path=TEXT,
    items=st.lists(ITEMS, min_size=1, max_size=2).map(tuple),
    milestones=st.lists(STONES, max_size=2).map(tuple),
)
BASES = st.builds(
    Agreed,
    plans=st.lists(PLAN_BASES, max_size=3, unique_by=lambda plan: plan.path).map(
        lambda plans: tuple(sorted(plans, key=lambda plan: plan.path))
    ),
    repository=st.integers(0),
    sub_issues=st.booleans(),
    dependencies=st.booleans(),
    lease=st.none() | st.builds(Lease, holder=TEXT, until=st.integers()),
    rewrites=st.lists(st.builds(Rewrite, issue=st.integers(1), stamp=TEXT, read=TEXT), max_size=2).map(tuple),
    farewells=st.lists(
        st.builds(
            Farewell, issue=st.integers(1), stamp=TEXT, at=st.integers(), twin_of=st.none() | st.integers(1)
        ),
        max_size=2,
    ).map(tuple),
    released=st.lists(TEXT, max_size=2).map(tuple),
)

ITEM = AgreedItem("u1", "task", "task:1.1", "1.1", "Store keys", checks=(AgreedCheck(None, "it runs", True),))  # noqa: FBT003
BASE = Agreed((AgreedPlan("PLAN.md", (ITEM,), (AgreedMilestone("u0", 1, "One", ""),)),), 7)


def plan_file(base: Agreed = BASE) -> tuple[dict[str, bytes], str, dict[str, Any]]:
    files = encode(base, plan_file_name)
    name = next(path for path in files if path.startswith(PLANS))
    return files, name, json.loads(files[name])


def damaged(files: Mapping[str, bytes], name: str, value: object) -> dict[str, bytes]:
    return {**files, name: json.dumps(value).encode()}


@given(BASES)
def test_what_is_encoded_is_decoded(base: Agreed) -> None:
    assert decode(encode(base, plan_file_name)) == base


@given(BASES)
def test_the_files_are_ascii_and_the_same_for_the_same_base(base: Agreed) -> None:
    files = encode(base, plan_file_name)
    assert encode(decode(files), plan_file_name) == files
    assert all(data.isascii() and data.endswith(b"\n") for data in files.values())


def test_there_is_one_file_a_plan_file_and_one_for_the_repository() -> None:
    empty = AgreedPlan("empty.md")
    base = Agreed((AgreedPlan("docs/a b.md", (ITEM,)), empty, *BASE.plans))
    assert sorted(encode(base, plan_file_name)) == [
        "plans/PLAN.md.json",
        "plans/docs%2Fa%20b.md.json",
        REPOSITORY,
    ]


def test_no_files_are_a_base_without_anything() -> None:
    assert decode({}) == Agreed()


def test_files_of_others_in_the_tree_are_read_past() -> None:
    files = encode(BASE, plan_file_name)
    assert decode({**files, "README.md": b"hello", "notes/x.json": b"{"}) == BASE


def test_unknown_keys_of_the_same_version_are_read_past() -> None:
    files, name, value = plan_file()
    value["items"][0]["checks"][0]["mood"] = "good"
    value["items"][0]["due"] = "2026-12-01"
    value["color"] = ["red"]
    assert decode(damaged(files, name, value)) == BASE


def test_keys_that_an_older_planbot_did_not_write_have_their_defaults() -> None:
    files, name, value = plan_file()
    del value["items"][0]["retired"], value["items"][0]["checks"][0]["waiting"]
    assert decode(damaged(files, name, value)) == BASE


def test_a_journal_from_before_anything_was_left_to_the_next_pass_is_read() -> None:
    files = encode(BASE, plan_file_name)
    value = json.loads(files[REPOSITORY])
    del value["rewrites"], value["farewells"]
    assert decode(damaged(files, REPOSITORY, value)) == BASE


@pytest.mark.parametrize("version", [VERSION + 1, "2", None, 1.5])
def test_a_newer_version_is_refused(version: object) -> None:
    files, name, value = plan_file()
    with pytest.raises(PlanbotError, match="written by a newer planbot") as caught:
        decode(damaged(files, name, value | {"version": version}))
    assert name in caught.value.message
    assert "same version" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "wrong", "told"),
    [
        (("items",), {}, r"AgreedPlan\.items cannot be \{\}"),
        (("items", 0), 3, r"AgreedPlan\.items\[0\] cannot be 3"),
        (("items", 0, "uid"), 7, r"items\[0\]\.uid cannot be 7"),
        (("items", 0, "kind"), "step", r"items\[0\]\.kind cannot be 'step'"),
        (("items", 0, "issue"), "12", r"items\[0\]\.issue cannot be '12'"),
        (("items", 0, "issue"), True, r"items\[0\]\.issue cannot be True"),
        (("items", 0, "labels"), "bug", r"items\[0\]\.labels cannot be 'bug'"),
        (("items", 0, "box"), [], r"items\[0\]\.box cannot be \[\]"),
        (("items", 0, "checks", 0, "ticked"), 1, r"checks\[0\]\.ticked cannot be 1"),
        (("items", 0, "checks", 0, "waiting"), "soon", r"checks\[0\]\.waiting cannot be 'soon'"),
        (("milestones", 0, "number"), None, r"milestones\[0\]\.number cannot be None"),
        (("milestones", 0), {"uid": "u0"}, r"milestones\[0\] is not whole: .*'number'"),
        (("path",), None, r"AgreedPlan\.path cannot be None"),
    ],
)
def test_a_damaged_file_is_refused_and_the_place_is_told(
    path: tuple[str | int, ...], wrong: object, told: str
) -> None:
    files, name, value = plan_file()
    *above, last = path
    place: Any = value
    for step in above:
        place = place[step]
    place[last] = wrong
    with pytest.raises(PlanbotError, match=told) as caught:
        decode(damaged(files, name, value))
    assert f"(refs/planbot/journal, {name}) cannot be read" in caught.value.message
    assert "git log" in caught.value.hint


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"lease": 3}'])
@pytest.mark.parametrize("name", [REPOSITORY, f"{PLANS}PLAN.md.json"])
def test_bytes_that_are_no_journal_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(PlanbotError, match="cannot be read"):
        decode({name: data})
