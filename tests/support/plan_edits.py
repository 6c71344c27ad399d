"""Random plan files of several dialects, and what people do to them and to their issues."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from hypothesis import strategies as st
from support.memory_world import PLAN

from planbot.sync.options import FileOptions, IssueOptions
from planbot.tracker.marker import Managed, split
from planbot.tracker.protocols import TrackerReader, TrackerWriter

if TYPE_CHECKING:
    from planbot.tracker.records import IssueRecord

WORDS = ["store", "keys", "page", "cursor", "retry", "lock", "index", "cache", "answer", "guard", "trace"]
TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
CHECKS = st.tuples(st.booleans(), TITLES)
TASKS = st.tuples(st.booleans(), TITLES, st.lists(CHECKS, max_size=2))
PHASES = st.tuples(TITLES, st.lists(TASKS, max_size=3), st.lists(CHECKS, max_size=3))
OPTIONS = st.builds(
    FileOptions,
    issues=st.builds(
        IssueOptions,
        plan=st.booleans(),
        phase=st.booleans(),
        task=st.sampled_from(["headings", "all", "none"]),
        finished=st.sampled_from(["skip", "import"]),
    ),
    milestones=st.booleans(),
)

Check = tuple[bool, str]
Task = tuple[bool, str, list[Check]]
Phase = tuple[str, list[Task], list[Check]]
Dialect = Callable[[list[Phase], "Names"], tuple[str, str]]

_BOX = re.compile(r"(?P<before>\s*- \[)(?P<mark>[ x])(?P<text>\] .*?(?P<name>n\d+))")
_NAME = re.compile(r"\bn\d+\b")
_NUMBER = re.compile(r"^#{3,4} (Phase \d+|[\d.]+)", re.MULTILINE)
_HEADING = re.compile(r"#{2,4} ")
_KEPT = ("Verification", "Questions", "Priority Order")


class Desk(TrackerReader, TrackerWriter, Protocol):
    """Read and change a tracker."""


class Sides(Protocol):
    """Hold what people work on: plan files and issues."""

    @property
    def tracker(self) -> Desk:
        """Return the issues."""

    def text(self, path: str) -> str:
        """Return a plan file as it is now."""

    def write(self, text: str, path: str) -> None:
        """Replace a plan file."""


class Names:
    """Give every check a name of its own, by which it is known on both sides."""

    def __init__(self) -> None:
        self._count = 0

    def box(self, ticked: bool, text: str, number: str = "") -> str:  # noqa: FBT001 - a check's two parts
        self._count += 1
        return f"- [{'x' if ticked else ' '}] {number}{text} n{self._count}"


def template(phases: list[Phase], names: Names) -> tuple[str, str]:
    """Return a plan in the template's form, with a table that holds the state of tasks."""
    lines = ["# The plan: Implementation Plan", ""]
    for at, (title, tasks, _) in enumerate(phases, 1):
        lines += [f"### Phase {at}: {title}", "", f"**Goal**: {title}.", ""]
        for number, (_, name, checks) in enumerate(tasks, 1):
            relation = "**Owner**: @lee" if number == 1 else f"**Depends on**: {at}.1"
            lines += [f"#### {at}.{number} {name}", "", relation, "", f"Text of {name}.", ""]
            lines += [*(names.box(*check) for check in checks), ""]
    lines += ["## Priority Order", "", "| Phase | Impact | Status |", "|---|---|---|"]
    lines += [
        f"| {at}.{number} | High | {'Done' if done else 'Open'} |"
        for at, (_, tasks, _) in enumerate(phases, 1)
        for number, (done, _, _) in enumerate(tasks[:1], 1)
    ]
    lines += ["", "## Verification", ""]
    for at, (_, _, checks) in enumerate(phases, 1):
        lines += [f"### Phase {at} Verification", "", "**Automated**:", ""]
        lines += [*(names.box(*check) for check in checks), ""]
    return PLAN, "\n".join([*lines, "## Open Questions", "", names.box(False, "who"), ""])  # noqa: FBT003


def openspec(phases: list[Phase], names: Names) -> tuple[str, str]:
    """Return a plan in OpenSpec's form, whose tasks are boxes."""
    lines = ["# Tasks", ""]
    for at, (title, tasks, _) in enumerate(phases, 1):
        lines += [f"## {at}. {title}", ""]
        for number, (done, name, checks) in enumerate(tasks, 1):
            lines += [names.box(done, name, f"{at}.{number} ")]
            lines += [f"  {names.box(*check)}" for check in checks]
        lines += [""]
    return "openspec/changes/x/tasks.md", "\n".join([*lines, "## 9. last", "", "- [ ] 9.1 last", ""])


