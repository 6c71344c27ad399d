"""Measure the queue: passes a second with 1, 2 and 4 workers, from a webhook to its commit, and what limits it.

python tests/benchmarks/bench_queue.py [REPOSITORIES] [WORKERS ...]

A PostgreSQL, the sandbox, `planbot serve` and each `planbot worker` are processes of their own, on the same CPUs:
therefore the time of the CPU is told for each. Every worker makes 2 passes at once. At the end the sandbox takes for
each answer as long as a server that is far away: then workers wait for it, and not for a CPU.

Ends with exit code 1 where a tick typically takes more than the quiet time and 3 s to its commit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.bench_service import OWNER, SECRET, cpu, free_port, hosted, read_figures, show, tick
from support.postgres import Postgres, postgres
from support.world import CLEAN_GIT

from planbot.queue import wishes
from planbot.queue.database import Database
from planbot.queue.schema import set_up
from planbot.queue.wishes import Wish
from planbot.service.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench_service import Hosted

QUIET = 2  # seconds
MOST_BEHIND_QUIET = (
    3.0  # seconds from a tick to its commit: one more than in one process, for a look at the queue
)
ROUND_TRIPS = 15
DISTANCE = 0.3  # seconds that an answer takes of a server that is far away, as GitHub is
MANY = 2000  # jobs that do nothing but go through the database
SETTINGS = """\
api_url: {url}
credentials: {{token: {{env: GITHUB_TOKEN}}}}
repositories: ["{owner}/*"]
schedule: {{every: 1d, jitter: 0s}}
workers: 2
cache: {{folder: cache}}
webhooks: {{listen: "127.0.0.1:{hooks}", secrets: [{{env: HOOK_SECRET}}], quiet: {quiet}s}}
pages: {{listen: "127.0.0.1:{pages}"}}
limits: {{pace: 0}}
"""


def main(repositories: int, counts: list[int]) -> int:
    """Print the figures, one a line; return the exit code."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(postgres())
        host = stack.enter_context(hosted(folder, repositories, finished=False))
        show("machine", f"{os.cpu_count()} CPUs; {repositories:,} repositories, 2 passes at once a worker")
        address = cluster.database()
        database = Database(address)
        set_up(database)
        bench = Bench(folder, host, cluster, address, database)
        bench.passes("a first pass", repositories, max(counts))
        for count in counts:
            bench.passes(f"nothing to do, {count} worker{'s' * (count > 1)}", repositories, count)
        bench.jobs()
        behind = bench.round_trips()
        host.connection.send(DISTANCE)
        for count in counts:
            bench.passes(f"far away, {count} worker{'s' * (count > 1)}", repositories, count)
        database.close()
    return int(behind > MOST_BEHIND_QUIET)


