"""Measure everything, print it as a table, and write it as JSON.

python tests/benchmarks/table.py [--json FILE] [--readme] [--tasks 2500,5000,10000]

Every figure is a ratio, a power or a count, so that it says the same on another machine. `--readme` writes
docs/performance.json and makes the README's table of it. Times are processor time, the middle one of five measurements;
each pass over a large plan has a process of its own. Ends with exit code 1 where a cost grows with more than the size
to the power of 1.15.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import bench_pass, bench_plan_read, bench_sandbox, large
from benchmarks.measure import ROUNDS, exponent, median, of_a_process, processor

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
README, FIGURES = ROOT / "README.md", ROOT / "docs" / "performance.json"
BEGIN, END = "<!-- performance -->\n", "\n<!-- /performance -->"
TASKS = (2500, 5000, 10_000)
MOST_POWER = 1.15
MANY_FILES = 200
MEGABYTE = 1_000_000
SYNC = "import planbot.cli.sync, planbot.engine, planbot.tracker.github_tracker"

PARSE = "times markdown-it-py's block parse of the same text"
START = "times Python that does nothing"
BARE = "times an answer of Python's own HTTP server"
POWER = "power of the size"


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one figure: what was measured, and what it is a number of."""

    group: str
    name: str
    value: float
    unit: str


def parsing() -> Iterator[Figure]:
    """Yield what reading a plan file costs."""
    for name, make in (("template", bench_plan_read.template), ("task list", bench_plan_read.task_list)):
        value = bench_plan_read.times_the_parse(make(MEGABYTE))
        yield Figure("reading a plan file", f"1 MB, {name}", value, PARSE)


def passes(sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Yield what passes over large plans cost, what they are made of, and how that grows."""
    runs = {size: [_large(size) for _ in range(ROUNDS)] for size in sizes}
    smallest, largest = sizes[0], sizes[-1]
    size = f"the largest plan: {largest:,} tasks, {runs[largest][0]['checks']:,} checks"
    yield Figure("growth", size, runs[largest][0]["bytes"] / MEGABYTE, "MB")
    bare = _bare_parse(smallest)
    for part in runs[smallest][0]["parts"]:
        value = statistics.median(run["parts"][part] for run in runs[smallest]) / bare
        yield Figure("parts of a pass", part, value, PARSE)
    for name in ("first", "nothing", "renamed"):
        grown = [(size, statistics.median(run["seconds"][name] for run in runs[size])) for size in sizes]
        title = {"nothing": "nothing to do", "renamed": "a fifth renamed"}.get(name, "first pass")
        yield Figure("growth", f"time, {title}, {smallest:,} to {largest:,} tasks", exponent(grown), POWER)
    peaks = [(size, statistics.median(run["peak"] for run in runs[size])) for size in sizes]
    yield Figure("growth", f"peak memory, {smallest:,} to {largest:,} tasks", exponent(peaks), POWER)
    per_byte = peaks[-1][1] / runs[largest][0]["bytes"]
    yield Figure("growth", f"peak memory at {largest:,} tasks", per_byte, "times the plan's bytes")
    split = statistics.median(_large(largest, MANY_FILES)["seconds"]["nothing"] for _ in range(ROUNDS))
    whole = statistics.median(run["seconds"]["nothing"] for run in runs[largest])
    yield Figure(
        "growth", f"{largest:,} tasks in {MANY_FILES} plan files", split / whole, "times one plan file"
    )


def requests() -> Iterator[Figure]:
    """Yield how many requests passes send, and what history and a large repository cost them."""
    with bench_pass.synced() as (world, counts):
        for name, (reads, writes) in counts.items():
            yield Figure("requests", f"{name}: reads", reads, "requests")
            yield Figure("requests", f"{name}: writes", writes, "requests")
        cost = bench_pass.journal_cost(world)
    entries = f"{bench_pass.ENTRIES:,} entries of the journal"
    yield Figure("growth", entries, cost, "times a short journal")
    fewest, most = bench_pass.FILES[0], bench_pass.FILES[-1]
    files = f"finding plans among {fewest:,} to {most:,} files"
    yield Figure("growth", files, bench_pass.repository_growth(), POWER)


def start() -> Iterator[Figure]:
    """Yield what it takes until a command can begin."""
    bare = median(lambda: of_a_process("-c", "pass"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "PLAN.md")
        file.write_text("# Plan\n\n- [ ] a\n")
        commands = {
            "planbot --help": ("-m", "planbot", "--help"),
            "planbot check": ("-m", "planbot", "check", str(file)),
            "planbot show": ("-m", "planbot", "show", str(file)),
            "planbot sync, its imports": ("-c", SYNC),
            "PyGithub, its imports": ("-c", "import github"),
        }
        for name, command in commands.items():
            yield Figure("start", name, median(partial(of_a_process, *command)) / bare, START)


def sandbox() -> Iterator[Figure]:
    """Yield what an answer of the sandbox costs."""
    (_, _, bare), *rest = bench_sandbox.durations()
    for name, _, spent in rest:
        yield Figure("sandbox", name, spent / bare, BARE)


def _large(tasks: int, files: int = 1) -> dict[str, Any]:
    command = [sys.executable, str(Path(large.__file__)), str(tasks), str(files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _bare_parse(tasks: int) -> float:
    text = large.plan(tasks)
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable("inline")
    return median(lambda: processor(lambda: parser.parse(text)))


def table(figures: list[Figure]) -> list[str]:
    """Return the lines of a Markdown table."""
    rows = [f"| {one.group} | {one.name} | {_number(one)} | {one.unit} |" for one in figures]
    return ["| | | | |", "|---|---|---:|---|", *rows]


def _number(one: Figure) -> str:
    return f"{one.value:.0f}" if one.unit == "requests" else f"{one.value:.2f}"


def put_into_readme(lines: list[str]) -> None:
    """Replace the table in the README."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    rows = "\n".join(lines)
    README.write_text(f"{before}{BEGIN}\n{rows}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Print the table, and write what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--tasks", default=",".join(map(str, TASKS)))
    asked = parser.parse_args()
    sizes = tuple(map(int, asked.tasks.split(",")))
    figures = []
    for one in chain(parsing(), start(), requests(), sandbox(), passes(sizes)):
        figures.append(one)
        print(f"{one.group:20} {one.name:50} {_number(one):>8} {one.unit}", flush=True)
    for file in (asked.json, FIGURES if asked.readme else None):
        if file:
            file.write_text(json.dumps([asdict(one) for one in figures], indent=2) + "\n")
    if asked.readme:
        put_into_readme(table(figures))
    steep = [one.name for one in figures if one.unit == POWER and one.value > MOST_POWER]
    for name in steep:
        print(f"grows too steeply: {name}", file=sys.stderr)
    return int(bool(steep))


if __name__ == "__main__":
    sys.exit(main())