def kiro(phases: list[Phase], names: Names) -> tuple[str, str]:
    """Return a plan in Kiro's form, whose phases and tasks are boxes."""
    lines = ["# Implementation Plan", ""]
    for at, (title, tasks, _) in enumerate(phases, 1):
        lines += [names.box(False, title, f"{at}. ")]  # noqa: FBT003
        for number, (done, name, checks) in enumerate(tasks, 1):
            lines += [f"  {names.box(done, name, f'{at}.{number} ')}"]
            lines += [f"    {names.box(*check)}" for check in checks]
            lines += ["    - _Requirements: 1.1_"]
    return ".kiro/specs/x/tasks.md", "\n".join([*lines, "- [ ] 9. last", ""])


def speckit(phases: list[Phase], names: Names) -> tuple[str, str]:
    """Return a plan in Spec Kit's form."""
    lines, count = ["# Tasks: x", ""], 0
    for at, (title, tasks, _) in enumerate(phases, 1):
        lines += [f"## Phase {at}: {title}", ""]
        for done, name, _ in tasks:
            count += 1
            lines += [names.box(done, name, f"T{count:03} [P] ")]
        lines += [""]
    return "specs/x/tasks.md", "\n".join([*lines, "## Phase 9: last", "", "- [ ] T999 last", ""])


DIALECTS = st.sampled_from([template, openspec, kiro, speckit])
Deed = Literal[
    "tick plan", "tick issue", "remove check", "add check", "reword check", "swap checks", "rename part",
    "remove part", "move part", "add part", "turn back", "close", "drop", "reopen", "retitle", "label",
    "unfile", "write around", "reword issue", "cut a box", "depend", "own", "assign", "unassign", "move check",
]  # fmt: skip
DEEDS: tuple[Deed, ...] = Deed.__args__  # type: ignore[attr-defined]
# a check that becomes a task, or goes to an item without an issue, leaves its tick behind
EDITS = st.tuples(
    st.sampled_from([deed for deed in DEEDS if deed != "move check"]), st.integers(0, 40), st.integers(0, 40)
)
Edit = tuple[Deed, int, int]


W = TypeVar("W", bound=Sides)


@dataclass
class People(Generic[W]):
    """Do things to a plan file and to its issues, chosen by two numbers each."""

    world: W
    path: str
    names: Names
    before: str = ""

    def do(self, edit: Edit) -> None:
        deed, one, two = edit
        text = self.world.text(self.path)
        lines = text.split("\n")
        boxes = [at for at, line in enumerate(lines) if _BOX.fullmatch(line)]
        parts = [at for at, line in enumerate(lines) if _HEADING.match(line) and not line.endswith(_KEPT)]
        if deed in _ON_CHECKS and boxes:
            self._on_check(deed, lines, boxes[one % len(boxes)], WORDS[two % len(WORDS)])
        elif deed in _ON_PARTS and parts:
            _on_part(deed, lines, parts[one % len(parts)], WORDS[two % len(WORDS)])
        elif deed == "turn back" and self.before:
            lines = self.before.split("\n")
        else:
            self._on_issue(deed, one, two)
        if lines != text.split("\n"):
            self.before = text
            self.world.write("\n".join(lines), self.path)

    def tick_in(self, number: int) -> None:
        """Tick or untick the first check that an issue shows."""
        issue = self.world.tracker.issue(number)
        for line in issue.body.split("\n") if issue else ():
            if found := _BOX.fullmatch(line):
                _on_body(self.world, "tick issue", found["name"])
                return

    def _on_check(self, deed: Deed, lines: list[str], at: int, word: str) -> None:
        found = _BOX.fullmatch(lines[at])
        assert found is not None
        match deed:
            case "tick plan":
                lines[at] = _flipped(lines[at])
            case "remove check":
                del lines[at]
            case "add check":
                indent = found["before"].partition("-")[0]
                lines.insert(at + 1, indent + self.names.box(False, word))  # noqa: FBT003
            case "reword check":
                lines[at] = lines[at].replace(f" {found['name']}", f" {word} {found['name']}")
            case "move check":
                others = [line for line in range(len(lines)) if line != at and _BOX.fullmatch(lines[line])]
                _move(lines, at, others[len(word) * 7 % len(others)] if others else at)
            case "swap checks" if at + 1 < len(lines) and _BOX.fullmatch(lines[at + 1]):
                lines[at], lines[at + 1] = lines[at + 1], lines[at]
            case _:
                pass

    def _on_issue(self, deed: Deed, one: int, two: int) -> None:
        issues = self.world.tracker.issues("planbot")
        names = sorted(shown_boxes(self.world))
        if deed in _ON_BODIES and names:
            _on_body(self.world, deed, names[one % len(names)])
        elif issues:
            _on_fields(self.world, deed, issues[one % len(issues)], two)


