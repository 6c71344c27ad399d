"""Findings as SARIF 2.1.0, which code scanning and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from planbot import __version__
from planbot.plan.diagnostics import CODES
from planbot.report.failure import faults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.errors import PlanbotError
    from planbot.plan.diagnostics import Code
    from planbot.plan.model import Diagnostic
    from planbot.report.failure import Fault

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_data(findings: Iterable[tuple[str, Diagnostic]]) -> dict[str, Any]:
    """Return a SARIF log of findings by path; columns count characters."""
    return _log([_result(path, finding) for path, finding in findings])


def sarif_failure(error: PlanbotError) -> dict[str, Any]:
    """Return a SARIF log that tells why nothing could be looked at."""
    invocation = {
        "executionSuccessful": False,
        "exitCode": error.exit_code,
        "toolExecutionNotifications": [_notification(fault, error.hint) for fault in faults(error)],
    }
    return _log([], invocations=[invocation])


def _log(results: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    driver = {"name": "planbot", "version": __version__, "rules": [_rule(code) for code in CODES]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", **more, "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _notification(fault: Fault, hint: str) -> dict[str, Any]:
    told: dict[str, Any] = {"level": "error", "message": {"text": _text(fault.text, hint)}}
    where = [_location(fault.path, fault.line, fault.column or 1)] if fault.path else []
    return {**told, "locations": where} if where else told


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": code.name.replace("-", " ")},
        "fullDescription": {"text": code.explanation},
        "defaultConfiguration": {"level": code.severity},
    }


def _result(path: str, finding: Diagnostic) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "level": finding.severity,
        "message": {"text": _text(finding.message, finding.hint)},
        "locations": [_location(path, finding.line, finding.column)],
    }


def _text(message: str, hint: str) -> str:
    return f"{message}. {hint}" if hint else message


def _location(path: str, line: int, column: int) -> dict[str, Any]:
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    region = {"startLine": line, "startColumn": column}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
