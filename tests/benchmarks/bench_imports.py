"""Print what a command imports, and how long each import takes by itself.

python tests/benchmarks/bench_imports.py [COMMAND ...]    (default: --help)

Times are in milliseconds, of wall-clock time: only their shares mean something.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

MOST = 25
_LINE = re.compile(r"import time: +(?P<own>\d+) \| +\d+ \| *(?P<name>\S+)")


def main() -> None:
    """Print the modules that take longest, and what each library takes in all."""
    command = sys.argv[1:] or ["--help"]
    times = import_times(*command)
    whole: Counter[str] = Counter()
    for name, own in times.items():
        whole[name.partition(".")[0]] += own
    print(f"{sum(times.values()) / 1000:8.1f} ms  {len(times)} modules for planbot {' '.join(command)}")
    for title, rows in (("libraries", whole), ("modules", times)):
        print(f"\n{title}:")
        for name, own in rows.most_common(MOST):
            print(f"{own / 1000:8.1f} ms  {name}")


def import_times(*command: str) -> Counter[str]:
    """Return the microseconds that each module takes by itself to import for a command of planbot."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "planbot", *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Counter({found["name"]: int(found["own"]) for found in _LINE.finditer(done.stderr)})


if __name__ == "__main__":
    main()
