"""Measure the plan reader on input that is meant to hurt: time over size, from 10 KB to 10 MB.

python tests/benchmarks/bench_plan_nasty.py [LARGEST_BYTES]

Prints milliseconds for each size, and the growth of the last step; a linear reader grows tenfold with ten
times the input. Exits with 1 where a step grows more than twentyfold.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measure import processor

from planbot.plan.options import ReadOptions
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from collections.abc import Callable

SMALLEST = 10_000
LARGEST = 10_000_000
MOST_GROWTH = 20.0
# below this a clock tells nothing
LEAST_SECONDS = 0.02
NESTED = "".join(f"{'  ' * (level % 60)}- [ ] level\n" for level in range(60))
STAIRS = "".join(f"{'  ' * level}- step\n" for level in range(49))


def repeated(text: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Return what makes a text of some size by repetition."""
    return lambda size: before + text * (size // len(text) + 1) + after


def counted(pattern: str, before: str = "") -> Callable[[int], str]:
    """Return what makes a text of some size from a pattern with a number in it."""
    return lambda size: (
        before
        + "".join(pattern.format(number, number + 1) for number in range(size // (len(pattern) + 2) + 1))
    )


PHASE = "## Phase 1: A\n\n"
PRIORITIES = PHASE + "## Priority Order\n\n|Phase|Status|\n|-|-|\n"
NASTY: dict[str, Callable[[int], str]] = {
    "nested lists": repeated(NESTED),
    "text far down in lists": repeated("text\n", STAIRS),
    "blank lines far down in lists": repeated("\n", STAIRS),
    "bullets on one line": repeated("- "),
    "quotes on one line": repeated("> "),
    "lines deep in quotes": repeated("a\n", ">" * 10 + " a\n"),
    "unclosed fence": repeated("a b\n", "```\n"),
    "fences in items": repeated("- ```\n"),
    "unclosed comments": repeated("<!--\n"),
    "comments on one line": repeated("<!--"),
    "html": repeated("<div>\n"),
    "brackets": repeated("["),
    "bracket lines": repeated("[a\n"),
    "unclosed label": repeated("a\n", "["),
    "unclosed link title": repeated("t\n", '[a]: /u "'),
    "link definitions": counted("[a{}]: /u\n"),
    "pipes": repeated("|"),
    "pipe lines": repeated("|\n"),
    "rows": repeated("|x|y|\n", "|a|b|\n|-|-|\n"),
    "escaped pipes": repeated("\\|", "|a|\n|-|\n|"),
    "tables": repeated("a|b\n-|-\nc|d\n\n"),
    "headings": repeated("# a\n"),
    "setext headings": repeated("a\n=\n"),
    "one long heading": repeated("a ", "# "),
    "one long priority": repeated("(a", "## Phase 1: ", ")"),
    "one long status": repeated(" - done", "## Phase 1: a"),
    "one long link": repeated("[a](", "## "),
    "phases": counted("## Phase {}: a\n"),
    "one phase many times": repeated("## Phase 1: a\n"),
    "phases in each other": repeated("## Phase 1: a\n### Phase 2: b\n"),
    "tasks": counted("### 1.{} a\n", PHASE),
    "bold tasks": counted("**1.{} a**\n\n", PHASE),
    "verification": repeated("## Phase 1 Verification\n- [ ] a\n", PHASE),
    "labels": repeated("**a**: b\n", PHASE),
    "unclosed label text": repeated("**a", PHASE),
    "boxes": repeated("- [ ] a\n"),
    "boxes and lazy lines": repeated("- [ ] a\nb\n"),
    "look-alikes": repeated("- [~] a\n"),
    "numbered boxes": counted("- [ ] {}. a\n  - [ ] {}.1 b\n"),
    "weeks": counted("## Week {}\n- [ ] a\n"),
    "placeholders": repeated("[Name]\n"),
    "priority rows": counted("|1.{}|x|\n", PRIORITIES),
    "a chain of dependencies": counted("### 1.{} a\n**Depends on**: 1.{}\n\n", PHASE),
    "gap tables": repeated("## Gap Analysis\n|a|b|\n|-|-|\n|c|d|\n"),
    "files": repeated("a/b # Phase 1.1\n", PHASE + "## Files Modified\n\n```\n"),
    "progress blocks": repeated("<!-- planbot:progress -->\n```\n```\n<!-- /planbot:progress -->\n"),
    "explicit names": repeated("<!-- planbot: id=", "# "),
    "titles after chapters": lambda size: "## b\n" * (size // 10) + "# a\n" * (size // 8),
    "front matter": repeated("a: b\n", "---\n"),
    "carriage returns": repeated("\r"),
    "NUL": repeated("\0"),
    "no-break spaces": repeated("\u00a0"),
}


def main(largest: int) -> int:
    """Print the figures, one a line; return 1 if a step grows too much."""
    good = True
    for name, make in NASTY.items():
        sizes, size = [], SMALLEST
        while size <= largest:
            sizes.append(size)
            size *= 10
        times = [seconds(make(size)[:size].encode()) for size in sizes]
        growth = max(
            (later / max(earlier, LEAST_SECONDS) for earlier, later in pairwise(times)),
            default=0.0,
        )
        figures = " ".join(f"{1000 * taken:9.1f}" for taken in times)
        beyond = growth > MOST_GROWTH
        good &= not beyond
        sys.stdout.write(f"{name:30} {figures} ms   x{growth:4.1f}{'   BEYOND' if beyond else ''}\n")
        sys.stdout.flush()
    return 0 if good else 1


def seconds(data: bytes) -> float:
    """Return how much processor time it takes to read a file."""
    options = ReadOptions(max_bytes=len(data))
    return processor(lambda: read_plan("nasty-plan.md", data, options))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LARGEST))