_ON_CHECKS = {"tick plan", "remove check", "add check", "reword check", "swap checks", "move check"}
_ON_PARTS = {"rename part", "remove part", "move part", "add part", "depend", "own"}
_ON_BODIES = {"tick issue", "reword issue", "cut a box"}


def _on_part(deed: Deed, lines: list[str], at: int, word: str) -> None:
    heading = lines[at]
    level = len(heading) - len(heading.lstrip("#"))
    rest = range(at + 1, len(lines))
    end = next((line for line in rest if re.match(rf"#{{1,{level}}} ", lines[line])), len(lines))
    match deed:
        case "rename part":
            lines[at] = f"{heading} {word}"
        case "remove part":
            del lines[at:end]
        case "move part":
            part = lines[at:end]
            del lines[at:end]
            lines += part
        case "add part":
            title = f"7.{len(word)} {word}" if level > 3 else f"Phase 7{len(word)}: {word}"
            lines[at:at] = [f"{'#' * level} {title}", "", "Text.", ""]
        case "depend" if level > 2:
            numbers = _NUMBER.findall("\n".join(lines))
            _field(lines, at, f"**Depends on**: {numbers[len(word) % len(numbers)]}")
        case "own" if level > 2:
            _field(lines, at, f"**Owner**: @{'lee' if len(word) % 2 else 'ghost'}")
        case _:
            pass


def _move(lines: list[str], at: int, after: int) -> None:
    """Move a check below another one, as deep in the text as that."""
    indent = lines[after].partition("-")[0]
    line = indent + lines[at].lstrip()
    lines.insert(after + 1, line)
    del lines[at if at < after else at + 1]


def _field(lines: list[str], at: int, field: str) -> None:
    """Say something of the part under this heading, or no more if just that is said."""
    if lines[at + 1 : at + 3] == ["", field]:
        del lines[at + 1 : at + 3]
    else:
        lines[at + 1 : at + 1] = ["", field]


def _on_fields(world: Sides, deed: Deed, issue: IssueRecord, two: int) -> None:
    tracker = world.tracker
    match deed:
        case "close":
            tracker.update_issue(issue.number, state="closed", state_reason="completed")
        case "drop":
            tracker.update_issue(issue.number, state="closed", state_reason="not_planned")
        case "reopen":
            tracker.update_issue(issue.number, state="open")
        case "retitle":
            tracker.update_issue(issue.number, title=f"mine {issue.number} {two}")
        case "label":
            tracker.update_issue(issue.number, labels=("planbot", "bug"))
        case "assign":
            tracker.update_issue(issue.number, assignees=(*issue.assignees, "sam"))
        case "unassign":
            tracker.update_issue(issue.number, assignees=())
        case "unfile":
            tracker.update_issue(issue.number, milestone=None)
        case "write around":
            tracker.update_issue(issue.number, body=f"above {two}\n\n{issue.body}\nbelow `{two}`\n- [ ] mine")
        case _:
            pass


def _on_body(world: Sides, deed: Deed, name: str) -> None:
    """Tick, reword or cut out the check of this name in the issue that shows it."""
    for issue in world.tracker.issues("planbot"):
        body = split(issue.body)
        shown = body.text.split("\n") if isinstance(body, Managed) and not body.marker.retired else []
        line = next((one for one in shown if (found := _BOX.fullmatch(one)) and found["name"] == name), None)
        if line is not None:
            new = _flipped(line) if deed == "tick issue" else line.replace("] ", "] my ")
            new = "" if deed == "cut a box" else new
            world.tracker.update_issue(issue.number, body=issue.body.replace(line, new, 1))
            return


def _flipped(line: str) -> str:
    found = _BOX.fullmatch(line)
    assert found is not None
    return found["before"] + (" " if found["mark"] == "x" else "x") + found["text"]


def name_in(text: str) -> str | None:
    """Return the name that a check's text ends with."""
    found = _NAME.findall(text)
    return found[-1] if found else None


def boxes(text: str) -> dict[str, bool]:
    """Return the boxes of a text by the names of their checks, those with a name of their own."""
    found = [one for line in text.split("\n") if (one := _BOX.fullmatch(line))]
    count = Counter(one["name"] for one in found)
    return {one["name"]: one["mark"] == "x" for one in found if count[one["name"]] == 1}


def shown_boxes(world: Sides) -> dict[str, bool]:
    """Return the boxes of all open items' issues by the names of their checks."""
    found: dict[str, bool] = {}
    for issue in world.tracker.issues("planbot"):
        body = split(issue.body)
        if isinstance(body, Managed) and not body.marker.retired:
            found |= boxes(body.text)
    return found


def around(world: Sides) -> dict[int, tuple[str, str]]:
    """Return what people wrote around the managed block of each issue."""
    bodies = {issue.number: split(issue.body) for issue in world.tracker.issues("planbot")}
    return {number: (one.before, one.after) for number, one in bodies.items() if isinstance(one, Managed)}
