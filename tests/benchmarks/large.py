"""Measure passes over a large plan, in memory: what each takes, what it is made of, and how much memory it needs.

python tests/benchmarks/large.py [TASKS [FILES]]

Prints JSON: processor seconds of a first pass, of one with nothing to do and of one after a fifth of the tasks was
renamed; the parts of the second (and what applying took in the first); the growth of the peak in bytes. A process
measures once, for the peak is that of the process.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measure import processor
from support import memory_world

from planbot.plan.options import ReadOptions
from planbot.sync import reconcile
from planbot.sync.apply import Applier
from planbot.sync.body import boxes_of
from planbot.sync.options import FileOptions

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS, IN_A_PHASE, RENAMED = 1000, 20, 5
# what is timed by itself, and the name under which it is called there
PARTS: tuple[tuple[str, Any, str], ...] = (
    ("read", memory_world, "decode"),
    ("parse", memory_world, "read_plan"),
    ("desire", reconcile, "desire"),
    ("identity", reconcile, "identify"),
    ("merge", reconcile, "bring_home"),
    ("reconcile", memory_world, "reconciled"),
    ("apply", Applier, "apply"),
)
INSIDE = ("desire", "identity", "merge")  # of reconcile; the rest of it is the diff

PHASE = (
    "### Phase {phase}: Part {phase} of the work (High)\n\n**Goal**: Part {phase} does what it should.\n\n"
)
TASK = """\
#### {phase}.{task} {verb} the old way of doing number {number}

**Problem**: The old way number {number} keeps a list of everything it ever saw and walks it for each request; with a
few thousand entries a page takes seconds, and nobody knows any more which of them are still needed.

**Fix**: Keep a table by key. Entries that were not asked for in a day are dropped by nightly job {number}.

- [ ] a page of a thousand entries of {number} takes less than a tenth of a second
- [ ] nightly job {number} logs how many entries it dropped
- [ ] `make test-part-{number}` passes
- [ ] no query of part {number} is slower than it was
- [ ] the page of part {number} opens and looks as before

"""


def plan(tasks: int, *, name: str = "Large", renamed: bool = False) -> str:
    """Return a plan of so many tasks with five checks each, every fifth of them under another title if asked for."""
    pieces = [f"# {name}: Implementation Plan\n\n## Remediation Plan\n\n"]
    for at in range(tasks):
        phase, task = at // IN_A_PHASE + 1, at % IN_A_PHASE + 1
        if task == 1:
            pieces.append(PHASE.format(phase=phase))
        verb = "Do away with" if renamed and at % RENAMED == 0 else "Replace"
        pieces.append(TASK.format(phase=phase, task=task, number=f"{name}-{at}", verb=verb))
    return "".join(pieces)


def world(tasks: int, files: int = 1) -> memory_world.MemoryWorld:
    """Return a world whose plan files of so many tasks in all no tracker has seen."""
    made = memory_world.MemoryWorld(options=FileOptions(read=ReadOptions(max_bytes=1 << 30)))
    write(made, tasks, files)
    return made


def write(made: memory_world.MemoryWorld, tasks: int, files: int, *, renamed: bool = False) -> None:
    """Write the plan files of a world."""
    for number in range(files):
        name = "Large" if files == 1 else f"Large {number}"
        made.write(plan(tasks // files, name=name, renamed=renamed), f"plans/{number}.md")


def measured(tasks: int, files: int = 1) -> dict[str, Any]:
    """Return the figures of passes over so many tasks."""
    before = peak()
    parts = watched()
    made = world(tasks, files)
    first = one_pass(made)
    applying = parts["apply"]
    parts.clear()
    nothing = one_pass(made)
    told = {name: parts[name] for name in ("read", "parse", *INSIDE)}
    told["diff"] = parts["reconcile"] - sum(parts[name] for name in INSIDE)
    write(made, tasks, files, renamed=True)
    renamed = one_pass(made)
    return {
        "tasks": tasks,
        "checks": sum(data.count(b"- [ ]") for data in made.files.values()),
        "files": files,
        "bytes": sum(len(data) for data in made.files.values()),
        "seconds": {"first": first, "nothing": nothing, "renamed": renamed},
        "parts": {**told, "apply": applying},
        "peak": peak() - before,
    }


def one_pass(made: memory_world.MemoryWorld) -> float:
    """Run a pass as a fresh process would, and return what it takes."""
    boxes_of.cache_clear()
    return processor(made.sync)


def peak() -> int:
    """Return the most memory that this process ever had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage tells begins with what the process had that started this one
        (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(encoding="ascii"), re.MULTILINE)
        return int(kilobytes) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS: getrusage(2)


def watched() -> defaultdict[str, float]:
    """Have the parts of a pass timed from now on, and return where their seconds are added up."""
    spent: defaultdict[str, float] = defaultdict(float)
    for name, place, attribute in PARTS:
        setattr(place, attribute, timed(getattr(place, attribute), name, spent))
    return spent


def timed(function: Callable[..., Any], name: str, spent: defaultdict[str, float]) -> Callable[..., Any]:
    """Return a function that does the same and notes how long it took."""

    def noted(*args: Any, **rest: Any) -> Any:
        results: list[Any] = []
        spent[name] += processor(lambda: results.append(function(*args, **rest)), clean=False)
        return results[0]

    return noted


def main() -> None:
    """Print the figures."""
    print(json.dumps(measured(*map(int, sys.argv[1:] or [str(TASKS)])), indent=2))


if __name__ == "__main__":
    main()
