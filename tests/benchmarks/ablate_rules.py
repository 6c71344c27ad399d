"""Take each rule of the protocol out of the code and see that a test notices.

python tests/benchmarks/ablate_rules.py [RULE ...]

Copies the working tree to a temporary folder, and there replaces, one after the other, the lines that keep a rule by
lines that do not. A named test must fail then. Exits with 1 where one still passes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SKIPPED = shutil.ignore_patterns(".git", ".venv", ".hypothesis", ".*_cache", "__pycache__", ".npm", "dist")


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold a rule, the lines that keep it and what stands there without it, and the test that must fail then."""

    name: str
    says: str
    file: str
    keeps: str
    without: str
    test: str


RULES = (
    Rule(
        "1 perbox",
        "the base is kept box by box, and of a box that one side has yet to get it is that side's",
        "planbot/sync/merge.py",
        "            return AgreedCheck(self.group, self.text, self.plan, waiting)\n",
        "            return AgreedCheck(self.group, self.text, self.value, waiting)\n",
        "tests/sync/test_sync_settle.py::test_ticks_that_cannot_land_wait_and_are_not_lost",
    ),
    Rule(
        "1 frozen",
        "the base comes from the merge that was computed, not from what is read again before a write",
        "planbot/sync/merge.py",
        "        replace(old, value=merge(old.plan, new.issue, old.base)) if new.issue != old.issue else old\n",
        "        new\n",
        "tests/sync/test_sync_merge.py::test_a_tick_made_while_a_write_is_on_its_way_is_kept",
    ),
    Rule(
        "1 jbase",
        "an entry is appended whenever a base moved, even if nothing else did",
        "planbot/engine.py",
        "        if self._is_known(round_, agreed):\n",
        "        if True:\n",
        "tests/test_engine_ticks.py::test_both_sides_ticking_the_same_box_is_agreement_and_is_remembered",
    ),
    Rule(
        "2 lease",
        "a pass that writes to the tracker waits for another one's lease",
        "planbot/engine.py",
        "                busy = self._holder.stands_in_the_way\n",
        "                busy = lambda _: False\n",
        "tests/test_engine_lease.py::test_a_pass_waits_for_another_and_then_leaves_it_all_to_it",
    ),
    Rule(
        "2 absorb",
        "the lease entry records which issues are about to be made",
        "planbot/sync/settle.py",
        "                ledger.put(change.path, _promised(merged, word, now))\n",
        "",
        "tests/test_engine_faults.py::test_a_create_that_never_arrived_is_made_once_lists_can_have_caught_up",
    ),
    Rule(
        "2 deadline",
        "a holder sends nothing once its lease has nearly run out",
        "planbot/repo/lease.py",
        "        if now >= self._until - MARGIN:\n            return False\n",
        "",
        "tests/test_engine_lease.py::test_a_holder_renews_in_time_and_stops_when_it_is_too_late",
    ),
    Rule(
        "3 recheck",
        "after the lease is taken the head is read again; it moved: start over",
        "planbot/engine.py",
        "        if self._moved(round_):\n            return False\n",
        "",
        "tests/test_engine_ticks.py::test_what_is_taken_back_before_the_lease_is_taken_is_never_written",
    ),
    Rule(
        "4 order",
        "plan edits and their bases are pushed before the tracker is written to",
        "planbot/engine.py",
        (
            "        if self._writer.write(round_, tally):\n"
            "            tally.listing = round_.listing if tally.commit != commit else None\n"
            "            return False\n"
            "        if changes.changes or changes.base.rewrites:\n"
            "            return self._apply(round_, tally)\n"
        ),
        (
            "        if changes.changes or changes.base.rewrites:\n"
            "            return self._apply(round_, tally)\n"
            "        if self._writer.write(round_, tally):\n"
            "            tally.listing = round_.listing if tally.commit != commit else None\n"
            "            return False\n"
        ),
        "tests/test_crash_points.py",
    ),
    Rule(
        "5 reread",
        "a body is read again just before it is written",
        "planbot/sync/apply.py",
        "        now = self._hands.reader.issue(listed.number)\n",
        "        now: IssueRecord | None = listed\n",
        "tests/test_engine_faults.py::test_a_tick_between_listing_and_patch_is_kept",
    ),
    Rule(
        "5 conflict",
        "an issue that somebody else wrote meanwhile is left to the next pass",
        "planbot/sync/taken.py",
        "_stamp_of(managed) != _stamp_of(before)",
        "False",
        "tests/sync/test_sync_apply.py::test_an_issue_that_another_pass_wrote_meanwhile_is_left_to_the_next",
    ),
    Rule(
        "5 guard",
        "an issue that a list shows older than the journal knows it is read by itself",
        "planbot/listing.py",
        "listed.updated_at < item.updated_at",
        "False",
        "tests/test_engine_faults.py::test_a_list_that_shows_an_older_body_does_not_undo_a_tick",
    ),
    Rule(
        "6 create",
        "a create whose answer was lost is not sent again before lists can have caught up",
        "planbot/sync/reconcile.py",
        "(rest := begun + LAG - now) > 0",
        "(rest := begun + LAG - now) > 1_000_000_000",
        "tests/test_engine_faults.py::test_a_create_that_never_arrived_is_made_once_lists_can_have_caught_up",
    ),
    Rule(
        "6 bycreator",
        "it is looked for among all recent issues of this account, not by label",
        "planbot/listing.py",
        "issues | _begun(tracker, agreed, issues)",
        "issues",
        "tests/test_engine_faults.py::test_an_issue_that_lost_answer_and_label_is_found_by_its_stamp",
    ),
    Rule(
        "6 jwait",
        "a pass that lost its journal gives lists time before it creates",
        "planbot/engine.py",
        "            if lost_journal(round_.changes) and not tally.waited:\n",
        "            if tally.waited:\n",
        "tests/test_engine_faults.py::test_a_pass_without_its_journal_gives_lists_time_before_it_makes_anything",
    ),
    Rule(
        "7 fold",
        "ticks made in the one of two issues that goes are merged first",
        "planbot/sync/merge.py",
        "    folded = _folded(matched, texts, issue_of)\n",
        "    folded: dict[int, bool] = {}\n",
        "tests/test_engine_faults.py::test_two_issues_of_one_item_are_healed_and_no_tick_in_either_is_lost",
    ),
    Rule(
        "7 main",
        "of two issues with one uid the one the journal names stays",
        "planbot/sync/known.py",
        "        mine = item.issue if item.issue in issues else _best(numbers, issues)\n",
        "        mine = max(numbers, default=None)\n",
        "tests/test_engine_faults.py::test_two_issues_of_one_item_are_healed_and_no_tick_in_either_is_lost",
    ),
    Rule(
        "7 best",
        "where no journal names one, the open one stays, else the older",
        "planbot/sync/known.py",
        '    return min(numbers, key=lambda number: (issues[number].state != "open", number), default=None)\n',
        "    return max(numbers, default=None)\n",
        "tests/sync/test_sync_reconcile.py::test_without_a_journal_the_open_one_of_two_issues_stays_or_the_older",
    ),
    Rule(
        "8 ours",
        "of closes only planbot's own is undone",
        "planbot/sync/state.py",
        '    return issue.state == "closed" and issue.closed_by in (None, base.closed_by or issue.author)\n',
        '    return issue.state == "closed"\n',
        "tests/test_engine_items.py"
        "::test_what_a_person_reopened_and_closed_again_stays_closed_when_its_task_is_back",
    ),
    Rule(
        "8 retire",
        "that an issue was closed because its item is gone stands in its marker",
        "planbot/sync/closing.py",
        "replace(managed.marker, stamp=stamp, retired=True)",
        "replace(managed.marker, stamp=stamp)",
        "tests/test_crash_cases.py::test_an_item_whose_farewell_was_not_confirmed_is_reopened_when_it_is_back",
    ),
    Rule(
        "9 tri",
        "an issue closed as not planned is not done",
        "planbot/sync/state.py",
        '_NOT_DONE = ("not_planned", "duplicate")\n',
        "_NOT_DONE = ()\n",
        "tests/sync/test_sync_merge.py::test_a_tasks_own_box_is_merged_with_open_and_closed",
    ),
    Rule(
        "9 openfirst",
        "the base of a fresh issue says open, whatever the plan's box says",
        "planbot/sync/settle.py",
        "        box=AgreedCheck(None, merged.own.text, ticked=False) if merged.own else None,\n",
        "        box=AgreedCheck(None, merged.own.text, ticked=merged.own.plan) if merged.own else None,\n",
        "tests/sync/test_sync_apply.py::"
        "test_what_is_made_and_then_closed_is_closed_by_the_next_pass_if_this_one_is_killed_between",
    ),
    Rule(
        "10 match",
        "a check whose text changed in the plan is found by its place, unless nothing of it is left",
        "planbot/sync/align.py",
        "    _match_places([old[at] for at in olds], [new[at] for at in news], among, strict=strict)\n",
        "",
        "tests/sync/test_sync_merge.py::test_a_check_reworded_in_the_plan_keeps_the_tick_of_the_issue",
    ),
    Rule(
        "11 merged",
        "what a merged pull request held becomes base",
        "planbot/sync/proposal.py",
        '        return replace(check, ticked=check.ticked is not (verdict == "landed"), waiting=_WAITS[verdict])\n',
        "        return replace(check, waiting=_WAITS[verdict])\n",
        "tests/test_engine_pull_request.py::test_an_untick_made_just_after_the_merge_is_not_undone",
    ),
    Rule(
        "11 declined",
        "what a person closed unmerged is not proposed again until its box changes",
        "planbot/sync/ticks.py",
        '("refused", "declined", "proposed") if proposing else ("refused", "declined")',
        '("refused", "proposed") if proposing else ("refused",)',
        "tests/test_engine_pull_request.py::test_a_pull_request_closed_unmerged_is_a_no",
    ),
    Rule(
        "11 out",
        "a line that a person took out is declined",
        "planbot/watching.py",
        '            return "declined" if is_out else otherwise\n',
        "            return otherwise\n",
        "tests/test_engine_pull_request.py::test_a_line_that_a_person_takes_out_is_declined_and_the_rest_stands",
    ),
    Rule(
        "11 prclose",
        "a pull request with nothing left in it is closed by planbot, which is no no",
        "planbot/watching.py",
        '"withdrawn" if is_withdrawn(pull.body) else "declined"',
        '"declined"',
        "tests/test_engine_pull_request_cases.py::test_what_planbot_withdrew_is_proposed_again_though_the_pass_died_then",
    ),
    Rule(
        "12 leases",
        "pushes name the old value of every ref",
        "planbot/repo/repository.py",
        "leases = [f\"--force-with-lease={update.ref}:{update.old or ''}\" for update in updates]",
        'leases = ["--force"]',
        "tests/repo/test_repository_push.py",
    ),
    Rule(
        "12 either",
        "with no journal at all a box is ticked if either side is",
        "planbot/sync/merge.py",
        "    if base is None:\n        return True\n",
        "    if base is None:\n        return plan\n",
        "tests/test_engine_ticks.py::test_a_lost_journal_never_erases_a_tick",
    ),
)


