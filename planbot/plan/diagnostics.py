"""Every finding about a plan file by its stable code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.plan.model import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.plan.model import Severity
    from planbot.plan.source import Source


@dataclass(frozen=True, slots=True)
class Code:
    """Hold a kind of finding: its stable code, a short name, its severity, and what it means."""

    code: str
    name: str
    severity: Severity
    explanation: str

    def at(self, line: int, column: int, message: str, hint: str = "") -> Diagnostic:
        """Make a finding at a place; line and column count from 1."""
        return Diagnostic(self.code, self.severity, line, column, message, hint)

    def at_line(self, source: Source, line: int, message: str, hint: str = "") -> Diagnostic:
        """Make a finding at the first visible character of a line, counted from 0."""
        text = source.lines[line]
        return self.at(line + 1, len(text) - len(text.lstrip()) + 1, message, hint)

    def at_offset(self, source: Source, offset: int, message: str, hint: str = "") -> Diagnostic:
        """Make a finding at a byte of the file."""
        return self.at(*source.position(offset), message, hint)


NO_PLAN = Code(
    "PB001",
    "no-plan",
    "warning",
    "The file holds no phase, no task and no checkbox, so there is nothing to keep in step.",
)
TOO_LARGE = Code(
    "PB002",
    "too-large",
    "error",
    "The file has more bytes than planbot reads. Its issues stay as they are.",
)
NOT_UTF8 = Code(
    "PB003",
    "not-utf-8",
    "warning",
    "Some bytes are not UTF-8. They are kept as they are, but issues show a replacement character.",
)
MIXED_LINE_ENDS = Code(
    "PB004",
    "mixed-line-ends",
    "warning",
    "Some lines end otherwise than most. planbot changes none of them.",
)
FRONT_MATTER = Code(
    "PB005",
    "front-matter",
    "error",
    "The front matter cannot be read, or its `planbot` key holds a mistake. The file and its issues are left alone.",
)
PLACEHOLDER = Code(
    "PB006",
    "placeholder",
    "warning",
    "A bracketed placeholder of the plan template was never filled in.",
)
NO_TASKS = Code(
    "PB007",
    "phase-without-tasks",
    "warning",
    "A phase has no tasks, so its progress can only be seen in its checks.",
)
OUTSIDE = Code(
    "PB008",
    "task-outside-phase",
    "warning",
    "The plan has phases, but a task stands in none of them: its issue gets no milestone.",
)
DUPLICATE = Code(
    "PB009",
    "duplicate-number",
    "warning",
    "Two phases, or two tasks, have the same number: references to it are ambiguous.",
)
MIRROR_TITLE = Code(
    "PB010",
    "mirror-title",
    "warning",
    "A phase number comes again under a title that shares no word with the first.",
)
UNCLOSED_FENCE = Code(
    "PB011",
    "unclosed-fence",
    "warning",
    "A code fence is never closed: the rest of the file, or of its list item, is code.",
)
SWALLOWED_HEADING = Code(
    "PB012",
    "swallowed-heading",
    "warning",
    "What looks like the heading of a phase or task stands in a code block, so it is none.",
)
LOOK_ALIKE = Code(
    "PB013",
    "look-alike-box",
    "warning",
    "An item opens with what looks like a checkbox but is none for GitHub: `[~]`, `[-]`, `[]` and the like.",
)
UNCLOSED_COMMENT = Code(
    "PB014",
    "unclosed-comment",
    "warning",
    "An HTML comment is never closed: the rest of the file is part of it.",
)
PRIORITY_OF_NOTHING = Code(
    "PB015",
    "priority-of-nothing",
    "warning",
    "A row of Priority Order names no task and no phase of the plan.",
)
DEPENDS_ON_NOTHING = Code(
    "PB016",
    "depends-on-nothing",
    "warning",
    "`Depends on` names no task and no phase of the plan.",
)
DEPENDS_IN_CIRCLE = Code(
    "PB017",
    "depends-in-circle",
    "warning",
    "Tasks or phases depend on each other in a circle, so none can come first.",
)
VERIFICATION_OF_NOTHING = Code(
    "PB018",
    "verification-of-nothing",
    "warning",
    "A verification section names a phase that the plan does not have.",
)
FILE_OF_NOTHING = Code(
    "PB019",
    "file-of-nothing",
    "warning",
    "A line of Files Modified names a task or phase that the plan does not have.",
)
DUE_UNREADABLE = Code(
    "PB020",
    "due-unreadable",
    "warning",
    "`Due` names no day such as 2026-12-01.",
)
CONFLICT = Code(
    "PB021",
    "merge-conflict",
    "error",
    "A merge left the lines of both sides in the file, with git's marks. The file and its issues are left alone.",
)
MARK = Code(
    "PB022",
    "mark",
    "warning",
    "A comment begins as the mark that names an item's issue, and is none, or stands where it marks nothing.",
)
SETTINGS_TWICE = Code(
    "PB101",
    "settings-twice",
    "warning",
    "Two settings files are there, and only one of them counts.",
)

MARKER = Code(
    "PB201",
    "marker",
    "warning",
    "The hidden marker in an issue is damaged, or a newer planbot wrote it. The issue is left alone.",
)
EDIT_REFUSED = Code(
    "PB202",
    "edit-refused",
    "error",
    "Writing ticks into the file would change how something else in it is read. The file is left alone.",
)
ISSUE_GONE = Code(
    "PB203",
    "issue-gone",
    "warning",
    "Somebody deleted or moved an item's issue. planbot makes no new one unasked.",
)
UNCLEAR = Code(
    "PB204",
    "unclear",
    "warning",
    "An item may be any of several that were there before. Nothing is made, renamed or closed until a mark decides.",
)
ADOPTION = Code(
    "PB205",
    "adoption",
    "error",
    "A mark names an issue that is not there, is a pull request, or is another item's.",
)
NOT_ASSIGNABLE = Code(
    "PB206",
    "not-assignable",
    "warning",
    "Issues of the repository cannot be assigned to an owner that the plan names.",
)
HOMELESS = Code(
    "PB207",
    "homeless-tick",
    "warning",
    "A box was ticked in an issue while the plan took its check out, and no one place in the plans surely has it now.",
)
ISSUE_SEALED = Code(
    "PB208",
    "issue-sealed",
    "warning",
    "An item's issue is closed and locked and refused a change, as one that was converted to a discussion. "
    "The issue is left alone.",
)

CODES: tuple[Code, ...] = (
    NO_PLAN,
    TOO_LARGE,
    NOT_UTF8,
    MIXED_LINE_ENDS,
    FRONT_MATTER,
    PLACEHOLDER,
    NO_TASKS,
    OUTSIDE,
    DUPLICATE,
    MIRROR_TITLE,
    UNCLOSED_FENCE,
    SWALLOWED_HEADING,
    LOOK_ALIKE,
    UNCLOSED_COMMENT,
    PRIORITY_OF_NOTHING,
    DEPENDS_ON_NOTHING,
    DEPENDS_IN_CIRCLE,
    VERIFICATION_OF_NOTHING,
    FILE_OF_NOTHING,
    DUE_UNREADABLE,
    CONFLICT,
    MARK,
    SETTINGS_TWICE,
    MARKER,
    EDIT_REFUSED,
    ISSUE_GONE,
    UNCLEAR,
    ADOPTION,
    NOT_ASSIGNABLE,
    HOMELESS,
    ISSUE_SEALED,
)

_MOST = 100


def limited(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings by place; of each code the first hundred stay, the last of them counting the rest."""
    by_code: dict[str, list[Diagnostic]] = {}
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= _MOST:
            by_code.setdefault(finding.code, []).append(finding)
    for code, found in by_code.items():
        if counts[code] > _MOST:
            more = f"{found[-1].message}; {counts[code] - _MOST} more such findings follow"
            found[-1] = replace(found[-1], message=more)
    return tuple(sorted((one for found in by_code.values() for one in found), key=_place))


def _place(finding: Diagnostic) -> tuple[int, int, str, str]:
    return finding.line, finding.column, finding.code, finding.message
