"""The action and the workflows: valid, pinned, and with no more rights than they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from support.world import NAME

from planbot.report.data import result_data
from planbot.report.outputs import output_lines
from planbot.report.result import PassResult
from planbot.sync.limits import ALLOWED

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FILES = [ACTION, *WORKFLOWS]
OWN = ("./", "$/")  # this repository's own action

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
    return [step["uses"] for step in steps(path) if not step.get("uses", "./").startswith(OWN)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_other_peoples_actions_are_pinned_and_name_their_version(path: Path) -> None:
    used = third_party(path)
    assert all(PINNED.fullmatch(name) for name in used)
    assert len(PIN_WITH_VERSION.findall(path.read_text())) == len(used)


def test_one_action_has_one_pin() -> None:
    pins = {name for path in FILES for name in third_party(path)}
    assert {name.partition("@")[0] for name in pins} == {
        "actions/attest-build-provenance",
        "actions/cache",
        "actions/checkout",
        "actions/download-artifact",
        "actions/setup-python",
        "actions/upload-artifact",
        "pypa/gh-action-pypi-publish",
    }
    assert len(pins) == 7


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_expression_reaches_a_shell(path: Path) -> None:
    scripts = [step["run"] for step in steps(path) if "run" in step]
    assert not [script for script in scripts if "${{" in script]


READING = {"contents": "read"}
PASS = {"contents": "write", "issues": "write", "pull-requests": "write"}
PREVIEW = {"contents": "read", "issues": "read", "pull-requests": "write"}
RIGHTS = {
    "ci.yml": {"run": READING},
    "planbot.yml": {"sync": PASS, "preview": PREVIEW},
    "reusable.yml": {"sync": PASS, "preview": PREVIEW},
    "release.yml": {
        "build": READING,
        "test": READING,
        "attest": {"id-token": "write", "attestations": "write"},
        "publish": {"id-token": "write"},
        "tag": {"contents": "write"},
    },
    "search.yml": {"search": READING},
}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_job_has_rights_of_its_own_and_no_other(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == RIGHTS[path.name]


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


def named(name: str) -> dict[str, Any]:
    return load(ROOT / ".github" / "workflows" / name)


@pytest.mark.parametrize("name", ["planbot.yml", "reusable.yml"])
def test_no_pass_is_cut_short_by_the_next(name: str) -> None:
    jobs = named(name)["jobs"]
    assert jobs["sync"]["concurrency"] == {"group": "planbot", "cancel-in-progress": "false"}
    assert jobs["preview"]["concurrency"]["cancel-in-progress"] == "false"
    assert "concurrency" not in named(name), (
        "a run whose job is skipped would take the place of one that waits"
    )


def test_the_workflow_to_call_starts_on_the_same_events_as_the_one_to_copy() -> None:
    copied, called = named("planbot.yml")["jobs"], named("reusable.yml")["jobs"]
    assert copied.keys() == called.keys()
    assert [job["if"] for job in copied.values()] == [job["if"] for job in called.values()]


def test_the_readme_shows_the_caller_that_the_workflow_to_call_asks_for() -> None:
    shown = (ROOT / "README.md").read_text().partition("```yaml\n")[2].partition("```")[0]
    called = (ROOT / ".github/workflows/reusable.yml").read_text()
    assert "".join(f"#   {line}\n" for line in shown.splitlines()) in called
    caller = yaml.load(shown, yaml.BaseLoader)  # noqa: S506  # `on` is a word here
    (job,) = caller["jobs"].values()
    assert job["permissions"] == PASS
    assert job["with"].keys() <= named("reusable.yml")["on"]["workflow_call"]["inputs"].keys()
    copied = named("planbot.yml")["on"]
    assert caller["on"].keys() == copied.keys()
    assert caller["on"]["issues"] == copied["issues"]
    assert caller["on"]["pull_request"]["types"] == copied["pull_request"]["types"]


def test_the_workflow_to_call_names_no_version_of_the_action() -> None:
    used = [step["uses"] for step in steps(ROOT / ".github/workflows/reusable.yml")]
    assert {name for name in used if not name.startswith("actions/checkout@")} == {"$/"}


def test_a_limit_can_be_chosen_in_the_form_and_the_first_choice_lifts_none() -> None:
    allow = named("planbot.yml")["on"]["workflow_dispatch"]["inputs"]["allow"]
    assert allow["type"] == "choice"
    assert allow["options"][0] == allow["default"] == "nothing"
    assert {name for one in allow["options"][1:] for name in one.split(",")} == set(ALLOWED)


def test_the_workflows_give_only_inputs_that_the_action_has() -> None:
    inputs = load(ACTION)["inputs"]
    given = [step["with"] for path in WORKFLOWS for step in steps(path) if step.get("uses") in OWN]
    assert len(given) == 4
    assert all(set(values) <= set(inputs) for values in given)


def test_the_action_gives_out_what_planbot_does() -> None:
    outputs = {line.partition("=")[0] for line in output_lines(result_data(PassResult(NAME)))}
    assert set(load(ACTION)["outputs"]) == outputs
    for name, output in load(ACTION)["outputs"].items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"


def test_a_release_is_tested_as_built_before_it_is_attested_and_published() -> None:
    jobs = named("release.yml")["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "build": None,
        "test": "build",
        "attest": "test",
        "publish": "attest",
        "tag": "publish",
    }


def test_ci_tries_every_python_that_the_package_names() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    supported = re.findall(r"Programming Language :: Python :: (3\.\d+)", text)
    assert named("ci.yml")["jobs"]["run"]["strategy"]["matrix"]["python"] == supported
    assert named("release.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == supported
