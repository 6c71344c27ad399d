"""What became of proposed boxes, which ticks a pull request holds, and which of them wait."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.items import PLACE, base, body, issue, item, listed, matched

from planbot.plan.model import Box
from planbot.plan.reader import read_plan
from planbot.repo.journal import plan_file_name
from planbot.sync.agreed import Agreed, AgreedCheck, AgreedItem, AgreedPlan, Proposal
from planbot.sync.changes import Tick
from planbot.sync.codec import decode, encode
from planbot.sync.desired import desire
from planbot.sync.limits import tallies
from planbot.sync.merge import merge_item
from planbot.sync.options import FileOptions
from planbot.sync.proposal import Boxes, digest, judged, revived
from planbot.sync.ticks import hold, ticks_of

if TYPE_CHECKING:
    from planbot.sync.agreed import Waiting
    from planbot.sync.merge import Merged
    from planbot.sync.proposal import Verdict

WAITS: tuple[Waiting, ...] = ("", "off", "refused", "proposed", "declined")


def agreed(*checks: AgreedCheck, box: AgreedCheck | None = None) -> Agreed:
    one = AgreedItem("u1", "phase", "phase:1", "1", "One", issue=7, box=box, checks=checks)
    return Agreed((AgreedPlan("PLAN.md", (one,)),), proposal=Proposal("c0ffee", "d1", 9))


def only(base: Agreed) -> AgreedItem:
    ((_, found),) = base.entries()
    return found


def boxes(*checks: tuple[str, bool], also: str = "") -> Boxes:
    text = f"# A plan\n\n## Phase 1: One\n\n### Phase 1 Verification\n\n{listed(checks)}\n"
    paths = ["PLAN.md", *([also] if also else [])]
    return Boxes([desire(read_plan(path, text.encode()), FileOptions(), PLACE) for path in paths])


def waiting(why: Waiting, *, others: tuple[tuple[str, Waiting], ...] = ()) -> Merged:
    """Return an item with boxes ticked in its issue alone, each waiting for a reason."""
    all_of_them = (("one", why), *others)
    agreed_on = base(*((text, False) for text, _ in all_of_them))
    checks = tuple(AgreedCheck(None, text, ticked=False, waiting=reason) for text, reason in all_of_them)
    return merge_item(
        matched(
            item(*((text, False) for text, _ in all_of_them)),
            replace(agreed_on, checks=checks),
            issue(body(*((text, True) for text, _ in all_of_them))),
        )
    )


@pytest.mark.parametrize(
    ("verdict", "after"),
    [
        ("stands", (False, "proposed")),
        ("landed", (True, "landed")),
        ("declined", (False, "declined")),
        ("withdrawn", (False, "")),
        ("refused", (False, "refused")),
    ],
)
def test_a_proposed_box_becomes_what_is_said_of_it(verdict: Verdict, after: tuple[bool, str]) -> None:
    tick, untick = (AgreedCheck(None, "a", ticked=value, waiting="proposed") for value in (False, True))
    for at, check in ((0, tick), (0, untick), (None, tick)):
        before = agreed(check) if at is not None else agreed(box=check)
        found = only(judged(before, lambda *_: verdict))
        changed = found.box if at is None else found.checks[0]
        assert changed is not None
        assert (changed.ticked is not check.ticked, changed.waiting) == (verdict == "landed", after[1])


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([one for one in WAITS if one != "proposed"]))))
def test_no_other_box_is_judged(checks: list[tuple[bool, Waiting]]) -> None:
    before = agreed(*(AgreedCheck(None, str(at), *check) for at, check in enumerate(checks)))
    assert judged(before, lambda *_: "landed") == before


def test_boxes_are_found_by_their_item_and_their_text() -> None:
    one = only(agreed(AgreedCheck(None, "a", ticked=False), AgreedCheck(None, "b", ticked=False)))
    content = boxes(("something new", True), ("b", True), ("a", False))
    assert [content.value("PLAN.md", one, at) for at in (0, 1)] == [False, True]
    assert content.value("PLAN.md", one, None) is None
    assert content.value("PLAN.md", replace(one, locator="phase:2"), 0) is None


def test_an_item_of_a_plan_file_that_moved_since_is_known_by_its_name_if_that_is_the_only_one() -> None:
    one = only(agreed(AgreedCheck(None, "a", ticked=False)))
    assert boxes(("a", True)).value("MOVED.md", one, 0) is True
    assert boxes(("a", True)).value("MOVED.md", replace(one, name="Two"), 0) is None
    assert boxes(("a", True), also="OTHER.md").value("MOVED.md", one, 0) is None
    assert boxes(("a", True), also="OTHER.md").value("OTHER.md", one, 0) is True


def test_what_was_declined_and_is_held_all_the_same_is_proposed_again() -> None:
    no = AgreedCheck(None, "a", ticked=False, waiting="declined")
    before = agreed(no, replace(no, text="b"), replace(no, text="c", waiting=""))
    after = only(revived(before, boxes(("a", True), ("b", False), ("c", True)))).checks
    assert [check.waiting for check in after] == ["proposed", "declined", ""]


def test_a_digest_tells_names_and_contents_apart() -> None:
    different = [
        {},
        {"a": b"b"},
        {"ab": b""},
        {"": b"ab"},
        {"a": b"", "b": b""},
        {"b": b"a"},
        {"a\udcff": b"b"},
    ]
    ticks = [Tick(path, 1, "", True, "plan", Box(False, 0)) for path in ("a", "b")]  # noqa: FBT003 - a box
    digests = {digest(files, ()) for files in different}
    digests |= {digest({"a": b"b"}, ticks), digest({"b": b"a"}, ticks)}
    assert len(digests) == len(different) + 2
    assert digest({"a": b"1", "b": b"2"}, ticks) == digest({"b": b"2", "a": b"1"}, ticks[::-1])


@pytest.mark.parametrize("proposing", [True, False])
@pytest.mark.parametrize("why", WAITS)
def test_a_tick_moves_or_waits_by_what_held_it_up_before(why: Waiting, proposing: bool) -> None:  # noqa: FBT001 - a column of the table
    stays = why in ("refused", "declined") or (why == "proposed" and proposing)
    moving, held = ticks_of([waiting(why)], write_back=True, proposing=proposing)
    assert (len(moving), [tick.waiting for tick in held]) == ((0, [why]) if stays else (1, []))
    moving, held = ticks_of([waiting(why)], write_back=False, proposing=proposing)
    assert (moving, [tick.waiting for tick in held]) == ([], [why or "off"])


def test_a_fresh_tick_takes_along_what_was_refused_and_nothing_else() -> None:
    one = waiting("", others=(("two", "refused"), ("three", "declined"), ("four", "proposed")))
    moving, held = ticks_of([one], write_back=True, proposing=True)
    assert [tick.text for tick in moving] == ["one", "two"]
    assert [tick.text for tick in held] == ["three", "four"]


@pytest.mark.parametrize("why", WAITS[1:])
def test_what_waits_counts_against_no_limit(why: Waiting) -> None:
    checks = [(str(at), True) for at in range(5)]
    agreed_on = replace(
        base(*checks), checks=tuple(AgreedCheck(None, text, ticked=True, waiting=why) for text, _ in checks)
    )
    one = merge_item(matched(item(*checks), agreed_on, issue(body(*((text, False) for text, _ in checks)))))
    moving, held = ticks_of([one], write_back=why != "off", proposing=True)
    assert (len(moving), len(held)) == (0, 5)
    (tally,) = tallies([hold(one, held)], [], ["PLAN.md"])
    assert (tally.unticks, tally.ticked) == (0, 5)


def test_a_marker_that_the_journal_does_not_know_says_nothing_of_why_a_tick_waits() -> None:
    check = AgreedCheck(None, "one", ticked=False, waiting="declined")
    known = replace(base(("one", False), stamp="s1"), checks=(check,))
    merged = merge_item(
        matched(item(("one", False)), known, issue(body(("one", True), ticks="0", stamp="s2")))
    )
    assert [box.waiting for box in merged.boxes] == ["declined"]


def test_what_landed_by_a_pull_request_outranks_an_older_marker() -> None:
    check = AgreedCheck(None, "one", ticked=True, waiting="landed")
    known = replace(base(("one", False), stamp="s1"), checks=(check,))
    merged = merge_item(
        matched(item(("one", True)), known, issue(body(("one", False), ticks="0", stamp="s2")))
    )
    assert merged.ticks == (False,), "the untick came after the merge"


@given(st.none() | st.builds(Proposal, st.text(), st.text(), st.none() | st.integers(), st.booleans()))
def test_a_proposal_is_read_as_it_was_written(proposal: Proposal | None) -> None:
    before = replace(agreed(), proposal=proposal)
    assert decode(encode(before, plan_file_name)) == before
