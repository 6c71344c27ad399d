"""Measure the service over many repositories: passes a second, what each costs, memory, and what limits it.

python tests/benchmarks/bench_service.py [REPOSITORIES] [WORKERS] [finished]

With `finished` every box is ticked from the start: nothing is made, so that many repositories are quickly there.

Ends with exit code 1 where a tick typically takes more than the quiet time and 2 s to its commit.

`planbot serve` is a process of its own, and so is the sandbox, which takes its part of the same CPUs: therefore the
time of the CPU is told for each. At the end stands what the figures mean for 10,000 repositories under GitHub's limits.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support.plans import SMALL
from support.world import CLEAN_GIT, PLAN, git

from planbot.report.forecast import CREATIONS_AN_HOUR
from planbot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

OWNER = "octo"
SECRET = "a secret of the benchmark"
QUIET = 2  # seconds
MOST_BEHIND_QUIET = 2.0  # seconds from a tick to its commit
ROUND_TRIPS = 15
ISSUES = 6  # that the plan file makes
TICKED = "the page opens"
MANY = 10_000  # repositories, on paper
# requests an hour: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
TOKEN, INSTALLATION, INSTALLATION_MOST, MORE_FOR_A_REPOSITORY, REPOSITORIES_FOR_NOTHING = (
    5000,
    5000,
    12_500,
    50,
    20,
)
SETTINGS = """\
api_url: {url}
credentials: {{token: {{env: GITHUB_TOKEN}}}}
repositories: ["{owner}/*"]
schedule: {{every: 1d}}
workers: {workers}
cache: {{folder: {cache}}}
webhooks: {{listen: "127.0.0.1:{hooks}", secrets: [{{env: HOOK_SECRET}}], quiet: {quiet}s}}
pages: {{listen: "127.0.0.1:{port}"}}
limits: {{pace: 0}}
"""


@dataclass(frozen=True, slots=True)
class Hosted:
    """Hold where the sandbox is, its process, and what lets planbot and a person in."""

    url: str
    process: int
    bot: str
    person: str
    connection: Connection


@dataclass(frozen=True, slots=True)
class Cost:
    """Hold what one pass over one repository cost, in seconds of CPU, and in requests."""

    planbot: float
    git: float
    sandbox: float
    reads: float
    writes: float


def main(repositories: int, workers: int, *, finished: bool) -> int:
    """Print the figures, one a line; return the exit code."""
    with tempfile.TemporaryDirectory() as name, hosted(Path(name), repositories, finished=finished) as host:
        folder = Path(name)
        show("machine", f"{os.cpu_count()} CPUs; {repositories:,} repositories, {workers} passes at once")
        first = "a first pass with nothing to do" if finished else f"a pass that makes {ISSUES} issues"
        show(first, measured(folder, host, repositories, workers)[0])
        idle_text, idle = measured(folder, host, repositories, workers)
        show("a pass with nothing to do", idle_text)
        if finished:
            return 0
        for number in range(repositories):
            tick(host, f"{OWNER}/plans-{number:05}")
        tick_text, ticked = measured(folder, host, repositories, workers)
        show("a pass with one tick", tick_text)
        waits = round_trips(folder, host, workers)
        behind = statistics.median(waits)
        slowest = f"the slowest of {ROUND_TRIPS} {max(waits):.1f} s"
        show("from a tick to its commit", f"the quiet time and {behind:.1f} s; {slowest}")
    on_paper(idle, ticked)
    return int(behind > MOST_BEHIND_QUIET)


def measured(folder: Path, host: Hosted, repositories: int, workers: int) -> tuple[str, Cost]:
    """Start the service, wait for one pass over every repository, stop it; return what that was like."""
    _, port = settings(folder, host, workers)
    sandbox = sum(cpu(host.process))
    with serving(folder, host.bot) as service:
        began = time.perf_counter()
        figures: dict[str, float] = {}
        while (passes := figures.get("planbot_passes_total", 0)) < repositories:
            time.sleep(0.5)
            figures = read_figures(port)
        seconds = time.perf_counter() - began
        resident = memory(service.pid)
        own, children = cpu(service.pid)
        sandbox = sum(cpu(host.process)) - sandbox
    bad = figures.get("planbot_failures_total", 0)
    cost = Cost(
        own / passes,
        children / passes,
        sandbox / passes,
        figures["planbot_requests_total read"] / passes,
        figures["planbot_requests_total write"] / passes,
    )
    text = (
        f"{passes / seconds:.1f} a second; each {cost.reads:.1f} reads and {cost.writes:.1f} writes, "
        f"{1000 * cost.planbot:.0f} ms of CPU in planbot and {1000 * cost.git:.0f} ms in git "
        f"({1000 * cost.sandbox:.0f} ms in the sandbox); {resident:.0f} MB of memory"
    )
    return text + (f"; {bad:.0f} FAILED" if bad else ""), cost


def settings(folder: Path, host: Hosted, workers: int) -> tuple[int, int]:
    """Write the settings of the service; return the ports of webhooks and pages."""
    hooks, port = free_port(), free_port()
    (folder / "service.yml").write_text(
        SETTINGS.format(
            url=host.url,
            owner=OWNER,
            workers=workers,
            cache=folder / "cache",
            hooks=hooks,
            port=port,
            quiet=QUIET,
        )
    )
    return hooks, port


def round_trips(folder: Path, host: Hosted, workers: int) -> list[float]:
    """Return how long it took ticks to come to the plan file by webhook, beyond the quiet time, in seconds."""
    name = "plans-00000"
    hooks, port = settings(folder, host, workers)
    branch = folder / "origins" / name / "refs" / "heads" / "main"
    waits = []
    with serving(folder, host.bot):
        while read_figures(port).get("planbot_repositories", 0) == 0:
            time.sleep(0.5)
        host.connection.send(f"http://127.0.0.1:{hooks}/webhook")
        while read_figures(port).get("planbot_queue_depth", 1) + read_figures(port)["planbot_passes_running"]:
            time.sleep(0.5)
        for number in range(ROUND_TRIPS):
            before = branch.read_text()
            tick(host, f"{OWNER}/{name}", ticked=number % 2 == 1)
            began = time.perf_counter()
            while branch.read_text() == before:
                time.sleep(0.01)
            waits.append(time.perf_counter() - began - QUIET)
    return waits


def on_paper(idle: Cost, ticked: Cost) -> None:
    """Show what the figures mean for many repositories."""
    processor = idle.planbot + idle.git
    show(f"{MANY:,}, one CPU", f"a round of passes with nothing to do takes {MANY * processor / 3600:.1f} h")
    for owners in (1, 10, 100, 1000):
        each = MANY // owners
        quota = min(
            INSTALLATION_MOST, INSTALLATION + MORE_FOR_A_REPOSITORY * max(0, each - REPOSITORIES_FOR_NOTHING)
        )
        show(
            f"{MANY:,} of {owners:,} owners",
            f"an App may ask {quota:,} times an hour for each owner: a round every "
            f"{60 * each * (idle.reads + idle.writes) / quota:.1f} min, or "
            f"{quota / (ticked.reads + ticked.writes):,.0f} ticks an hour by webhook; a first sync that makes {ISSUES} "
            f"issues in each takes {each * ISSUES / CREATIONS_AN_HOUR:,.1f} h",
        )
    one = MANY * (idle.reads + idle.writes) / TOKEN
    show(f"{MANY:,}, one token", f"{TOKEN:,} requests an hour: a round every {one:.1f} h")


@contextmanager
def hosted(folder: Path, repositories: int, *, finished: bool) -> Iterator[Hosted]:
    """Run the sandbox with so many repositories, each with one small plan file, in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(
        target=_host, args=(there, folder, repositories, SMALL.replace("[ ]", "[x]") if finished else SMALL)
    )
    process.start()
    try:
        bot, person, url = here.recv()
        yield Hosted(url, process.pid or 0, bot, person, here)
    finally:
        here.send("stop")
        process.join()


