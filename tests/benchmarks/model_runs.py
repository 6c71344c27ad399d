"""Run the model-based test at length, and count what was tried and what came of it.

python tests/benchmarks/model_runs.py [--runs 2000] [--seed 1] [--jobs 1] [--moves]

Every slice of runs has a seed of its own: the same seed makes the same runs. A violation is printed with the steps that
lead to it, and the next slice begins. Exits with 1 where there was one. With `--moves` people also move checks from one
item to another.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from hypothesis import HealthCheck, Phase, seed, settings  # noqa: E402
from hypothesis.stateful import run_state_machine_as_test  # noqa: E402
from support.model_world import Figures  # noqa: E402
from test_model import STEPS, TwoBots  # noqa: E402

if TYPE_CHECKING:
    from collections import Counter

SLICE = 50  # examples of one seed


def run_slice(number: int, *, moving: bool) -> tuple[int, Counter[str], str]:
    """Run the examples of one seed; return it, what was counted, and the steps to a violation, "" if there is none."""

    @seed(number)
    class Machine(TwoBots):
        figures = Figures()
        moves = moving

    options = settings(
        max_examples=SLICE,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(Machine, settings=options)
    except Exception:  # noqa: BLE001 - whatever it is, it is a finding
        return number, Machine.figures.counts, traceback.format_exc()
    return number, Machine.figures.counts, ""


def main() -> int:
    """Run slices until there were enough runs, and tell the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--moves", action="store_true")
    given = parser.parse_args()
    figures, violations, started = Figures(), 0, time.monotonic()
    seeds = range(given.seed, given.seed + given.runs)  # more than there can be slices
    with multiprocessing.Pool(given.jobs, maxtasksperchild=1) as pool:
        for number, counts, found in pool.imap_unordered(partial(run_slice, moving=given.moves), seeds):
            figures.counts += counts
            violations += bool(found)
            print(f"seed {number}: {counts['runs']} runs\n{found}".rstrip(), flush=True)
            if figures.counts["runs"] >= given.runs:
                pool.terminate()
                break
    steps = figures.counts["requests and git commands"] + figures.counts["deeds of people"]
    runs = figures.counts["runs"]
    print(
        f"{runs} runs, {steps} steps, {violations} violations in {time.monotonic() - started:.0f} s: {figures}"
    )
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
