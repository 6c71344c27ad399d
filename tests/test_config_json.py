"""The JSON schema of the settings says what reading them says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from planbot.config import Settings, load_settings
from planbot.config_json import settings_schema
from planbot.errors import SettingsError

CONFIG = Path(__file__).resolve().parent.parent / "config"
SHIPPED = CONFIG / "planbot.schema.json"

RIGHT = [
    "",
    "plans: docs/PLAN.md",
    "plans: [docs/*.md, {files: a.md, exclude: [b.md], dialect: kiro, issues: {task: all}}]",
    "plans: [{files: [a.md], dialect: null, titles: {task: '{number}'}, labels: {extra: [x]}, milestones: false}]",
    "branch: trunk",
    "branch: 2",
    "branch: null",
    "branch: false",
    "issues: {plan: false, phase: true, task: headings, finished: import}",
    "issues:",
    "titles: {plan: '{title}', phase: 'P {number} {{x}}', milestone: '{plan}'}",
    "labels: {priority: null, impact: 'I {value}', extra: []}",
    "words: {phase: [Etapa], task: Tarea}",
    "write_back: {mode: 'off', skip_ci: true}",
    "limits: {closes: 0, unticks: 1, share: 100, creates: 5}",
    "forks: true",
    "allow_public: false",
]
WRONG = [
    "plan: x",
    "plans: ['!a.md']",
    "plans: [/a.md]",
    "plans: [../a.md]",
    "plans: [{files: a.md, branch: x}]",
    "plans: [{files: a.md, dialect: nonsense}]",
    "branch: [a]",
    "branch: ' '",
    "issues: all",
    "issues: {plan: 'true'}",
    "issues: {task: some}",
    "titles: {plan: '{number}'}",
    "titles: {plan: '{title'}",
    "titles: {task: '{title!r}'}",
    'titles: {task: "a\\nb"}',
    "labels: {priority: '{title}'}",
    f"labels: {{extra: [{'x' * 51}]}}",
    "words: {phases: [x]}",
    "write_back: {mode: maybe}",
    "limits: {closes: -1}",
    "limits: {share: 101}",
    "limits: {creates: many}",
    "forks: 1",
    "- a",
]


def accepted(text: str) -> bool:
    return jsonschema_rs.is_valid(settings_schema(), yaml.safe_load(text))


def read(text: str) -> bool:
    try:
        load_settings("planbot.yml", text.encode())
    except SettingsError:
        return False
    return True


def test_the_shipped_schema_is_what_the_code_makes() -> None:
    assert json.loads(SHIPPED.read_text()) == settings_schema(), (
        "make it anew: planbot check --schema > config/planbot.schema.json"
    )


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(settings_schema())


@pytest.mark.parametrize("text", RIGHT)
def test_what_can_be_read_is_accepted(text: str) -> None:
    assert read(text)
    assert accepted(text)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_a_mistake_is_refused(text: str) -> None:
    assert not read(text)
    assert not accepted(text)


def test_the_example_is_accepted() -> None:
    example = (CONFIG / "planbot.yml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^#(?!#| yaml-language-server: )", "", example)
    assert accepted(text)
    assert example.startswith("# yaml-language-server: $schema=planbot.schema.json\n")


def test_every_default_is_told_and_is_the_codes() -> None:
    def defaults(schema: dict[str, Any]) -> dict[str, Any]:
        return {name: one["default"] for name, one in schema["properties"].items() if "default" in one}

    schema, settings = settings_schema(), Settings()
    assert defaults(schema)["forks"] == settings.forks
    assert defaults(schema["properties"]["limits"]) == {
        "closes": settings.limits.closes,
        "unticks": settings.limits.unticks,
        "share": settings.limits.share,
        "creates": settings.limits.creates,
    }
    assert defaults(schema["properties"]["titles"])["phase"] == settings.titles.phase


def test_every_key_is_described() -> None:
    def described(schema: dict[str, Any]) -> bool:
        return all(one["description"].endswith(".") for one in schema.get("properties", {}).values())

    schema = settings_schema()
    assert described(schema)
    assert all(described(one) for one in schema["properties"].values())
