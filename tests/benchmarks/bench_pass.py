"""Count the requests of passes over HTTP, and measure what a long journal and a large repository cost.

python tests/benchmarks/bench_pass.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.large import plan
from benchmarks.measure import exponent, median, processor
from support.world import PLAN, World, git

from planbot.loading import load
from planbot.repo.repository import Repository
from planbot.repo.sources import CommitSource
from planbot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

TASKS = 40
ENTRIES = 1000
FILES = (25_000, 50_000, 100_000)
JOURNAL = "refs/planbot/journal"


@contextmanager
def synced() -> Iterator[tuple[World, dict[str, tuple[int, int]]]]:
    """Yield a world after a first pass over some tasks, and how many reads and writes passes took there."""
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        world = World(Path(folder), sandbox)
        world.commit({PLAN: plan(TASKS)})
        counts = {}

        def count(name: str) -> None:
            requests = world.sync().requests
            counts[name] = requests.read, requests.write

        count(f"first pass, {TASKS} tasks")
        count("nothing to do")
        world.set_box("1.1 ", "`make test-part")
        count("one box ticked in an issue")
        world.edit("Replace the old way of doing number Large-7\n", "Bury the old way\n")
        count("one task renamed")
        yield world, counts
        world.close()


def journal_cost(world: World) -> float:
    """Return how many times as long a pass with nothing to do takes after many more entries of the journal."""
    before = median(lambda: with_children(world))
    head = git(world.origin, "rev-parse", JOURNAL)
    entry = f"commit {JOURNAL}\ncommitter a <a@example.org> 1800000000 +0000\ndata 1\nx\n"
    stream = entry + f"from {head}\n\n" + (entry + "\n") * (ENTRIES - 1)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=world.origin, input=stream.encode(), check=True)
    return median(lambda: with_children(world)) / before


def with_children(world: World) -> float:
    """Return the processor time of a pass and of the git programs that it starts."""
    before = os.times()
    own = processor(world.quiet)
    after = os.times()
    children = after.children_user + after.children_system - before.children_user - before.children_system
    return own + children


def repository_growth() -> float:
    """Return the power with which finding the plan files grows with the files of a repository."""
    points = []
    for files in FILES:
        with tempfile.TemporaryDirectory() as name:
            repository = large_repository(Path(name), files)
            find = partial(_find, repository, repository.commit("main"))
            points.append((files, median(partial(processor, find))))
    return exponent(points)


def _find(repository: Repository, commit: str) -> None:
    """Find the plan files of a commit as a fresh process does."""
    load(CommitSource(repository, commit))


def large_repository(folder: Path, files: int) -> Repository:
    """Make a bare repository of so many Markdown files, one of which is a plan."""
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    rows = [
        "blob\nmark :1\ndata 5\ntext\n\nblob\nmark :2\ndata 8\n- [ ] a\n\n",
        "commit refs/heads/main\ncommitter a <a@example.org> 1800000000 +0000\ndata 1\nx\n",
        *(f"M 100644 :1 src/part{at % 50}/module{at % 1000}/file{at}.md\n" for at in range(files)),
        "M 100644 :2 PLAN.md\n",
    ]
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input="".join(rows).encode(), check=True)
    return Repository.open(folder)


def main() -> None:
    """Print the figures, one a line."""
    with synced() as (world, counts):
        for name, (reads, writes) in counts.items():
            print(f"{name:32} {reads:3} reads {writes:4} writes")
        print(f"{ENTRIES} more entries of the journal: {journal_cost(world):.2f} times the time")
    print(f"files of a repository: exponent {repository_growth():.2f}")


if __name__ == "__main__":
    main()
