"""The sample files of the reader's tests, and plans read from text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planbot.plan.options import ReadOptions
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from planbot.plan.model import Plan

SAMPLES = sorted(Path(__file__).with_name("samples").rglob("*.md"))
_PATHS = {
    "template": "docs/{}.md",
    "generic": "docs/{}.md",
    "speckit": "specs/{}/tasks.md",
    "openspec": "openspec/changes/{}/tasks.md",
    "kiro": ".kiro/specs/{}/tasks.md",
    "superpowers": "docs/superpowers/plans/{}.md",
    "humanlayer": "thoughts/shared/plans/{}.md",
    "backlog": "backlog/tasks/{}.md",
}


def name_of(sample: Path) -> str:
    """Return a sample's dialect and name, for the report of a test."""
    return f"{sample.parent.name}/{sample.stem}"


def path_of(sample: Path) -> str:
    """Return where a sample would stand in a repository."""
    return _PATHS[sample.parent.name].format(sample.stem)


def read(text: str | bytes, path: str = "docs/some-plan.md", options: ReadOptions | None = None) -> Plan:
    """Read a plan from its text."""
    return read_plan(path, text.encode() if isinstance(text, str) else text, options or ReadOptions())


def read_sample(sample: Path, change: bytes | None = None) -> Plan:
    """Read a sample, or other bytes in its place."""
    return read_plan(path_of(sample), sample.read_bytes() if change is None else change)
