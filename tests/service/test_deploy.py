"""What is in `config/deploy/`: that it fits the service, and what its linters say of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from planbot.service.settings import PagesOptions, ServiceSettings, WebhookOptions

if TYPE_CHECKING:
    from service.hooks import Fronted

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "config" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
UNIT = (DEPLOY / "planbot.service").read_text()
MOST_EXPOSED = 15  # of 100; https://www.freedesktop.org/software/systemd/man/latest/systemd-analyze.html


def skip(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)


def analyzed(tmp_path: Path, *arguments: str) -> str:
    """Run systemd's linter on the unit, with a program in it that is there."""
    if shutil.which("systemd-analyze") is None:
        skip("no systemd is installed: apt-get install systemd")
    file = tmp_path / "planbot.service"
    file.write_text(UNIT.replace("/opt/planbot/bin/planbot", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", *arguments, str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_the_unit_is_one(tmp_path: Path) -> None:
    assert analyzed(tmp_path, "verify") == ""


def test_the_unit_keeps_the_process_small(tmp_path: Path) -> None:
    analyzed(tmp_path, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager")


def commands() -> list[list[str]]:
    """Return what the image and the unit start, in words after `planbot`."""
    entry, words = (re.search(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE) for name in ("ENTRYPOINT", "CMD"))
    started = re.search(r"^ExecStart=/opt/planbot/bin/planbot (.+)$", UNIT, re.MULTILINE)
    assert entry is not None
    assert words is not None
    assert started is not None
    assert json.loads(entry[1]) == ["planbot"]
    return [json.loads(words[1]), started[1].split()]


@pytest.mark.parametrize("words", commands())
def test_what_is_started_is_a_command_that_looks_for_its_settings(words: list[str]) -> None:
    path = "/etc/planbot/service.yml"
    assert words[-1] == path
    missing = [*words[:-1], "/nowhere/service.yml"]
    done = subprocess.run(
        [sys.executable, "-m", "planbot", *missing], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "/nowhere/service.yml: the settings cannot be read" in done.stderr


def test_who_stops_it_waits_longer_than_it_takes() -> None:
    waits = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    guide = re.search(r"--stop-timeout (\d+) ", (ROOT / "docs" / "operating.md").read_text("utf-8"))
    grace = ServiceSettings((), None, None).grace
    assert waits is not None
    assert guide is not None
    assert min(int(waits[1]), int(guide[1])) > grace


def test_the_image_names_the_ports_that_are_listened_at() -> None:
    ports = {str(one.listen[1]) for one in (WebhookOptions(), PagesOptions())}
    exposed = re.search(r"^EXPOSE (.+)$", DOCKERFILE, re.MULTILINE)
    assert exposed is not None
    assert set(exposed[1].split()) == ports


def test_the_image_s_health_check_finds_a_service_that_is_up_and_none_that_is_not(served: Fronted) -> None:
    found = re.search(r"^HEALTHCHECK CMD (.+)$", DOCKERFILE, re.MULTILINE)
    assert found is not None
    program, *arguments = json.loads(found[1])
    assert program == "python"
    for url, healthy in ((served.pages, True), ("http://127.0.0.1:1", False)):
        command = [sys.executable, *(one.replace("http://127.0.0.1:8322", url) for one in arguments)]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode == 0) == healthy


def test_the_image_is_built_from_all_that_it_needs(tmp_path: Path) -> None:
    """The wheel is made of nothing but what `.dockerignore` lets into the build."""
    allowed = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *allowed],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    archive = tmp_path / "context.tar"
    with tarfile.open(archive, "w") as context:
        for name in sorted(set(listed.stdout.split("\0")) - {""}):
            context.add(ROOT / name, name)
    source = tmp_path / "source"
    with tarfile.open(archive) as context:
        context.extractall(source, filter="data")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-deps",
            "--quiet",
            "--wheel-dir",
            str(tmp_path),
            str(source),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if "Could not find a version" in done.stderr:
        skip("the package that builds wheels cannot be had")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = subprocess.run(
        [sys.executable, "-m", "zipfile", "--list", str(wheel)], capture_output=True, text=True, check=True
    ).stdout
    for needed in ("planbot/service/templates/status.html", "planbot/cli/shipped/workflow.yml"):
        assert needed in names