def _host(connection: Connection, folder: Path, repositories: int, plan: str) -> None:
    template = _template(folder, plan)
    with Sandbox() as sandbox:
        sandbox.limits.requests_per_hour = 10**9
        bot, person = sandbox.add_user("planbot", role="write"), sandbox.add_user("maya", role="write")
        for number in range(repositories):
            name = f"plans-{number:05}"
            shutil.copytree(template, folder / "origins" / name)
            sandbox.create_repository(f"{OWNER}/{name}", git_dir=folder / "origins" / name)
        connection.send((bot, person, sandbox.url))
        while (told := connection.recv()) != "stop":
            if isinstance(told, float):  # seconds that every answer takes from now on
                sandbox.faults.delay(told, times=None)
            else:
                sandbox.add_webhook(f"{OWNER}/plans-00000", told, secret=SECRET)


def _template(folder: Path, plan: str) -> Path:
    """Return a bare repository with one plan file."""
    git(folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", "template.git")
    git(folder, "clone", "--quiet", "template.git", "work")
    (folder / "work" / PLAN).write_text(plan)
    git(folder / "work", "add", PLAN)
    git(folder / "work", "commit", "--quiet", "--message", "Plan")
    git(folder / "work", "push", "--quiet", "origin", "HEAD:main")
    return folder / "template.git"


@contextmanager
def serving(folder: Path, token: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service; it has to end well."""
    with (folder / "log").open("wb") as log:
        service = subprocess.Popen(
            [sys.executable, "-m", "planbot", "serve", "--settings", str(folder / "service.yml")],
            env={**CLEAN_GIT, "GITHUB_TOKEN": token, "HOOK_SECRET": SECRET},
            stdout=log,
            stderr=log,
        )
    try:
        yield service
        service.send_signal(signal.SIGTERM)
        if service.wait() != 0:
            raise RuntimeError((folder / "log").read_text()[-2000:])
    finally:
        service.kill()


def tick(host: Hosted, repository: str, *, ticked: bool = True) -> None:
    """Tick or untick a box as a person."""
    headers = {"Authorization": f"Bearer {host.person}", "User-Agent": "bench"}
    url = f"{host.url}/repos/{repository}/issues"
    listed = requests.get(url, headers=headers, timeout=60).json()
    old, new = (f"[{mark}] {TICKED}" for mark in (" x" if ticked else "x "))
    found = next(one for one in listed if old in one["body"])
    body = {"body": found["body"].replace(old, new)}
    requests.patch(f"{url}/{found['number']}", json=body, headers=headers, timeout=60).raise_for_status()


def read_figures(port: int) -> dict[str, float]:
    """Return what the service counts, summed up but for requests; nothing before it listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = (
                f"{sample.name} {sample.labels.get('kind', '')}" if "requests" in sample.name else sample.name
            )
            found[name] = found.get(name, 0) + sample.value
    return found


def cpu(process: int) -> tuple[float, float]:
    """Return how many seconds of CPU a process has used, and those of its children that have ended (Linux alone)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own, children = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    ticks = os.sysconf("SC_CLK_TCK")
    return own / ticks, children / ticks


def memory(process: int) -> float:
    """Return the resident memory of a process in megabytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def show(name: str, text: str) -> None:
    """Print a figure."""
    print(f"{name:<28} {text}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the service over many repositories.")
    parser.add_argument("repositories", type=int, nargs="?", default=100)
    parser.add_argument("workers", type=int, nargs="?", default=4)
    parser.add_argument("finished", choices=["", "finished"], nargs="?", default="")
    given = parser.parse_args()
    sys.exit(main(given.repositories, given.workers, finished=bool(given.finished)))
