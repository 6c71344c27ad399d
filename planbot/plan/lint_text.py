"""Findings about the text of a file: its bytes, its code blocks and comments, boxes that are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan import diagnostics as codes
from planbot.plan.words import undecorated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.plan.blocks import Fence, Html
    from planbot.plan.draft import Reading
    from planbot.plan.model import Diagnostic
    from planbot.plan.source import Source

_LINES_NAMED = 8  # lines with more placeholders that a finding names
# the bracketed words of the plan template, and of the one it comes from
_PLACEHOLDER = re.compile(
    r"\[(?:Project or feature|Area|Task|Hours or days|First, and why|After what|a document, issue or conversation"
    r"|another source|path/to/[\w/]{1,20}|the (?:change in a few words|case it adds)|The (?:few lines that|reason that)"
    r"[a-z ]{1,30}|An? (?:number, a limit, a constraint|part that|place where|file or a test that|test that|command"
    r" that|question, and who)[a-z, ]{0,60}|Something that must work as it did before|What (?:it|must|can|may|is true"
    r"|goes wrong|will be|a person|was)[a-z, ]{1,60}"
    r"|Project/Feature|Name|Task Name|One sentence|Specific (?:problem|solution|test file)"
    r"|specific (?:gap|file/test)|what changes|Choice|Why|What else was possible|command|curl command"
    r"|expected result|Existing behavior \w{1,20}|Contract \w{1,20}|Question needing [a-z ]{1,40}"
    r"|Source \d{1,3}|Same structure|Tasks with same structure)\](?![(\[]|:[ ]+\S+$)",
    re.MULTILINE,
)
_LOOK_ALIKE = re.compile(r"\[(?:[^\[\]\w\n]?|[ xX]{1,3})\](?![(\[:])")
_CLOSING = re.compile(r"[> \t]*(?P<marks>`{3,}|~{3,})[ \t]*")
_HEADING = re.compile(r"[> \t]*#{2,6}[ \t]+(?P<text>\S.*)")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONFLICT = {"<<<<<<<", "=======", ">>>>>>>"}
_NAMES = {b"\r\n": "CRLF", b"\n": "LF", b"\r": "CR"}


def lint_text(reading: Reading) -> Iterator[Diagnostic]:
    """Yield what is to be said about a file's text, whatever its dialect."""
    yield from _lint_bytes(reading.outline.source)
    for fence in reading.outline.parsed.fences:
        yield from _lint_fence(reading, fence)
    for html in reading.outline.parsed.html:
        yield from _lint_comment(reading, html)
    yield from _lint_placeholders(reading)
    yield from _lint_look_alikes(reading)


def lint_conflict(reading: Reading) -> Iterator[Diagnostic]:
    """Yield the first place where a merge left the lines of both sides, if there is one."""
    lines = reading.outline.source.lines
    marked = [n for n, line in enumerate(lines) if line[:7] in _CONFLICT and line[7:8] in {"", " "}]
    code = reading.outline.parsed.fenced() if marked else ()
    opening, is_parted = None, False
    for n in marked:
        mark = lines[n][0]
        if opening is None:
            opening = n if mark == "<" and n not in code else None
        elif mark == "=":
            is_parted = True
        elif mark == ">" and is_parted:
            message = "a merge went wrong here: the lines of both sides are in the file"
            hint = "keep the right lines, and delete those with <<<<<<<, ======= and >>>>>>>"
            yield codes.CONFLICT.at(opening + 1, 1, message, hint)
            return


