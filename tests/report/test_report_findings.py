"""Findings for terminals, for code scanning and for workflows."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from planbot.plan.diagnostics import CODES
from planbot.plan.model import Diagnostic
from planbot.plan.source import Source
from planbot.report.annotations import workflow_commands
from planbot.report.sarif import sarif_data
from planbot.report.text import finding_lines

FINDING = Diagnostic("PB007", "warning", 2, 5, "phase 1 has no tasks", "add one")


def plain(finding: Diagnostic, text: str) -> list[str]:
    source = Source.of(text.encode())
    return ["".join(piece for _, piece in line) for line in finding_lines("PLAN.md", finding, source)]


def test_text_shows_the_line_and_a_caret_under_the_place() -> None:
    assert plain(FINDING, "# P\n##  Phase 1: One\n") == [
        "PLAN.md:2:5: warning PB007: phase 1 has no tasks",
        "    ##  Phase 1: One",
        "        ^",
        "    add one",
    ]


def test_the_caret_stands_right_under_wide_letters_and_in_long_lines() -> None:
    wide = plain(FINDING, "# P\n阶段一是\n")
    assert wide[2] == "    " + " " * 8 + "^"
    long = plain(Diagnostic("PB007", "warning", 1, 500, "here", ""), "a" * 499 + "b" + "c" * 499)
    assert long[1].strip()[len(long[2]) - 5] == "b"


def test_sarif_names_every_rule_and_places_every_finding() -> None:
    (run,) = sarif_data([("docs/my plan.md", FINDING)])["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [code.code for code in CODES]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("PB007", "warning")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "docs/my%20plan.md"
    assert place["region"] == {"startLine": 2, "startColumn": 5}


def test_codes_are_unique_and_explained() -> None:
    assert len({code.code for code in CODES}) == len({code.name for code in CODES}) == len(CODES)
    assert all(re.fullmatch(r"PB\d{3}", code.code) and code.explanation.endswith(".") for code in CODES)


@given(st.text(), st.text(), st.text())
@example("", "", "\n")
def test_no_text_breaks_out_of_a_workflow_command(path: str, message: str, hint: str) -> None:
    (command,) = workflow_commands([(path, Diagnostic("PB007", "warning", 1, 1, message, hint))])
    assert "\n" not in command
    assert "\r" not in command
    head, _, data = command.removeprefix("::").partition("::")
    assert head.startswith("warning file=")
    assert head.count(",") == 3, "a path adds no property"
    unescaped = data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    assert unescaped == (f"{message}\n{hint}" if hint else message)
