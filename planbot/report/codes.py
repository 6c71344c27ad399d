"""Every finding there can be, as text, as data and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.diagnostics import Code
    from planbot.report.text import Line


def code_lines(codes: Iterable[Code]) -> Iterator[Line]:
    """Yield two lines for each code."""
    for code in codes:
        yield (("heading", code.code), ("", f" {code.name} ("), (code.severity, code.severity), ("", ")"))
        yield (("", f"    {code.explanation}"),)


def code_data(code: Code) -> dict[str, Any]:
    """Return a code as plain data."""
    return {
        "code": code.code,
        "name": code.name,
        "severity": code.severity,
        "explanation": code.explanation,
    }


def code_table(codes: Iterable[Code]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| code | name | severity | explanation |"
    yield "|---|---|---|---|"
    for code in codes:
        yield f"| {code.code} | {code.name} | {code.severity} | {code.explanation} |"
