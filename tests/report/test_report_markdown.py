"""Results as Markdown: a table for each plan file, bars, links, what was not done, all of it escaped."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report.passes import change, result, tick
from support.hostile import hostile
from support.world import PLAN

from planbot.errors import SettingsError, UsageError
from planbot.plan.model import Diagnostic
from planbot.report.annotations import failure_commands
from planbot.report.data import result_data
from planbot.report.markdown import (
    COMMENT_LIMIT,
    failure_markdown,
    findings_markdown,
    fitted,
    preview_markdown,
    refusal_markdown,
    result_markdown,
)
from planbot.report.outputs import LONGEST, output_lines
from planbot.report.result import PassResult
from planbot.sync.changes import Undone
from planbot.sync.limits import Refusal
from planbot.tracker.records import UserRecord

PAGE = "https://github.com/octo/plans"
GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def lines(outcome: PassResult) -> list[str]:
    return result_markdown(outcome).splitlines()


def cells(outcome: PassResult) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines(outcome) if line[:1] == "|"
    ]


def test_each_phase_is_a_row_with_its_issue_its_boxes_and_a_bar() -> None:
    outcome = result(page=PAGE, ref="main", issues={(PLAN, 1): 1, (PLAN, 9): 2})
    (plan,) = outcome.plans
    ticked = replace(plan.phases[0].checks[0].box, ticked=True)
    checks = (replace(plan.phases[0].checks[0], box=ticked), *plan.phases[0].checks[1:])
    first = replace(plan.phases[0], checks=checks)
    outcome = replace(outcome, plans=(replace(plan, phases=(first, *plan.phases[1:])),))
    text = result_markdown(outcome)
    assert f"### [PLAN\\.md](<{PAGE}/blob/main/PLAN.md>) Billing:<!-- --> Implementation Plan" in text
    assert cells(outcome)[2:] == [
        [
            "Phase 1:<!-- --> Foundation",
            f"[#<!-- -->2](<{PAGE}/issues/2>)",
            "2",
            "1 of 3",
            "`███░░░░░░░` 33 %",
        ],
        ["Phase 2:<!-- --> Paging", "", "1", "0 of 1", "`░░░░░░░░░░` 0 %"],
        ["**all**", "", "3", "1 of 5", "`██░░░░░░░░` 20 %"],
    ]


def test_what_moved_is_linked_to_issues_and_lines_and_names_who_ticked() -> None:
    outcome = result(
        page=PAGE,
        ref="main",
        changes=(change("close", "task", "1.1 Store", issue=3, line=15),),
        ticks=(tick("the page opens", 49), tick("paging", 54, "issue")),
        people={2: UserRecord("maya", 7)},
    )
    issue, first = f"[#<!-- -->2](<{PAGE}/issues/2>)", f"(<{PAGE}/blob/main/PLAN.md?plain=1#L49>)"
    assert lines(outcome)[-3:] == [
        f"- closed task [#<!-- -->3](<{PAGE}/issues/3>) 1\\.1 Store",
        f"- `[x]` {issue} → [PLAN\\.md:<!-- -->49]{first}: the page opens, by maya",
        f"- `[x]` [PLAN\\.md:<!-- -->54]({first[1:-4]}54>) → {issue}: paging",
    ]


def test_a_dry_run_says_what_would_be_what_it_costs_and_what_would_be_refused() -> None:
    text = result_markdown(
        result(dry_run=True, changes=(change("create", "task", "1.1"),), refusals=("PLAN.md is gone",))
    )
    assert "\nCost: 0 new issues, 0 new milestones, 1 write, about 1 minute" in text
    assert "### Would be refused\n\n- PLAN\\.md is gone\n" in text
    assert "- would create task 1\\.1\n" in text


def test_what_was_not_done_is_said_with_the_reason() -> None:
    outcome = result(
        undone=(Undone(change("update", "task", "1.2", issue=4), "Server Error (502)"),),
        waiting=(tick("the page opens", 48),),
        notices=("this server has no sub-issues",),
        problem="the push was refused",
    )
    text = result_markdown(outcome)
    assert (
        "### Not done\n\n- update task #<!-- -->4 1\\.2: Server Error \\(502\\)\n- the push was refused\n"
        in text
    )
    assert "### Waiting\n\n- `[x]` #<!-- -->2 → PLAN\\.md:<!-- -->48: the page opens\n" in text
    assert "### Notes\n\n- this server has no sub\\-issues\n" in text


def test_findings_are_a_table() -> None:
    finding = Diagnostic("PB013", "warning", 3, 5, "no box", "write `- [ ] `")
    assert findings_markdown([(PLAN, finding)]).splitlines()[-1] == (
        "| PLAN\\.md:<!-- -->3 | warning | PB013: no box | write \\`\\- \\[ \\] \\` |"
    )


def test_a_skipped_pass_is_one_line() -> None:
    assert lines(PassResult("octo/plans", notices=("it is archived",), skipped=True))[2:] == [
        "it is archived"
    ]


def test_what_is_too_long_ends_with_a_word_about_the_rest() -> None:
    outcome = result(changes=tuple(change("create", "task", f"{number} é") for number in range(5000)))
    text = result_markdown(outcome, 10_000)
    assert 9_000 < len(text.encode()) <= 10_000
    assert text.endswith("*The rest did not fit; `--output json` has all of it.*\n")
    assert fitted(["ä"], 100) == "ä\n"


@given(st.lists(hostile, min_size=5, max_size=5))
def test_texts_from_outside_change_nothing_but_themselves(texts: list[str]) -> None:
    def built(title: str, text: str, path: str, login: str, why: str) -> PassResult:
        outcome = result(
            page=PAGE,
            ref="main",
            findings=((path, Diagnostic("PB013", "warning", 3, 5, text, why)),),
            changes=(change("create", "task", title, path=path, issue=3),),
            ticks=(replace(tick(text, 49), path=PLAN),),
            people={2: UserRecord(login, 7)},
            undone=(Undone(change("update", "task", title, issue=4), why),),
            notices=(text,),
            problem=why or "x",
        )
        (plan,) = outcome.plans
        phases = tuple(replace(phase, title=title) for phase in plan.phases)
        return replace(outcome, plans=(replace(plan, title=text, phases=phases),))

    texts = [f"a{text}" for text in texts]
    texts[2] = texts[2].replace("\ud800", "\udcff")  # how a path holds a byte that is no UTF-8
    assert shape(result_markdown(built(*texts))) == shape(result_markdown(built("a", "a", "a", "a", "a")))


@given(hostile)
def test_texts_from_outside_change_nothing_of_a_comment(text: str) -> None:
    def comments(text: str) -> list[str]:
        wanted = result(dry_run=True, changes=(change("create", "task", text, line=3),))
        refusals = (Refusal("closes", text, f"{text}: 4 of 5 open issues would be closed"),)
        return [preview_markdown(wanted, COMMENT_LIMIT), refusal_markdown(refusals, PAGE, COMMENT_LIMIT)]

    for hostile_one, plain in zip(comments(f"a{text}"), comments("a"), strict=True):
        assert shape(hostile_one) == shape(plain)


def test_a_comment_has_room() -> None:
    wanted = result(dry_run=True, changes=tuple(change("create", "task", "é" * 200) for _ in range(500)))
    assert len(preview_markdown(wanted, COMMENT_LIMIT)) <= COMMENT_LIMIT


def shape(text: str) -> list[str]:
    """Return what a text is made of: blocks and links, without what they say."""
    found = []
    for token in GITHUB.parse(text):
        found.append(token.type)
        for inner in token.children or ():
            if inner.type not in ("text", "text_special", "html_inline"):
                found.append(inner.type)
            elif inner.type == "html_inline":
                assert inner.content == "<!-- -->"
    return found


def test_outputs_are_a_line_each_whatever_the_texts_say() -> None:
    outcome = result(
        changes=(change("create", "task", "a\nchanged=no\r\u2028é", issue=3),), ticks=(tick("x", 4),)
    )
    text = "".join(f"{line}\n" for line in output_lines(result_data(outcome)))
    given_out = dict(line.split("=", 1) for line in text.splitlines())
    assert json.loads(given_out.pop("result")) == result_data(outcome)
    assert given_out == {
        "changed": "true",
        "created": "1",
        "updated": "0",
        "closed": "0",
        "ticked": "1",
        "commit": "",
        "pull-request": "",
    }


def test_a_result_that_is_too_long_for_an_output_is_left_out() -> None:
    assert next(output_lines(["x" * LONGEST])) == "result="


def test_a_failure_is_an_annotation_and_so_is_each_mistake_in_the_settings() -> None:
    assert list(failure_commands(UsageError("no\ntoken %", hint="set one"))) == [
        "::error title=planbot::no%0Atoken %25%0Aset one"
    ]
    mistakes = SettingsError((".github/planbot.yml:3:9: plans: x", "planbot.yml:4: y"))
    assert list(failure_commands(mistakes)) == [
        "::error file=.github/planbot.yml,line=3,col=9,title=planbot::plans: x",
        "::error file=planbot.yml,line=4,title=planbot::y",
    ]
    assert failure_markdown(UsageError("a\nb", hint="c")) == "### planbot stopped\n\n- a\n- b\n\nc\n"


@given(hostile)
def test_an_annotation_is_one_line_and_one_command(text: str) -> None:
    for command in failure_commands(UsageError(text, hint=text)):
        assert len(re.split(r"[\r\n]", command)) == 1
        assert command.startswith("::error title=planbot::")