def _lint_bytes(source: Source) -> Iterator[Diagnostic]:
    try:
        source.data.decode()
    except UnicodeDecodeError as error:
        message = f"the byte 0x{source.data[error.start]:02X} is not UTF-8"
        hint = "save the file as UTF-8; planbot keeps the byte as it is"
        yield codes.NOT_UTF8.at_offset(source, error.start, message, hint)
    pairs = source.data.count(b"\r\n")
    counts = {
        b"\r\n": pairs,
        b"\n": source.data.count(b"\n") - pairs,
        b"\r": source.data.count(b"\r") - pairs,
    }
    usual = max(counts, key=lambda end: counts[end])
    if sum(count > 0 for count in counts.values()) > 1:
        odd = next(found for found in _LINE_END.finditer(source.data) if found[0] != usual)
        message = f"this line ends with {_NAMES[odd[0]]}, most end with {_NAMES[usual]}"
        yield codes.MIXED_LINE_ENDS.at_offset(
            source, odd.start(), message, "let your editor unify the line ends"
        )


def _lint_fence(reading: Reading, fence: Fence) -> Iterator[Diagnostic]:
    source = reading.outline.source
    closing = _CLOSING.fullmatch(source.lines[fence.end - 1]) if fence.end - fence.line > 1 else None
    if closing is None or not closing["marks"].startswith(fence.markup):
        message = f"this code fence is not closed, and runs to line {fence.end}"
        yield codes.UNCLOSED_FENCE.at_line(source, fence.line, message, f"close it with {fence.markup}")
    for line in range(fence.line + 1, fence.end):
        heading = _HEADING.match(source.lines[line]) if "##" in source.lines[line] else None
        if heading is not None and _names_part(reading, heading["text"]):
            message = f'"{heading["text"][:60]}" stands in the code fence of line {fence.line + 1}'
            hint = "if it is a heading, close the fence before it; give fences around fences more marks"
            yield codes.SWALLOWED_HEADING.at_line(source, line, message, hint)


def _names_part(reading: Reading, heading: str) -> bool:
    title = undecorated(heading)
    return reading.grammar.task(title) is not None or reading.grammar.phase(title) is not None


def _lint_comment(reading: Reading, html: Html) -> Iterator[Diagnostic]:
    if html.text.lstrip().startswith("<!--") and "-->" not in html.text:
        message = f"this comment is not closed, and runs to line {html.end}"
        yield codes.UNCLOSED_COMMENT.at_line(reading.outline.source, html.line, message, "close it with -->")


def _lint_placeholders(reading: Reading) -> Iterator[Diagnostic]:
    """Yield one finding, at the first placeholder: a template that was just begun has dozens."""
    found = list(_placeholders(reading))
    if not found:
        return
    (line, column, text), *more = found
    lines = list(dict.fromkeys(str(other) for other, _, _ in more))
    named = ", ".join(lines[:_LINES_NAMED]) + (" and so on" if len(lines) > _LINES_NAMED else "")
    rest = f"; {len(more)} more in line{'s' if len(lines) > 1 else ''} {named}" if more else ""
    message = f"{text} is a placeholder of the template"
    yield codes.PLACEHOLDER.at(line, column, message, f"fill it in, or delete it{rest}")


def _placeholders(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and text of each placeholder outside code."""
    lines = reading.outline.source.lines
    if _PLACEHOLDER.search(reading.outline.source.text) is None:
        return
    place = reading.outline.root.line
    code = sorted((fence.line, fence.end) for fence in reading.outline.parsed.fences)
    for first, end in [*code, (len(lines), len(lines))]:
        for line in range(place, first):
            for found in _PLACEHOLDER.finditer(lines[line]) if "[" in lines[line] else ():
                yield line + 1, found.start() + 1, found[0]
        place = max(place, end)


def _lint_look_alikes(reading: Reading) -> Iterator[Diagnostic]:
    for item in reading.outline.parsed.bracketed:
        found = _LOOK_ALIKE.match(item.text)
        if found is not None:
            line = item.blocks[0].line
            column = reading.outline.source.lines[line].find("[") + 1
            shown = item.text[: found.end() + 1].rstrip()
            message = f"{shown} opens no checkbox for GitHub"
            hint = "write `[ ]` or `[x]`, then a space, then text"
            yield codes.LOOK_ALIKE.at(line + 1, column, message, hint)
