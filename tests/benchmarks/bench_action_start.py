"""Measure how long the action takes from its first step to its first request, and what that is made of.

python tests/benchmarks/bench_action_start.py [--cold]: with --cold the installation is measured too, which
takes a package index; a run that finds planbot in the cache does without it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measure import elapsed, median

ROOT = Path(__file__).resolve().parent.parent.parent
IMPORTS = "import planbot.engine, planbot.cli.sync, planbot.tracker.github_tracker"


def script(name: str) -> str:
    """Return what a step of the action runs."""
    steps = yaml.safe_load((ROOT / "action.yml").read_bytes())["runs"]["steps"]
    found: str = next(step["run"] for step in steps if step["name"] == name)
    return found


def environment(folder: Path) -> dict[str, str]:
    here = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": f"{here}{os.pathsep}{os.environ['PATH']}",
        "PLANBOT_COMMAND": "sync",
        "PLANBOT_DRY_RUN": "false",
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(folder / "output"),
        "RUNNER_TEMP": str(folder),
        "PLANBOT_HOME": str(folder / "home"),
        "GITHUB_TOKEN": "ghp_benchmark",
        "GITHUB_REPOSITORY": "octo/plans",
    }


def step(name: str, folder: Path) -> float:
    return elapsed(lambda: bash(script(name), folder))


def bash(text: str, folder: Path) -> None:
    subprocess.run(["bash", "-eo", "pipefail", "-c", text], env=environment(folder), check=True)


def python(*args: str) -> float:
    return elapsed(
        lambda: subprocess.run([sys.executable, "-I", *args], check=True, stdout=subprocess.DEVNULL)
    )


def first_request(folder: Path) -> float:
    """Return the time from the start of `planbot sync` to the moment at which a server hears of it."""
    heard: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                heard.append(time.perf_counter())

        thread = threading.Thread(target=listen)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-I", "-m", "planbot", "sync", "--api-url", url, "-C", str(folder)],
            env=environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            thread.join()
            process.kill()
    return heard[0] - start


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
        steps_before = ("Check the inputs", "Look for Python", "Look for planbot")
        rows = [(f"step: {one}", median(partial(step, one, folder))) for one in steps_before]
        if "--cold" in sys.argv:
            rows.append(("step: Install planbot (only without a cache)", step("Install planbot", folder)))
        bare = median(lambda: python("-c", "pass"))
        command = median(lambda: python("-m", "planbot", "--version"))
        imported = median(lambda: python("-c", IMPORTS))
        whole = median(lambda: first_request(folder))
        rows += [
            ("run: Python itself", bare),
            ("run: the command line", command - bare),
            ("run: engine, PyGithub and the rest", max(0.0, imported - command)),
            ("run: git, settings, connection", max(0.0, whole - imported)),
            ("run: in all, until the first request", whole),
        ]
    for title, seconds in rows:
        print(f"{seconds * 1000:8.0f} ms  {title}")
    steps = sum(seconds for title, seconds in rows if title.startswith("step"))
    print(f"{(steps + whole) * 1000:8.0f} ms  from the first step to the first request")


if __name__ == "__main__":
    main()