def main(names: list[str]) -> int:
    """Print a line for each rule; return 1 if one is missed by nobody."""
    chosen = [rule for rule in RULES if not names or rule.name in names]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=SKIPPED)
        if pytest(copy, *dict.fromkeys(rule.test for rule in chosen)) != 0:
            print("the tests fail with all rules in place")
            return 1
        seen = [noticed(copy, rule) for rule in chosen]
    return 0 if all(seen) else 1


def noticed(copy: Path, rule: Rule) -> bool:
    """Take a rule away, run its test, put the rule back; print and return whether the test failed."""
    file = copy / rule.file
    text = file.read_text(encoding="utf-8")
    if text.count(rule.keeps) != 1:
        print(f"{rule.name:12} stands in {rule.file} no more: bring this script up to date")
        return False
    file.write_text(text.replace(rule.keeps, rule.without), encoding="utf-8")
    failed = pytest(copy, rule.test) == 1
    file.write_text(text, encoding="utf-8")
    verdict = "missed by" if failed else "NOT missed by"
    print(f"{rule.name:12} {rule.file:28} {verdict} {rule.test.rpartition('::')[2]}", flush=True)
    return failed


def pytest(copy: Path, *tests: str) -> int:
    """Run tests on the copy and return pytest's exit code: 1 where one fails."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, check=False, capture_output=True).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
