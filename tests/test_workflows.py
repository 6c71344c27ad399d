"""The action and the workflows: valid, pinned, and with no more rights than they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FILES = [ACTION, *WORKFLOWS]

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
PIN_WITH_VERSION = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", re.MULTILINE)


def load(path: Path) -> dict[str, Any]:
    """Return a file with every scalar as a text: other loaders take the key `on` for true."""
    loaded: dict[str, Any] = yaml.load(path.read_bytes(), yaml.BaseLoader)  # noqa: S506 - it makes texts alone
    return loaded


def steps(path: Path) -> Iterator[dict[str, Any]]:
    loaded = load(path)
    for job in loaded.get("jobs", {"action": loaded.get("runs")}).values():
        yield from job["steps"]


def third_party(path: Path) -> list[str]:
    return [step["uses"] for step in steps(path) if not step.get("uses", "./").startswith("./")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_other_peoples_actions_are_pinned_and_name_their_version(path: Path) -> None:
    used = third_party(path)
    assert all(PINNED.fullmatch(name) for name in used)
    assert len(PIN_WITH_VERSION.findall(path.read_text())) == len(used)


def test_one_action_has_one_pin() -> None:
    pins = {name for path in FILES for name in third_party(path)}
    assert {name.partition("@")[0] for name in pins} == {
        "actions/cache",
        "actions/checkout",
        "actions/setup-python",
    }
    assert len(pins) == 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_expression_reaches_a_shell(path: Path) -> None:
    scripts = [step["run"] for step in steps(path) if "run" in step]
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize(
    ("name", "rights"),
    [
        ("ci.yml", {"contents": "read"}),
        ("planbot.yml", {"contents": "write", "issues": "write", "pull-requests": "write"}),
    ],
)
def test_a_workflow_has_the_rights_that_it_needs(name: str, rights: dict[str, str]) -> None:
    workflow = load(ROOT / ".github" / "workflows" / name)
    assert workflow["permissions"] == {}
    assert [job["permissions"] for job in workflow["jobs"].values()] == [rights]


def test_no_workflow_runs_what_a_fork_sends_with_rights_of_ours() -> None:
    assert not [path.name for path in WORKFLOWS if "pull_request_target" in load(path)["on"]]


def test_checkouts_leave_no_credentials_behind() -> None:
    checkouts = [
        step
        for path in WORKFLOWS
        for step in steps(path)
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts
    assert {step["with"]["persist-credentials"] for step in checkouts} == {"false"}


def test_no_pass_is_cut_short_by_the_next() -> None:
    (job,) = load(ROOT / ".github" / "workflows" / "planbot.yml")["jobs"].values()
    assert job["concurrency"] == {"group": "planbot", "cancel-in-progress": "false"}


def test_the_workflow_gives_only_inputs_that_the_action_has() -> None:
    inputs = load(ACTION)["inputs"]
    given = [step["with"] for path in WORKFLOWS for step in steps(path) if step.get("uses") == "./"]
    assert given
    assert all(set(values) <= set(inputs) for values in given)


def test_ci_tries_every_python_that_the_package_names() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    named = re.findall(r"Programming Language :: Python :: (3\.\d+)", text)
    (job,) = load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == named
