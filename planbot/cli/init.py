"""`planbot init`: settings, workflow and plan for a repository that has none yet."""

from __future__ import annotations

import json
import re
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planbot.cli.common import directory_option, open_repository
from planbot.cli.console import say, show, show_lines
from planbot.errors import UsageError
from planbot.workflow import UNKNOWN_ACTION, WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.repo.repository import Repository

PLAN = "docs/plans/plan.md"

_ACTION = re.compile(r"[\w.-]+/[\w.-]+(?:/[\w./-]+)?@[\w./-]+")
_OWN_ACTION = re.compile(r"^(?P<before> *(?:- )?)uses: \./(?:[ \t].*)?$", re.MULTILINE)
_BOX = re.compile(rb"^ *(?:[-*+]|\d+[.)]) \[[ xX]\] ", re.MULTILINE)
_GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")


def _action(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and _ACTION.fullmatch(value) is None:
        raise click.BadParameter(f"{value!r} is no action; write it as OWNER/planbot@REF")
    return value


@click.command()
@directory_option
@click.option(
    "--plan",
    metavar="[FILE]",
    type=click.Path(path_type=Path, dir_okay=False),
    is_flag=False,
    flag_value=Path(PLAN),
    help=f"Write a plan to start from too; without a name, {PLAN}.",
)
@click.option(
    "--action",
    metavar="OWNER/NAME@REF",
    callback=_action,
    help="Where the workflow finds planbot's action; default: where this planbot was installed from.",
)
def command(*, directory: Path, plan: Path | None, action: str | None) -> int:
    """Write settings and a workflow for this repository, and show what the first sync would make.

    The settings name the patterns under which plan files were found here. A file that is there already is left as
    it is. Needs no token and no network, and commits nothing.

    \b
    Examples:
      planbot init
      planbot init --plan
      planbot init --plan docs/plans/billing.md --action octo/planbot@v1
    """
    from planbot.config import SETTINGS_FILES
    from planbot.repo.sources import WorktreeSource

    repository = open_repository(directory)
    action = action or _installed_from() or UNKNOWN_ACTION
    plan_path = None if plan is None else _inside(repository, directory / plan)
    if plan_path is not None:
        _write(repository, plan_path, _shipped("plan-template.md"))
    paths = sorted(WorktreeSource(repository).paths())
    settings = next((path for path in SETTINGS_FILES if path in paths), SETTINGS_FILES[0])
    _write(repository, settings, _settings(paths, plan_path, action).encode())
    workflow = _OWN_ACTION.sub(rf"\g<before>uses: {action}", _shipped("workflow.yml").decode())
    _write(repository, WORKFLOW, workflow.encode())
    _outlook(repository, plan_path, settings)
    _advise(action)
    return 0


def _settings(paths: Iterable[str], plan: str | None, action: str) -> str:
    """Return a settings file with the patterns that take files here; the defaults where none does."""
    name, _, ref = action.partition("@")
    owner_and_name = "/".join(name.split("/")[:2])
    schema = f"https://raw.githubusercontent.com/{owner_and_name}/{ref}/config/planbot.schema.json"
    lines = [
        f"# yaml-language-server: $schema={schema}",
        f"# Settings of planbot. Every key and its default: https://github.com/{owner_and_name}/blob/{ref}/config/planbot.yml",
        "",
        "# Which files are plan files.",
    ]
    if found := _patterns(paths, plan):
        lines.append("plans:")
        lines += [f"  - {json.dumps(pattern)} # {files}" for pattern, files in found]
    else:
        lines.append("# No file here is one by its name; this is where planbot looks unless told otherwise.")
        lines += ["plans:", *(f"  - {json.dumps(pattern)}" for pattern in _default_patterns())]
    return "\n".join(lines) + "\n"


def _default_patterns() -> tuple[str, ...]:
    from planbot.config import DEFAULT_FILES

    return DEFAULT_FILES


def _patterns(paths: Iterable[str], plan: str | None) -> list[tuple[str, str]]:
    """Return the default patterns that take a file here, each with how many; a plan that none takes by its name."""
    from planbot.config import PlanRule, Settings
    from planbot.report.lines import plural

    listed = tuple(paths)
    taken = {
        pattern: len(Settings(plans=(PlanRule(files=(pattern,)),)).select(listed))
        for pattern in _default_patterns()
    }
    found = [(pattern, plural(count, "file")) for pattern, count in taken.items() if count]
    if plan is not None and not Settings().select([plan]):
        found.append((plan, "the plan to start from"))
    return found


def _outlook(repository: Repository, plan: str | None, settings: str) -> None:
    from planbot.cli.findings import TEMPLATE, report_findings
    from planbot.loading import load
    from planbot.outlook import outlook
    from planbot.repo.sources import WorktreeSource
    from planbot.report.text import result_lines

    loaded = load(WorktreeSource(repository))
    result = outlook(loaded)
    show("")
    if repository.has_journal:
        show("planbot has been here already: `planbot diff` shows what the next sync would do.")
    elif result.changes:
        show("The first sync would make:", "heading")
        show_lines(result_lines(result))
    elif loaded.read or loaded.templates:
        show("The first sync would make nothing yet: no plan file has anything open.")
    else:
        show(_no_plan_file(repository, sorted(loaded.there), settings))
    report_findings((path, finding) for path, finding in result.findings if finding.severity == "error")
    if plan in loaded.templates:
        show(f"{TEMPLATE.format(plan)}.")


def _no_plan_file(repository: Repository, paths: Iterable[str], settings: str) -> str:
    """Return what could become a plan file where there is none."""
    from planbot.repo.sources import WorktreeSource
    from planbot.report.lines import few

    texts = WorktreeSource(repository).read(path for path in paths if path.endswith(".md"))
    if files := [path for path, text in texts.items() if _BOX.search(text)]:
        return f"No plan file found; files with checkboxes: {few(files)}: name them under `plans:` in {settings}."
    return "No plan file found: `planbot init --plan` writes one to start from."


def _advise(action: str) -> None:
    if action == UNKNOWN_ACTION:
        say(
            f"replace {UNKNOWN_ACTION} in these files by where you have planbot from, or name it with --action"
        )
    say("read them over, commit and push; `planbot doctor` then says whether token and repository are ready")


def _write(repository: Repository, path: str, content: bytes) -> None:
    """Write a new file; one that is there is left as it is."""
    full = repository.root / path
    try:
        full.parent.mkdir(parents=True, exist_ok=True)
        with full.open("xb") as file:
            file.write(content)
    except FileExistsError:
        show(f"{path} is there already: left as it is")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    else:
        show(f"{path} written", "create")


def _inside(repository: Repository, path: Path) -> str:
    root, full = repository.root.resolve(), path.resolve()
    if not full.is_relative_to(root):
        raise UsageError(f"{path} lies outside the repository {root}")
    return full.relative_to(root).as_posix()


def _shipped(name: str) -> bytes:
    return resources.files("planbot.cli").joinpath("shipped", name).read_bytes()


def _installed_from() -> str | None:
    """Return the repository and commit on GitHub that this planbot was installed from, None where nobody knows.

    https://packaging.python.org/specifications/direct-url/
    """
    try:
        text = metadata.distribution("planbot").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return None
    origin = json.loads(text or "{}")
    named = _GITHUB.fullmatch(origin.get("url", ""))
    commit = origin.get("vcs_info", {}).get("commit_id")
    return f"{named[1]}@{commit}" if named and commit else None
