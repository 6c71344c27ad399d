"""Measure the plan reader against markdown-it-py's own block parse, and how it grows with the file.

python tests/benchmarks/bench_plan_read.py

Exits with 1 if reading 1 MB takes more than 1.3 times the parse, or 10 MB more than 11 times 1 MB.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from markdown_it import MarkdownIt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measure import processor

from planbot.plan.options import ReadOptions
from planbot.plan.reader import read_plan

MEGABYTE = 1_000_000
ROUNDS = 5
MOST_TIMES_THE_PARSE = 1.3
MOST_GROWTH = 11.0
OPTIONS = ReadOptions(max_bytes=20 * MEGABYTE)

PHASE = """\
### Phase {phase}: Part {phase} of the Work (High)

**Goal**: Make part {phase} of the system do what its users were told it does.

"""
TASK = """\
#### {phase}.{task} Replace the Old Way of Doing Number {task}

**Problem**: The old way keeps a list of everything it ever saw and walks it for each request; with a few
thousand entries a page takes seconds, and nobody knows any more which entries are still needed.

**Fix**: Keep a table by key. Entries that were not asked for in a day are dropped by the nightly job.

**Files to modify**:
- `service/store/table_{task}.py` - the table and its two queries
- `service/pages/list_{task}.py` - ask the table instead of the list

**Implementation**:
```python
def entry(key: str) -> Entry | None:
    row = table.get(key)  # one query, by primary key
    return None if row is None else Entry.of(row)
```

- [ ] a page of a thousand entries takes less than a tenth of a second
- [{mark}] the nightly job logs how many entries it dropped

"""
VERIFICATION = """\
### Phase {phase} Verification

**Automated**:
- [ ] `make test-part-{phase}` passes
- [x] no query is slower than it was

**Manual**:
- [ ] the page of part {phase} opens and looks as before

"""
ITEM = "- [{mark}] T{number:03} [P] [US{story}] Test call {number} in `tests/calls/test_call_{number}.py`\n"


def main() -> int:
    """Print the figures, one a line; return 1 if one is beyond its limit."""
    good = True
    for name, make in (("template", template), ("task list", task_list)):
        small, large = make(MEGABYTE), make(10 * MEGABYTE)
        good &= show(f"{name}: 1 MB, times the block parse", times_the_parse(small), MOST_TIMES_THE_PARSE)
        good &= show(f"{name}: 10 MB, times 1 MB", growth(small, large), MOST_GROWTH)
    return 0 if good else 1


def template(size: int) -> bytes:
    """Make a plan in the template dialect of about so many bytes."""
    phases = range(1, size // (8 * len(TASK) + len(PHASE) + len(VERIFICATION)) + 1)
    work = "".join(
        PHASE.format(phase=phase)
        + "".join(TASK.format(phase=phase, task=task, mark=" x"[task % 2]) for task in range(1, 9))
        for phase in phases
    )
    checks = "".join(VERIFICATION.format(phase=phase) for phase in phases)
    return f"# A Large Plan\n\n## Remediation Plan\n\n{work}## Verification\n\n{checks}".encode()


def task_list(size: int) -> bytes:
    """Make a list of tasks in phases, one a line, of about so many bytes."""
    lines = ["# Tasks\n"]
    for number in range(1, size // len(ITEM) + 1):
        story, place = divmod(number, 20)
        if place == 1:
            lines.append(f"\n## Phase {story + 1}: Story {story + 1}\n\n")
        lines.append(ITEM.format(mark=" x"[number % 2], number=number, story=story + 1))
    return "".join(lines).encode()


def times_the_parse(data: bytes) -> float:
    """Return how many times as long reading takes as parsing blocks: the median of several rounds."""
    text = data.decode()
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable("inline")
    return statistics.median(
        processor(lambda: read(data)) / processor(lambda: parser.parse(text)) for _ in range(ROUNDS)
    )


def growth(small: bytes, large: bytes) -> float:
    """Return how many times as long the large file takes as the small one."""
    return min(processor(lambda: read(large)) for _ in range(2)) / min(
        processor(lambda: read(small)) for _ in range(ROUNDS)
    )


def read(data: bytes) -> object:
    """Read a plan file of any size."""
    return read_plan("large-plan.md", data, OPTIONS)


def show(name: str, figure: float, limit: float) -> bool:
    """Print a figure beside its limit, and say whether it keeps to it."""
    kept = figure <= limit
    sys.stdout.write(f"{name:40} {figure:6.2f}   limit {limit:5.2f}{'' if kept else '   BEYOND'}\n")
    return kept


if __name__ == "__main__":
    sys.exit(main())
