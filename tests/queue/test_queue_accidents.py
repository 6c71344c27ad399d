"""Many repositories, several serves and workers, and every accident at once: nothing is lost, doubled or stuck."""

from __future__ import annotations

import itertools
import os
import re
import signal
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from service.hooks import request
from service.serving import SECRET, Serving, started
from service.test_metrics import figures
from support.fleet import BOXES, TITLES, Fleet, People, relay

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from support.postgres import Postgres

    from planbot.queue.database import Database
    from planbot.sandbox import Sandbox

REPOSITORIES = int(os.environ.get("PLANBOT_TEST_REPOSITORIES", "200"))
SILENCE = 8  # seconds after which a worker is taken for gone
# a lease outlives who held it, as does a worker's last sign of life, and either is long for a test
HASTY = f"""\
from planbot.queue import consumer, rescue
from planbot.repo import lease
from planbot.service import logs, turns
rescue.SILENCE, rescue.EVERY, consumer.HEARTBEAT = {SILENCE}, 1, 2
lease.SECONDS, lease.RENEWAL, lease.MARGIN, turns.BUSY = 20, 5, 8, 4
logs._FIELDS += "{{created}}"
from planbot.cli.main import main
main()
"""


# of the figures that a serve shows, once all is done
AT_REST = {
    "repositories": REPOSITORIES,
    "repositories_in_trouble": 0,
    "passes_running": 0,
    "queue_depth": 0,
    "queue_given_up": 0,
    "queue_up": 1,
}
LEFT = """
SELECT count(*), count(running), count(given_up),
    (SELECT count(*) FROM planbot_wishes WHERE done IS NULL), (SELECT count(*) FROM procrastinate_jobs)
FROM planbot_repositories
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


class Scene:
    """Hold the processes: two serves behind what hands webhooks on, three workers."""

    def __init__(self, fleet: Fleet, database: str, stack: ExitStack) -> None:
        self._fleet = fleet
        self._database = database
        self._stack = stack
        self._sites = [fleet.settings(f"serve{number}") for number in range(2)]
        self.serves = [self._start("serve", path) for path in self._sites]
        self.proxy = stack.enter_context(relay(*(serve.address("webhooks") for serve in self.serves)))
        fleet.hook(self.proxy.url, SECRET)
        self.workers = [self._start("worker", fleet.settings(f"worker{number}")) for number in range(3)]
        self.killed = 0.0

    def _start(self, command: str, settings: Path) -> Serving:
        said = ("--settings", settings)
        running = started(self._fleet, command, *said, prelude=HASTY, PLANBOT_QUEUE=self._database)
        return self._stack.enter_context(running)

    def until_passes(self, count: float) -> None:
        """Wait until so many passes have ended."""
        until(lambda: sum(one.ended for one in self.passes()) >= count)

    def passes(self) -> list[Pass]:
        """Return the passes of all workers; of those not ended, the time when the first worker was killed."""
        return [one for worker in self.workers for one in passes_of(worker, self.killed)]

    def kill_a_worker(self) -> None:
        """Kill the first worker in the middle of a pass."""
        process = self.workers[0].process
        while True:
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.5)  # what it has logged is read by then
            if not all(one.ended for one in passes_of(self.workers[0], 0)):
                break
            process.send_signal(signal.SIGCONT)
            time.sleep(0.2)
        process.kill()
        process.wait()
        self.killed = time.time()

    def restart_a_serve(self) -> None:
        """Stop the first serve and start it again, at the same address."""
        self.serves[0].end()
        self.serves[0] = self._start("serve", self._sites[0])
        self.serves[0].address("webhooks")

    def shown(self) -> dict[str, float]:
        """Return the figures of the second serve."""
        url = f"{self.serves[1].address('status page')}metrics"
        return figures(request(url, "GET", None, {}).body.decode())

    def end(self) -> None:
        """End all that still runs."""
        for running in (*self.serves, *self.workers[1:]):
            running.end()


def test_nothing_is_lost_doubled_or_stuck_whatever_falls_over(
    tmp_path: Path, sandbox: Sandbox, cluster: Postgres, database: str, opened: Database, sums: Counter[str]
) -> None:
    fleet = Fleet(tmp_path, sandbox, REPOSITORIES)
    began = time.monotonic()
    with ExitStack() as stack:
        scene = Scene(fleet, database, stack)
        people = People(fleet)
        scene.until_passes(REPOSITORIES / 4)
        scene.kill_a_worker()
        scene.until_passes(REPOSITORIES / 2)
        scene.restart_a_serve()
        scene.until_passes(REPOSITORIES)
        cluster.stop("immediate")
        time.sleep(3)
        cluster.start()
        people.join()
        until(lambda: all(synced(fleet.plan(name)) for name in fleet.names))
        until(lambda: all(scene.shown()[f"planbot_{name}"] == value for name, value in AT_REST.items()))
        scene.end()
    passes = scene.passes()
    cut = sum(not one.ended for one in passes)
    others = {name: found for name in fleet.names if (found := fleet.titles(name)) != TITLES}
    asked, outside = strays(sandbox, passes)
    with opened.transaction() as connection:
        (left,) = connection.execute(LEFT)
    rescued = sum(worker.text.count("the worker that made it is gone") for worker in scene.workers)
    sums.update(
        {
            "repositories": REPOSITORIES,
            f"overlaps in {len(passes)} passes": len(overlaps(passes)),
            "passes cut short by SIGKILL": cut,
            "of them made again by other workers": rescued,
            f"of {scene.proxy.taken} webhooks lost, {scene.proxy.repeated} of them came twice": scene.proxy.lost,
            f"of {asked} requests outside of passes": len(outside),
            "repositories with other issues than wanted": len(others),
            "seconds": round(time.monotonic() - began),
        }
    )
    assert (overlaps(passes), outside, others) == ([], [], {})
    assert scene.proxy.lost == 0
    assert min(cut, asked, scene.proxy.repeated) > 0
    assert left == (REPOSITORIES, 0, 0, 0, 0)
