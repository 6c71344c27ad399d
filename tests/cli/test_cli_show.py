"""`planbot show`: a plan file as planbot reads it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from cli.commands import Planbot, process
from support.plans import SMALL
from support.world import PLAN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAN_KEYS = ["path", "dialect", "title", "phases", "tasks", "checks", "diagnostics"]
PHASE_KEYS = ["number", "title", "priority", "goal", "line", "checks", "tasks"]
TASK_KEYS = ["number", "title", "line", "box", "done", "checks"]
CHECK_KEYS = ["group", "text", "line", "ticked", "offset"]
DIAGNOSTIC_KEYS = ["code", "severity", "line", "column", "message", "hint"]

LISTED = """\
# Tasks: Login

## Phase 1: Setup

- [x] T001 Make the project
- [ ] T002 [P] Add the linter

## Phase 2: Login

- [ ] T003 Write the form
"""


def shown(planbot: Planbot, *files: object) -> Any:
    return json.loads(planbot("show", *files, "--output", "json").require().out)


def checks(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from plan["checks"]
    for part in (*plan["phases"], *tasks(plan)):
        yield from part["checks"]


def tasks(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for phase in plan["phases"]:
        yield from phase["tasks"]
    yield from plan["tasks"]


def boxes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    own = [task["box"] for task in tasks(plan) if task["box"] is not None]
    return sorted([*checks(plan), *own], key=lambda box: box["offset"])


def test_json_has_the_promised_shape(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    plan = shown(planbot, PLAN)
    assert list(plan) == PLAN_KEYS
    assert (plan["path"], plan["dialect"], plan["title"]) == (
        PLAN,
        "template",
        "Billing: Implementation Plan",
    )
    first, second = plan["phases"]
    assert list(first) == PHASE_KEYS
    assert {key: first[key] for key in PHASE_KEYS[:5]} == {
        "number": "1",
        "title": "Foundation",
        "priority": "MVP-Critical",
        "goal": "One invoice an order.",
        "line": 9,
    }
    assert [task["number"] for task in first["tasks"]] == ["1.1", "1.2"]
    assert first["tasks"][0] == {
        "number": "1.1",
        "title": "Store keys",
        "line": 13,
        "box": None,
        "done": None,
        "checks": [],
    }
    offset = SMALL.index("[ ] the tests pass") + 1
    assert first["checks"][0] == {
        "group": "Automated",
        "text": "the tests pass",
        "line": 45,
        "ticked": False,
        "offset": offset,
    }
    assert [check["group"] for check in first["checks"]] == ["Automated", "Automated", "Manual"]
    assert [task["title"] for task in second["tasks"]] == ["Page by cursor"]
    assert plan["tasks"] == []
    assert [check["text"] for check in plan["checks"]] == ["Who answers the phone?"]


def test_a_task_that_is_a_box_has_its_box(planbot: Planbot, here: Path) -> None:
    (here / "tasks.md").write_text(LISTED)
    plan = shown(planbot, "tasks.md")
    done, todo, other = tasks(plan)
    assert list(done) == TASK_KEYS
    assert done["box"] == {"ticked": True, "offset": LISTED.index("[x]") + 1}
    assert (done["done"], todo["done"]) == (True, False)
    assert (done["line"], todo["line"], other["line"]) == (5, 6, 10)
    assert list(checks(plan)) == []


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("text", [SMALL, LISTED], ids=["template", "listed"])
def test_offsets_are_bytes_of_the_file_between_the_brackets_of_every_box(
    planbot: Planbot, here: Path, bom: bytes, line_end: str, text: str
) -> None:
    title = text.split("\n", 1)[0]
    data = bom + text.replace(title, f"{title} für 🧾").replace("\n", line_end).encode()
    (here / PLAN).write_bytes(data)
    plan = shown(planbot, PLAN)
    found = boxes(plan)
    assert [box["offset"] for box in found] == [
        match.start() + 1 for match in re.finditer(rb"\[[ x]\]", data)
    ]
    assert [box["ticked"] for box in found] == [data[box["offset"]] == ord("x") for box in found]


def test_lines_count_from_1_and_are_where_the_item_stands(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    plan = shown(planbot, PLAN)
    lines = ["", *SMALL.split("\n")]
    for part, text in [
        *((check, check["text"]) for check in checks(plan)),
        *((task, task["title"]) for task in tasks(plan)),
        *((phase, phase["title"]) for phase in plan["phases"]),
    ]:
        assert text in lines[part["line"]]


def test_the_boxes_of_collected_plans_are_told_once_each(planbot: Planbot, shared_plans: Path) -> None:
    files = sorted(shared_plans.rglob("*.md"))
    outcome = planbot("show", *files, "--output", "json")
    assert outcome.code in (0, 2)
    plans = json.loads(outcome.out)
    assert [plan["path"] for plan in plans] == [str(path) for path in files]
    for path, plan in zip(files, plans, strict=True):
        data = path.read_bytes()
        offsets = [box["offset"] for box in boxes(plan)]
        assert len(set(offsets)) == len(offsets)
        for box in boxes(plan):
            around = data[box["offset"] - 1 : box["offset"] + 2]
            assert around in ((b"[x]", b"[X]") if box["ticked"] else (b"[ ]",))
            assert data.count(b"\n", 0, box["offset"]) < box["line" if "line" in box else "offset"]
        numbers = [part["number"] for part in (*plan["phases"], *tasks(plan))]
        assert all(number is None or isinstance(number, str) for number in numbers)


def test_several_files_are_a_list_in_the_order_given(planbot: Planbot, here: Path) -> None:
    (here / "b.md").write_text(LISTED)
    (here / "a.md").write_text(SMALL)
    assert [plan["path"] for plan in shown(planbot, "b.md", "a.md")] == ["b.md", "a.md"]


def test_diagnostics_are_part_of_the_json_and_talk_beside_the_text(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL + "- [~] half done\n")
    (finding,) = shown(planbot, PLAN)["diagnostics"]
    assert list(finding) == DIAGNOSTIC_KEYS
    assert (finding["code"], finding["severity"], finding["line"]) == ("PB013", "warning", 59)
    outcome = planbot("show", PLAN).require()
    assert f"{PLAN}:59:{finding['column']}: warning PB013: {finding['message']}\n" in outcome.err
    assert "PB013" not in outcome.out


def test_what_the_settings_of_a_file_say_wrong_is_a_diagnostic(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(f"---\nplanbot:\n  isues: {{plan: false}}\n---\n{SMALL}")
    outcome = planbot("show", PLAN, "--output", "json")
    (finding,) = json.loads(outcome.out)["diagnostics"]
    assert "isues" in finding["message"]
    assert (finding["severity"], outcome.code) == ("error", 2)


def test_text_shows_each_part_with_its_line(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL.replace("[ ] the page", "[x] the page"))
    outcome = planbot("show", PLAN).require()
    assert outcome.err == ""
    lines = outcome.out.splitlines()
    assert lines[0] == "PLAN.md: Billing: Implementation Plan  (template)"
    for line in (
        "    9   Phase 1: Foundation  [MVP-Critical]",
        "   45     [ ] Automated: the tests pass",
        "   49     [x] Manual: the page opens",
        "   13     1.1 Store keys",
        "   58   [ ] Who answers the phone?",
    ):
        assert line in lines


def test_several_files_as_text_stand_apart(planbot: Planbot, here: Path) -> None:
    (here / "a.md").write_text(LISTED)
    (here / "b.md").write_text(LISTED)
    first, second = planbot("show", "a.md", "b.md").require().out.split("\n\n")
    assert first.startswith("a.md: ")
    assert second.startswith("b.md: ")


def test_a_file_that_wants_to_be_left_alone_can_still_be_looked_at(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(f"---\nplanbot: off\n---\n{SMALL}")
    assert len(boxes(shown(planbot, PLAN))) == 5


def test_it_needs_no_repository_no_token_and_reads_the_settings_beside_it(tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text(SMALL.replace("Phase", "Etappe"))
    (tmp_path / "planbot.yml").write_text("words: {phase: [Etappe]}\n")
    outcome = process("show", PLAN, "--output", "json", cwd=tmp_path, env={"PATH": ""}).require()
    assert [phase["title"] for phase in json.loads(outcome.out)["phases"]] == ["Foundation", "Paging"]


def test_settings_can_be_named(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    (here / "own.yml").write_text(f"plans: [{{files: {PLAN}, dialect: generic}}]\n")
    out = planbot("show", PLAN, "--config", "own.yml", "--output", "json").require().out
    assert json.loads(out)["dialect"] == "generic"


@pytest.mark.parametrize(
    ("name", "said"),
    [("nope.md", "No such file or directory"), ("folder", "Is a directory")],
)
def test_a_named_file_that_cannot_be_read_is_a_usage_error(
    planbot: Planbot, here: Path, name: str, said: str
) -> None:
    (here / "folder").mkdir()
    outcome = planbot("show", name).require(2)
    assert outcome.out == ""
    assert outcome.err.startswith("error: ")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_a_file_that_is_no_plan_is_told_with_its_place_and_exit_code_2(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text("nothing here\n")
    assert "PLAN.md:1:1: warning PB001: " in planbot("show", PLAN).require(2).err
    (here / "good.md").write_text(SMALL)
    outcome = planbot("show", PLAN, "good.md", "--output", "json").require(2)
    assert [plan["path"] for plan in json.loads(outcome.out)] == [PLAN, "good.md"]


HOSTILE = "\x1b[2J\x1b[8m\x1b]0;title\x07 \x9b31m \x08\x7f \u202egnp.exe\u2066 \r overwritten \udcff".encode(
    "utf-8", "surrogateescape"
)


def test_a_plan_cannot_drive_the_terminal(planbot: Planbot, here: Path) -> None:
    title, task, check = b"# A " + HOSTILE, b"### 1.1 " + HOSTILE, b"- [ ] b " + HOSTILE
    phase = b"## Phase 1: " + HOSTILE
    (here / PLAN).write_bytes(b"\n\n".join((title, phase, task, check, b"- [~] no box")))
    outcome = planbot("show", PLAN)
    text = outcome.out + outcome.err
    assert text.count("\N{REPLACEMENT CHARACTER}") > 20
    assert not re.search(r"[^\n\t -~\xa0-\u2029\u2030-\u2065\u206a-\ud7ff\ue000-\U0010ffff]", text)


def test_a_plan_in_colours_cannot_drive_the_terminal_either(
    planbot: Planbot, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    (here / PLAN).write_bytes(b"# A \x1b[8m\n\n## Phase 1: \x1b[31mB\n\n### 1.1 C\n\n- [x] \x1b[1md\n")
    out = planbot("show", PLAN).require().out
    assert set(re.findall(r"\x1b[^m]*m", out)) == {"\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[0m"}
    assert out.count("\N{REPLACEMENT CHARACTER}") == 3
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in planbot("show", PLAN).require().out


def test_json_is_ascii_without_lone_surrogates(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_bytes(b"# A \xff \xf0\x9f\xa7\xbe\n\n- [ ] b " + HOSTILE + b"\n")
    out = planbot("show", PLAN, "--output", "json").require().out
    assert out.isascii()
    assert json.loads(out)["title"] == "A \N{REPLACEMENT CHARACTER} 🧾"
    assert not re.search(r"[\ud800-\udfff]", str(json.loads(out)))
