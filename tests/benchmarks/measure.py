"""What benchmarks share: how processor time, a process and growth are measured."""

from __future__ import annotations

import gc
import math
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROUNDS = 5


def processor(call: Callable[[], object], *, clean: bool = True) -> float:
    """Return how many seconds of processor time a call takes, the rubbish of earlier ones cleared away before."""
    if clean:
        gc.collect()
    started = time.process_time()
    call()
    return time.process_time() - started


def elapsed(call: Callable[[], object]) -> float:
    """Return how many seconds a call takes by the clock on the wall."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def of_a_process(*args: str) -> float:
    """Return how many seconds of processor time this Python takes as a process with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def median(measure: Callable[[], float], rounds: int = ROUNDS) -> float:
    """Return the middle one of several measurements."""
    return statistics.median(measure() for _ in range(rounds))


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """Return the power with which a cost grows with a size: the slope of the line through their logarithms."""
    logs = [(math.log(size), math.log(cost)) for size, cost in points]
    return statistics.linear_regression(*zip(*logs, strict=True)).slope
