"""Which item is which: across rename, renumbering, reorder, move, duplicates, files and marks."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.memory_world import PLAN, MemoryWorld, block
from support.plans import SMALL

from planbot.sync.identity import new_uid
from planbot.sync.options import FileOptions, IssueOptions

NAMES = st.lists(
    st.sampled_from(
        ["Store keys", "Store all keys", "Page lists", "Page by cursor", "Write docs", "Add exports"]
    ),
    max_size=6,
)
FEWER = settings(max_examples=settings().max_examples // 2)


def plan_of(names: list[str], title: str = "A plan") -> str:
    """Return a plan with one phase and a task of each name, numbered."""
    tasks = "".join(f"### 1.{at} {name}\n\nText.\n\n" for at, name in enumerate(names, 1))
    return f"# {title}\n\n## Phase 1: One\n\n**Goal**: One.\n\n{tasks}"


def world_of(text: str, path: str = PLAN) -> MemoryWorld:
    world = MemoryWorld()
    world.write(text, path)
    world.sync()
    return world


def after(world: MemoryWorld, text: str, path: str = PLAN) -> dict[str, int | None]:
    """Return what a pass over a new text takes for which issue: numbers by title, None for new ones."""
    world.write(text, path)
    return {
        item.matched.desired.title: item.matched.issue.number if item.matched.issue else None
        for item in world.reconcile().items
    }


def numbers(world: MemoryWorld) -> dict[str, int]:
    return {title: issue.number for title, issue in world.issues().items()}


def test_nothing_changed_means_the_same_issues() -> None:
    world = world_of(SMALL)
    assert after(world, SMALL) == numbers(world)


@FEWER
@given(NAMES, NAMES)
def test_each_item_has_one_uid_each_uid_one_item_and_what_is_the_same_stays(
    before: list[str], now: list[str]
) -> None:
    world = world_of(plan_of(before))
    known = Counter(block(issue).marker.uid for issue in world.tracker.issues("planbot"))
    assert set(known.values()) == {1}
    world.write(plan_of(now))
    changes = world.reconcile()
    uids = [item.matched.uid for item in changes.items]
    assert len(set(uids)) == len(uids)
    issues = [item.matched.issue.number for item in changes.items if item.matched.issue]
    assert len(set(issues)) == len(issues)
    if before == now:
        assert set(uids) == set(known)
    same = {name for name in before if before.count(name) == 1 and now.count(name) == 1}
    titles = {issue.number: issue.title.split(" ", 1)[1] for issue in world.tracker.issues("planbot")}
    for item in changes.items:
        if item.matched.desired.name in same and item.matched.issue:
            assert titles[item.matched.issue.number] == item.matched.desired.name
    found = {item.matched.desired.name for item in changes.items if item.matched.issue}
    assert same <= found


@FEWER
@given(st.permutations(["Store keys", "Page lists", "Write docs", "Add exports"]))
def test_tasks_in_another_order_with_new_numbers_keep_their_issues(names: list[str]) -> None:
    world = world_of(plan_of(["Store keys", "Page lists", "Write docs", "Add exports"]))
    before = {title.split(" ", 1)[1]: number for title, number in numbers(world).items()}
    found = {title.split(" ", 1)[1]: number for title, number in after(world, plan_of(names)).items()}
    assert found == before


def test_a_task_inserted_at_the_front_is_new_and_moves_no_other() -> None:
    world = world_of(plan_of(["Store keys", "Page lists"]))
    before = numbers(world)
    assert after(world, plan_of(["Write docs", "Store keys", "Page lists"])) == {
        "A plan": before["A plan"],
        "Phase 1: One": before["Phase 1: One"],
        "1.1 Write docs": None,
        "1.2 Store keys": before["1.1 Store keys"],
        "1.3 Page lists": before["1.2 Page lists"],
    }


def test_a_renamed_task_is_known_by_its_number_and_its_words() -> None:
    world = world_of(plan_of(["Store keys", "Page lists"]))
    before = numbers(world)
    found = after(world, plan_of(["Store all the keys", "Page lists"]))
    assert found["1.1 Store all the keys"] == before["1.1 Store keys"]
    found = after(world, plan_of(["Something else", "Page lists"]))
    assert found["1.1 Something else"] is None


def test_a_renamed_and_renumbered_task_is_known_by_its_words_alone() -> None:
    world = world_of(plan_of(["Store idempotency keys", "Page lists"]))
    before = numbers(world)
    found = after(world, plan_of(["Page lists", "Store all idempotency keys"]))
    assert found["1.2 Store all idempotency keys"] == before["1.1 Store idempotency keys"]


def test_a_renamed_task_is_known_by_its_checks() -> None:
    checks = "- [ ] the key is stored\n- [ ] the answer is stored\n"
    world = world_of(plan_of(["Store keys"]) + checks)
    number = world.issue("1.1").number
    found = after(world, plan_of(["Remember what was asked"]) + checks)
    assert found["1.1 Remember what was asked"] == number


def test_the_plan_keeps_its_issue_whatever_its_title() -> None:
    world = world_of(plan_of(["Store keys"]))
    assert (
        after(world, plan_of(["Store keys"], "Nothing alike"))["Nothing alike"]
        == world.issue("A plan").number
    )


def test_equal_tasks_keep_their_order_and_the_number_tells_them_apart_when_one_goes() -> None:
    world = world_of(plan_of(["Add exports", "Add exports", "Add exports"]))
    issues = {block(issue).marker.locator: issue.number for issue in world.tracker.issues("planbot")}
    text = plan_of(["Add exports", "Add exports", "Add exports"]).replace(
        "### 1.2 Add exports\n\nText.\n\n", ""
    )
    world.write(text)
    found = {
        item.matched.desired.number: item.matched.issue.number
        for item in world.reconcile().items
        if item.matched.issue and item.matched.desired.kind == "task"
    }
    assert found == {"1.1": issues["task:1.1"], "1.3": issues["task:1.3"]}


def test_a_moved_file_and_a_moved_task_keep_their_issues() -> None:
    world = world_of(plan_of(["Store keys", "Page lists"]), "a/PLAN.md")
    another = plan_of(["Write docs"], "Another").replace("Phase 1: One", "Phase 1: Two")
    world.write(another, "b/PLAN.md")
    world.sync()
    keys, lists = world.issue("1.1 Store").number, world.issue("1.2 Page").number
    del world.files["a/PLAN.md"]
    world.write(plan_of(["Store keys"]), "c/PLAN.md")
    found = after(world, f"{another}### 1.2 Page lists\n\nText.\n", "b/PLAN.md")
    assert (found["1.1 Store keys"], found["1.2 Page lists"]) == (keys, lists)


def test_a_removed_task_that_is_back_has_its_issue_again() -> None:
    world = world_of(plan_of(["Store keys", "Page lists"]))
    before = numbers(world)
    world.write(plan_of(["Store keys"]))
    world.sync()
    assert after(world, plan_of(["Store keys", "Page lists"])) == before


def test_a_task_that_is_only_like_a_removed_one_is_new() -> None:
    world = world_of(plan_of(["Store keys", "Page lists"]))
    world.write(plan_of(["Store keys"]))
    world.sync()
    assert after(world, plan_of(["Store keys", "Page all lists"]))["1.2 Page all lists"] is None


@pytest.mark.parametrize("kind", ["number", "uid"])
def test_a_mark_goes_before_everything_else(kind: str) -> None:
    world = world_of(plan_of(["Store keys", "Page lists"]))
    issue = world.issue("1.2")
    mark = f"#{issue.number}" if kind == "number" else f"id={block(issue).marker.uid}"
    text = plan_of(["Store keys", "Page lists"]).replace(
        "### 1.1 Store keys\n", f"### 1.1 Store keys\n<!-- planbot: {mark} -->\n"
    )
    assert after(world, text)["1.1 Store keys"] == issue.number


def test_two_candidates_too_close_to_call_are_neither_taken_nor_closed() -> None:
    world = world_of(plan_of(["Store the old keys", "Store the new keys"]))
    world.write(plan_of(["Nothing", "Store the keys"]).replace("1.2 Store", "1.3 Store"))
    changes = world.reconcile()
    assert "1.3 Store the keys" not in {item.matched.desired.title for item in changes.items}
    assert [(change.action, change.title) for change in changes.changes] == [
        ("create", "1.1 Nothing"),
        ("link", "1.1 Nothing"),
    ]
    (told,) = (finding.message for _, finding in changes.diagnostics)
    assert "too close to call" in told


def test_new_uids_are_the_same_in_every_pass_and_differ_from_those_taken() -> None:
    first = new_uid("PLAN.md", "task:1.1", "Store keys", ())
    assert first == new_uid("PLAN.md", "task:1.1", "store **keys**", {"other"})
    assert first != new_uid("PLAN.md", "task:1.1", "Store keys", {first})
    assert first != new_uid("b.md", "task:1.1", "Store keys", ())
    assert len(new_uid("caf\udce9.md", "plan", "x", ())) == len(first)


def test_an_item_whose_checks_alone_are_a_little_alike_is_another_and_takes_no_tick() -> None:
    world = MemoryWorld()
    world.write(
        "# P\n\n## Phase 1: A\n\n### 1.1 Answer the retry\n\n- [ ] store store\n- [x] store answer index\n\n"
        "### 1.2 Other\n\ntext\n"
    )
    world.sync()
    world.set_box("1.1", "store answer index", ticked=False)
    world.edit(
        "### 1.1 Answer the retry\n\n- [ ] store store\n- [x] store answer index\n",
        "### 1.7 Store retry again today soon\n\n- [ ] store retry\n- [x] store answer page\n",
    )
    world.sync()
    assert "- [x] store answer page" in world.text()
    assert world.issue("1.1").state_reason == "not_planned"
    world.quiet()


PLANNED = (
    "Incremental pull with a timestamp, not a full rewrite",
    "Mirror comments behind a flag",
)
TOLD = (
    "Incremental pull resumes from the high-water mark of the last timestamp and writes what was updated since",
    "Mirror of all comments, behind `output.comments`, in files of their own that status, diff and push ignore",
)


def todo(*names: str, done: str = " ") -> str:
    return "# Roadmap\n\n## Phase 1: Life\n\n" + "".join(f"- [{done}] {name}\n" for name in names)


def rewritten(before: str, now: str) -> list[bool]:
    """Say of each task of a text whether it has an issue from before."""
    world = MemoryWorld(options=FileOptions(issues=IssueOptions(task="all", finished="import")))
    world.write(before)
    world.sync()
    world.write(now)
    tasks = [item.matched for item in world.reconcile().items if item.matched.desired.kind == "task"]
    assert all(not task.hands_off for task in tasks)
    return [task.issue is not None for task in tasks]


def test_a_task_without_a_number_that_is_told_otherwise_once_it_is_done_keeps_its_issue() -> None:
    assert rewritten(todo(*PLANNED), todo(*reversed(TOLD), done="x")) == [True, True]
    assert rewritten(todo(*PLANNED), todo(*TOLD)) == [True, True]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (todo(PLANNED[0], done="x"), todo(TOLD[0])),  # what was done stays what it was
        (todo(PLANNED[0]), todo(TOLD[1])),
        (todo(PLANNED[0]), todo(TOLD[0]).replace("Phase 1: Life", "Phase 2: Death")),
        (todo(PLANNED[0]), todo(TOLD[0], f"Test the {TOLD[0].lower().replace('writes', 'checks')}")),
        (
            todo("Check that exports work with large files", "Look for that word with care"),
            todo("Warn people that imports fail with broken files", "Look for that word with care"),
        ),
        (
            todo(
                "Test the storage module thoroughly, large data too",
                "Write the storage module",
                "Test it thoroughly",
            ),
            todo(
                "Name that storage module thoroughly, so that people find what it holds, and why",
                "Write the storage module",
                "Test it thoroughly",
            ),
        ),
        (todo("Fix the page of the list"), todo("Test that a list in the footer of a page has what we want")),
    ],
)
def test_a_task_that_shares_some_words_with_one_that_went_is_new(before: str, now: str) -> None:
    kept = before.count("- [") - 1 if before.count("- [") > 1 else 0
    assert rewritten(before, now).count(True) == kept
