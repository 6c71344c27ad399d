"""Bytes of a file to a `Plan`."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from itertools import chain
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from planbot.plan.assemble import Assembly
from planbot.plan.detect import detect
from planbot.plan.diagnostics import FRONT_MATTER, NO_PLAN, TOO_LARGE, limited
from planbot.plan.dialects import READERS
from planbot.plan.draft import Reading
from planbot.plan.frontmatter import front_matter
from planbot.plan.headings import grammar
from planbot.plan.lint_marks import lint_marks
from planbot.plan.lint_plan import lint_plan
from planbot.plan.lint_text import lint_conflict, lint_text
from planbot.plan.model import Plan
from planbot.plan.options import ReadOptions
from planbot.plan.outline import outline
from planbot.plan.pause import collector_paused
from planbot.plan.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planbot.plan.draft import Draft
    from planbot.plan.frontmatter import FrontMatter
    from planbot.plan.model import Diagnostic

# file names that say nothing about the plan, as in `specs/login/tasks.md`
_NAMELESS = frozenset({"tasks", "plan", "todo", "roadmap", "readme", "index"})


def read_plan(path: str, data: bytes, options: ReadOptions | None = None) -> Plan:
    """Read a plan file; whatever the bytes, the answer is a plan, with an error where it is none."""
    options = options or ReadOptions()
    if len(data) > options.max_bytes:
        message = f"the file has {len(data)} bytes, and at most {options.max_bytes} are read"
        finding = TOO_LARGE.at(1, 1, message, "split the plan into several files")
        empty = Source.of(b"")
        return Plan(path, "generic", _name(path), 1, empty, diagnostics=(finding,), options=options)
    with collector_paused():
        return _read(path, Source.of(data), options)


def _read(path: str, source: Source, options: ReadOptions) -> Plan:
    matter = front_matter(source)
    reading = Reading(path, outline(source, matter.end), grammar(options.words), matter, options.words)
    settings = _settings(matter.values)
    dialect = _dialect(settings, options) or detect(reading)
    draft = READERS[dialect](reading)
    draft.title = draft.title or _title(reading, draft)
    plan = Assembly(reading, draft).plan(dialect, settings, options)
    refused = (*_lint_settings(source, matter), *lint_conflict(reading))
    if not (plan.phases or plan.tasks or plan.checks):
        hint = "write headings such as `## Phase 1: …`, or items such as `- [ ] …`"
        finding = NO_PLAN.at(1, 1, "the file holds no phase, no task and no checkbox", hint)
        return replace(plan, diagnostics=refused or (finding,))
    findings = chain(
        plan.diagnostics, refused, lint_text(reading), lint_marks(reading, plan), lint_plan(plan)
    )
    return replace(plan, diagnostics=limited(findings))


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    own = values.get("planbot")
    if _is_off(own):
        return {"off": True}
    return dict(own) if isinstance(own, dict) else {}


def _is_off(own: object) -> bool:
    # YAML reads a bare `off` as false
    return own is False or (isinstance(own, str) and own.strip().casefold() == "off")


def _dialect(settings: Mapping[str, Any], options: ReadOptions) -> str | None:
    """Return the dialect that the front matter or else the settings name."""
    return next((name for name in (settings.get("dialect"), options.dialect) if _is_dialect(name)), None)


def _is_dialect(name: object) -> bool:
    return isinstance(name, str) and name in READERS


def _lint_settings(source: Source, matter: FrontMatter) -> Iterator[Diagnostic]:
    own = matter.values.get("planbot")
    if matter.error:
        hint = "correct it: until then the file is left alone, and its issues stay as they are"
        yield FRONT_MATTER.at_offset(source, matter.offset, matter.error, hint)
    elif not (own is None or own is True or _is_off(own) or isinstance(own, dict)):
        near = isinstance(own, str) and get_close_matches(own.casefold(), ["off"])
        advice = "write `planbot: off`, or settings such as `planbot: {dialect: template}`"
        hint = f"did you mean `off`? {advice}" if near else advice
        message = "`planbot` is neither off nor a mapping, so the file is left alone"
        yield FRONT_MATTER.at_offset(source, matter.offset, message, hint)


def _title(reading: Reading, draft: Draft) -> str:
    section = reading.outline.title
    is_phase = any(section in phase.sections for phase in draft.phases)
    if section is not None and section.title and not is_phase:
        return section.title
    named = reading.matter.values.get("title")
    return str(named) if named else _name(reading.path)


def _name(path: str) -> str:
    """Return a file's name, or its folder's where the file's says nothing."""
    file = PurePosixPath(path)
    return file.parent.name if file.stem.lower() in _NAMELESS and file.parent.name else file.stem or path
