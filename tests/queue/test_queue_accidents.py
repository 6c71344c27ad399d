"""Many repositories, several serves and workers, and every accident at once: nothing is lost, doubled or stuck."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from service.serving import SECRET, Serving, started
from support.fleet import BOXES, TITLES, Fleet, People, relay

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from support.postgres import Postgres

    from planbot.sandbox import Sandbox

REPOSITORIES = int(os.environ.get("PLANBOT_TEST_REPOSITORIES", "60"))
SILENCE = 8  # seconds after which a worker is taken for gone
# a lease outlives who held it, as does a worker's last sign of life, and either is long for a test
HASTY = f"""\
from planbot.queue import consumer, rescue
from planbot.repo import lease
from planbot.service import logs, turns
rescue.SILENCE, rescue.EVERY, consumer.HEARTBEAT = {SILENCE}, 1, 2
lease.SECONDS, lease.RENEWAL, lease.MARGIN, turns.BUSY = 15, 4, 4, 4
logs._FIELDS += "{{created}}"
from planbot.cli.main import main
main()
"""


class Pass(NamedTuple):
    """Hold one pass as its worker logged it; `end` is that of the worker where that came first."""

    repository: str
    start: float
    end: float
    ended: bool


def passes_of(worker: Serving, gone: float) -> list[Pass]:
    """Return the passes of a worker, which was gone at a time."""
    open_: dict[str, tuple[str, float]] = {}
    found = []
    for entry in list(worker.entries):
        if entry["message"].startswith("a pass starts"):
            open_[entry["pass_id"]] = (entry["repository"], entry["created"])
        elif "seconds" in entry:
            found.append(Pass(*open_.pop(entry["pass_id"]), entry["created"], ended=True))
    return found + [Pass(name, start, gone, ended=False) for name, start in open_.values()]


def overlaps(passes: Iterable[Pass]) -> list[tuple[Pass, Pass]]:
    """Return pairs of passes over one repository of which one began before the other had ended."""
    ordered = sorted(passes)
    return [
        (one, other)
        for one, other in itertools.pairwise(ordered)
        if one.repository == other.repository and other.start < one.end
    ]


def until(found: Callable[[], object]) -> None:
    while not found():
        time.sleep(0.1)


def synced(plan: str) -> bool:
    return all(f"- [x] {box}" in plan for box in BOXES)


def strays(sandbox: Sandbox, passes: Iterable[Pass]) -> tuple[int, list[str]]:
    """Count what planbot asked of repositories; return what of it while the logs tell of no pass over that one."""
    ahead = sandbox.clock.now() - time.time()
    spans = defaultdict(list)
    for one in passes:
        # what a worker asked just before it was killed may be answered a little later
        spans[one.repository].append((one.start, one.end + (0 if one.ended else SILENCE / 2)))
    asked = [
        (about[1], one.at - ahead, f"{one.method} {one.path}")
        for one in sandbox.requests
        if one.login == "planbot" and (about := re.match(r"(?:/repos)?/(octo/plans-\d+)", one.path))
    ]
    return len(asked), [
        text for name, at, text in asked if not any(start <= at <= end for start, end in spans[name])
    ]


def test_nothing_is_lost_doubled_or_stuck_whatever_falls_over(
    tmp_path: Path, sandbox: Sandbox, cluster: Postgres, database: str, sums: Counter[str]
) -> None:
    subprocess.run(
        [sys.executable, "-m", "planbot", "queue", "setup", "--quiet", "--queue", database], check=True
    )
    fleet = Fleet(tmp_path, sandbox, REPOSITORIES)
    began = time.monotonic()
    with ExitStack() as stack:

        def start(command: str, settings: Path) -> Serving:
            running = started(fleet, command, "--settings", settings, prelude=HASTY, PLANBOT_QUEUE=database)
            return stack.enter_context(running)

        sites = [fleet.settings(f"serve{number}") for number in range(2)]
        serves = [start("serve", path) for path in sites]
        proxy = stack.enter_context(relay(*(serve.address("webhooks") for serve in serves)))
        fleet.hook(proxy.url, SECRET)
        workers = [start("worker", fleet.settings(f"worker{number}")) for number in range(3)]

        def ended() -> int:
            return sum("seconds" in entry for worker in workers for entry in list(worker.entries))

        people = People(fleet)
        until(lambda: ended() > REPOSITORIES // 4)
        until(lambda: len(passes_of(workers[0], 0)) > sum(one.ended for one in passes_of(workers[0], 0)))
        workers[0].process.kill()
        workers[0].process.wait()
        killed = time.time()

        until(lambda: ended() > REPOSITORIES // 2)
        serves[0].end()
        serves[0] = start("serve", sites[0])
        serves[0].address("webhooks")

        until(lambda: ended() > REPOSITORIES)
        cluster.stop("immediate")
        time.sleep(3)
        cluster.start()

        people.join()
        until(lambda: all(synced(fleet.plan(name)) for name in fleet.names))
        until(lambda: cluster.tell(database, "SELECT count(*) FROM procrastinate_jobs") == "0")
        for running in (*serves, *workers[1:]):
            running.end()

    passes = [one for worker in workers for one in passes_of(worker, killed)]
    cut = sum(not one.ended for one in passes)
    left = cluster.tell(
        database,
        "SELECT (SELECT count(*) FROM planbot_wishes WHERE done IS NULL), count(running), count(given_up), count(*)"
        " FROM planbot_repositories",
    )
    others = {name: found for name in fleet.names if (found := fleet.titles(name)) != TITLES}
    count, outside = strays(sandbox, passes)
    sums.update(
        {
            "repositories": REPOSITORIES,
            "passes": len(passes),
            "passes cut short by SIGKILL": cut,
            "passes tried again by another worker": sum(
                "is tried again: the worker" in entry["message"] for one in workers for entry in one.entries
            ),
            "webhooks": proxy.taken,
            "of them taken twice": proxy.repeated,
            "webhooks lost": proxy.lost,
            "requests": count,
            "of them outside of passes": len(outside),
            "overlaps": len(overlaps(passes)),
            "repositories with other issues than wanted": len(others),
            "seconds": round(time.monotonic() - began),
        }
    )
    assert (proxy.lost, overlaps(passes), others) == (0, [], {})
    assert outside == []
    assert min(cut, count) > 0
    assert left == f"0|0|0|{REPOSITORIES}"