class Bench:
    """Hold what every measurement needs."""

    def __init__(
        self, folder: Path, host: Hosted, cluster: Postgres, address: str, database: Database
    ) -> None:
        self._folder = folder
        self._host = host
        self._cluster = cluster
        self._address = address
        self._database = database

    def passes(self, name: str, repositories: int, count: int) -> None:
        """Show how quickly so many workers make one pass over every repository."""
        with ExitStack() as stack:
            workers = [stack.enter_context(self._process("worker", number)) for number in range(count)]
            for _, _, pages in workers:
                while read_figures(pages).get("planbot_repositories", 0) < repositories:
                    time.sleep(0.1)
            used, sandbox, server = self._used(workers), sum(cpu(self._host.process)), self._server()
            began = time.perf_counter()
            for number in range(repositories):
                with self._database.transaction() as connection:
                    wishes.want(connection, f"{OWNER}/plans-{number:05}", [Wish(Reason("schedule"))])
            made = 0.0
            while made < repositories:
                time.sleep(0.1)
                made = sum(read_figures(pages).get("planbot_passes_total", 0) for _, _, pages in workers)
            seconds = time.perf_counter() - began
            own, children = (after - before for after, before in zip(self._used(workers), used, strict=True))
            sandbox, server = sum(cpu(self._host.process)) - sandbox, self._server() - server
            failed = sum(read_figures(pages).get("planbot_failures_total", 0) for _, _, pages in workers)
        busy = (own + children + sandbox + server) / seconds / (os.cpu_count() or 1)
        show(
            name,
            f"{made / seconds:.1f} passes a second; each {1000 * own / made:.0f} ms of CPU in planbot, "
            f"{1000 * children / made:.0f} ms in git, {1000 * server / made:.0f} ms in PostgreSQL "
            f"({1000 * sandbox / made:.0f} ms in the sandbox); these use {100 * busy:.0f} % of the CPUs"
            + (f"; {failed:.0f} FAILED" if failed else ""),
        )

    def jobs(self) -> None:
        """Show how quickly wishes go into the database, which every webhook waits for in a thread beside it."""
        began, server = time.perf_counter(), self._server()
        for number in range(MANY):
            with self._database.transaction() as connection:
                wishes.want(
                    connection, f"elsewhere/plans-{number:05}", [Wish(Reason("webhook", f"{number}"))]
                )
        seconds, server = time.perf_counter() - began, self._server() - server
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM planbot_repositories WHERE repository LIKE 'elsewhere/%'")
            connection.execute("DELETE FROM procrastinate_jobs WHERE lock LIKE 'elsewhere/%'")
        each = f"{1000 * server / MANY:.1f} ms of CPU in PostgreSQL"
        show("a wish into the queue", f"{MANY / seconds:,.0f} a second over one connection; each {each}")

    def round_trips(self) -> float:
        """Show how long it takes ticks to come to the plan file by webhook; return the median beyond the quiet time."""
        name = "plans-00000"
        branch = self._folder / "origins" / name / "refs" / "heads" / "main"
        waits = []
        with ExitStack() as stack:
            _, hooks, pages = stack.enter_context(self._process("serve", 0))
            stack.enter_context(self._process("worker", 0))
            while read_figures(pages).get("planbot_repositories", 0) == 0:
                time.sleep(0.5)
            self._host.connection.send(f"http://127.0.0.1:{hooks}/webhook")
            self._idle()
            for number in range(ROUND_TRIPS):
                before = branch.read_text()
                tick(self._host, f"{OWNER}/{name}", ticked=number % 2 == 0)
                began = time.perf_counter()
                while branch.read_text() == before:
                    time.sleep(0.01)
                waits.append(time.perf_counter() - began - QUIET)
                self._idle()
        behind = statistics.median(waits)
        show(
            "from a tick to its commit",
            f"the quiet time and {behind:.1f} s; the slowest of {ROUND_TRIPS} {max(waits):.1f} s",
        )
        return behind

    def _idle(self) -> None:
        """Wait until nothing runs and nothing waits."""
        while True:
            time.sleep(0.5)
            with self._database.transaction() as connection:
                if connection.execute("SELECT 1 FROM procrastinate_jobs").fetchone() is None:
                    return

    def _used(self, workers: list[tuple[subprocess.Popen[bytes], int, int]]) -> tuple[float, float]:
        used = [cpu(process.pid) for process, _, _ in workers]
        return sum(own for own, _ in used), sum(children for _, children in used)

    def _server(self) -> float:
        """Return the CPU time of PostgreSQL: of its processes, and of those that have ended."""
        first, *others = self._cluster.processes
        return sum(cpu(first)) + sum(sum(cpu(one)) for one in others)

    @contextmanager
    def _process(self, command: str, number: int) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
        """Run a command; yield its process and the ports of webhooks and pages. It has to end well."""
        hooks, pages = free_port(), free_port()
        path = self._folder / f"{command}{number}.yml"
        path.write_text(
            SETTINGS.format(url=self._host.url, owner=OWNER, hooks=hooks, pages=pages, quiet=QUIET)
        )
        log_path = path.with_suffix(".log")
        secrets = {"GITHUB_TOKEN": self._host.bot, "HOOK_SECRET": SECRET, "PLANBOT_QUEUE": self._address}
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "planbot", command, "--settings", str(path)],
                env={**CLEAN_GIT, **secrets},
                stdout=log,
                stderr=log,
            )
        try:
            yield process, hooks, pages
            process.terminate()
            if process.wait() != 0:
                raise RuntimeError(log_path.read_text()[-2000:])
        finally:
            process.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the queue.")
    parser.add_argument("repositories", type=int, nargs="?", default=100)
    parser.add_argument("workers", type=int, nargs="*", default=[1, 2, 4])
    given = parser.parse_args()
    sys.exit(main(given.repositories, given.workers))
