"""`planbot demo --serve`: the demo in the browser, here without one."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from cli.commands import Planbot, ended, read_until, running
from cli.test_cli_demo import bare
from sandbox.people import Client
from sandbox.web import Web
from support.world import CLEAN_GIT, git

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAN = "/octo/orders/blob/main/PLAN.md"
LISTEN = "0A"  # as Linux writes the state of a socket
TASK = "#### 1.1 Store idempotency keys"


class Demo:
    """Hold a demo that serves, and what it printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.guide = self.read_until("Ctrl-C ends it.")
        (self.address,) = set(re.findall(r"http://127\.0\.0\.1:\d+", self.guide))
        self.web = Web(Client(self.address))

    def read_until(self, start: str) -> str:
        """Read what it prints up to a line that starts so."""
        return read_until(self.process.stdout, start)

    def link(self, ending: str) -> str:
        """Return the path of an address in the guide that ends so."""
        (found,) = re.findall(rf"{re.escape(self.address)}(/\S*{ending})\n", self.guide)
        return str(found)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Serve the demo."""
    with running("demo", "--serve", cwd=tmp_path, env=bare(tmp_path)) as process:
        made = Demo(process)
        yield made
        made.web.client.connection.close()


def cloned(demo: Demo, folder: Path) -> Path:
    """Clone the repository as the guide says."""
    address = re.findall(r"git clone (\S+)", demo.guide)[0]
    subprocess.run(["git", "clone", "--quiet", address, "mine"], cwd=folder, env=CLEAN_GIT, check=True)
    return folder / "mine"


def end(demo: Demo, folder: Path, signum: int = signal.SIGTERM) -> None:
    """End a demo, and demand that nothing is left of it."""
    demo.process.send_signal(signum)
    assert ended(demo.process).require().err.endswith("stopped\n")
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_tick_on_a_page_becomes_a_commit_that_the_plans_page_shows(
    demo: Demo, tmp_path: Path, signum: int
) -> None:
    phase = demo.link("/issues/2")
    assert demo.link("PLAN.md") == PLAN
    assert "<b>0</b> of 20 boxes ticked" in demo.web.text(PLAN)
    assert demo.web.tick(phase, 0, 3).status == 303
    demo.read_until("Brought 2 boxes in step; commit ")
    html = demo.web.text(PLAN)
    assert "<b>2</b> of 20 boxes ticked" in html
    assert "Tick 2 boxes" in html
    end(demo, tmp_path, signum)


def test_a_task_that_is_closed_stays_so_and_a_pushed_plan_is_followed(demo: Demo, tmp_path: Path) -> None:
    task = demo.link("/issues/3")
    demo.web.answer(task, "not_planned", "Not now")
    mine = cloned(demo, tmp_path)
    plan = mine / "PLAN.md"
    plan.write_text(plan.read_text().replace(TASK, f"{TASK} for a day"))
    git(mine, "commit", "--quiet", "--all", "--message", "Say how long")
    git(mine, "push", "--quiet")
    demo.read_until("Updated 1 issue")
    html = demo.web.text(task)
    assert "1.1 Store idempotency keys for a day" in html
    assert "Closed as not planned" in html
    assert "Say how long" in demo.web.text(PLAN)
    end(demo, tmp_path)


def test_a_pass_that_is_refused_is_told_and_the_next_tick_lands(demo: Demo, tmp_path: Path) -> None:
    mine = cloned(demo, tmp_path)
    (mine / "PLAN.md").unlink()
    git(mine, "commit", "--quiet", "--all", "--message", "Away with it")
    git(mine, "push", "--quiet")
    assert demo.process.stderr is not None
    line = ""
    while not line.startswith("error: "):
        line = demo.process.stderr.readline()
        assert line
    git(mine, "revert", "--no-edit", "HEAD")
    git(mine, "push", "--quiet")
    demo.web.tick(demo.link("/issues/2"), 0)
    demo.read_until("Brought 1 box in step")
    end(demo, tmp_path)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells who listens so plainly")
def test_only_this_machine_can_reach_it(demo: Demo, tmp_path: Path) -> None:
    port = urlsplit(demo.address).port
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()]
    listening = [row[1] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == LISTEN]
    assert listening == [f"0100007F:{port:04X}"]
    end(demo, tmp_path)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_ended_while_it_is_being_made_it_leaves_nothing_behind(tmp_path: Path, signum: int) -> None:
    with running("demo", "--serve", cwd=tmp_path, env=bare(tmp_path)) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "making the repository and its issues ...\n"
        process.send_signal(signum)
        assert ended(process).require().err.endswith("stopped\n")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_is_kept_can_be_looked_at_afterwards(tmp_path: Path) -> None:
    env = bare(tmp_path)
    with running("demo", "--serve", "--keep", "kept", cwd=tmp_path, env=env) as process:
        demo = Demo(process)
        demo.web.tick(demo.link("/issues/2"), 1)
        demo.read_until("Brought 1 box in step")
        process.send_signal(signal.SIGINT)
        assert "Kept in" in ended(process).require().out
        demo.web.client.connection.close()
    assert git(tmp_path / "kept" / "origin.git", "log", "-1", "--format=%s", "main") == "Tick 1 box"


def test_a_port_that_is_taken_and_a_port_without_pages_are_bad_usage(planbot: Planbot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = planbot("demo", "--serve", "--port", port).require(2)
    assert outcome.err.startswith(f"error: 127.0.0.1:{port} cannot be listened on: ")
    assert "--port goes with --serve" in planbot("demo", "--port", "8080").require(2).err
