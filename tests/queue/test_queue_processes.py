"""`planbot serve --queue` and `planbot worker` as processes: the sandbox over HTTP, git, signals, a real PostgreSQL."""

from __future__ import annotations

import json
import signal
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from cli.commands import process
from service.hooks import delivery_id, request, signature
from service.serving import SECRET, Serving, started, write_settings
from support.plans import SMALL
from support.postgres import PASSWORD, Postgres, postgres
from support.world import NAME, PLAN, World

from planbot.queue import wishes
from planbot.queue.listing import listed
from planbot.queue.wishes import Wish
from planbot.sandbox import Fault
from planbot.service.model import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from planbot.sandbox.faults import When

TICKED = SMALL.replace("[ ] the page opens", "[x] the page opens").encode()
# a lease outlives who held it, who fails rests, who is gone is waited for: all of it is long for a test
QUICK = """\
from functools import partial
from planbot.queue import consumer, database, rescue, wishes, worker
from planbot.repo import lease
from planbot.service import turns
worker.Backoff = partial(turns.Backoff, 1, 1, 1)
rescue.SILENCE, rescue.EVERY, consumer.HEARTBEAT, database.WAIT = 4, 0.5, 0.5, 1
lease.SECONDS, lease.RENEWAL, lease.MARGIN, turns.BUSY = 6, 2, 1, 1
from planbot.cli.main import main
{more}
main()
"""
SEVERAL = "{every: 1s, jitter: 0s}"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Run a PostgreSQL that these tests may stop."""
    with postgres() as running:
        yield running


@pytest.fixture
def planned(world: World) -> World:
    world.commit({PLAN: SMALL})
    return world


@dataclass(frozen=True, slots=True)
class Site:
    """Hold a world, the queue's database that was set up for it, and the settings that all processes have."""

    world: World
    queue: str
    settings: Path
    more: str = ""

    @contextmanager
    def run(self, serves: int = 1, workers: int = 1) -> Iterator[list[Serving]]:
        """Start processes: serves first, then workers."""
        with ExitStack() as stack:
            yield [
                stack.enter_context(self.start(command))
                for command in ("serve",) * serves + ("worker",) * workers
            ]

    @contextmanager
    def start(self, command: str) -> Iterator[Serving]:
        args = (command, "--settings", self.settings)
        prelude = QUICK.format(more=self.more)
        with started(self.world, *args, prelude=prelude, PLANBOT_QUEUE=self.queue) as running:
            yield running

    def planbot(self, *args: str, code: int = 0) -> str:
        """Run a command on the queue and return what it prints."""
        done = process("queue", *args, cwd=self.world.folder, env={"PLANBOT_QUEUE": self.queue}).require(code)
        assert PASSWORD not in done.out + done.err
        return done.out + done.err

    def states(self) -> list[str]:
        """Return how the queue's entries are."""
        with psycopg.connect(self.queue) as connection:
            return [one.state for one in listed(connection)]

    def idle(self) -> bool:
        """Say whether nothing runs, nothing waits and nothing is given up."""
        return not self.states()


@pytest.fixture
def site(planned: World, server: Postgres) -> Site:
    made = Site(planned, server.database(), write_settings(planned, grace="5s"))
    made.planbot("setup", "--quiet")
    return made


def post(serve: Serving, world: World, delivery: str) -> int:
    """Send a webhook that tells of a tick, as GitHub does; return the status of the answer."""
    phase = world.issue("Phase 1")
    body = json.dumps(
        {
            "action": "edited",
            "repository": {"full_name": NAME, "default_branch": "main"},
            "sender": {"login": "ada", "id": 7, "type": "User"},
            "issue": {"number": phase.number, "body": phase.body, "labels": [{"name": "planbot"}]},
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": signature(body, SECRET.encode()),
    }
    return request(serve.address("webhooks"), "POST", body, headers).status


def passes_by(kind: str, *workers: Serving) -> int:
    """Return how many passes workers began because of that, among others."""
    found = [entry["message"] for one in workers for entry in list(one.entries)]
    return sum("a pass starts: " in message and kind in message for message in found)


def until(found: Callable[[], bool]) -> None:
    while not found():
        time.sleep(0.1)


def test_what_serve_asks_for_a_worker_does(site: Site) -> None:
    with site.run() as (serve, worker):
        worker.until_passes(1)
        serve.end()
        worker.end()
    assert worker.passes() == ["changed"]
    assert serve.passes() == []
    assert site.idle()
    site.world.quiet()


def test_a_webhook_that_reaches_every_serve_is_one_pass(site: Site) -> None:
    with site.run(serves=2) as (one, other, worker):
        worker.until_passes(1)
        until(site.idle)
        site.world.set_box("Phase 1", "the page opens")
        delivery = delivery_id()
        assert [post(serve, site.world, delivery) for serve in (one, other, one)] == [202] * 3
        worker.until(lambda: site.world.plan() == TICKED)
        until(site.idle)
        for serving in (one, other, worker):
            serving.end()
    assert passes_by("webhook", worker) == 1


def test_a_time_of_the_schedule_is_one_pass_however_many_serve(site: Site) -> None:
    write_settings(site.world, schedule=SEVERAL)
    with site.run(serves=3, workers=2) as (*serves, one, other):
        one.until(lambda: len(one.passes() + other.passes()) >= 5)
        for serve in serves:
            serve.end()
        until(site.idle)
        for worker in (one, other):
            worker.end()
    with psycopg.connect(site.queue) as connection:
        keys = connection.execute("SELECT key FROM planbot_wishes WHERE kind = 'schedule'").fetchall()
    times = [float(key.removeprefix("schedule ")) for (key,) in keys]
    assert all(time == int(time) for time in times)
    assert 4 <= passes_by("schedule", one, other) <= len(times)


def test_what_settings_keep_no_more_since_the_last_serve_is_dropped_by_the_next(
    site: Site, server: Postgres
) -> None:
    with psycopg.connect(site.queue) as connection:
        for name in (NAME, "octo/gone"):
            wishes.want(connection, name, [Wish(Reason("start"))])
    with site.start("serve") as serve:
        until(
            lambda: "octo/gone" not in server.tell(site.queue, "SELECT repository FROM planbot_repositories")
        )
        serve.end()
    assert site.states() == ["waiting"]


def test_one_pass_at_a_time_however_many_workers(site: Site) -> None:
    write_settings(site.world, schedule=SEVERAL, workers="2")
    site.world.sandbox.faults.delay(0.2, path="/repos/*", times=None)
    with site.run(workers=3) as (serve, *workers):
        serve.until(lambda: sum(len(one.passes()) for one in workers) >= 6)
        for one in (serve, *workers):
            one.end()
    spans = sorted(
        (entry["time"], entry["pass_id"])
        for one in workers
        for entry in one.entries
        if "pass_id" in entry and ("a pass starts" in entry["message"] or "seconds" in entry)
    )
    assert len(spans) >= 12
    busy = [entry for one in workers for entry in one.entries if "another pass" in entry["message"]]
    assert busy == []


def test_what_a_killed_worker_was_at_another_one_does(site: Site) -> None:
    with site.run() as (serve, first):
        fault = Fault("GET", "/repos/*/milestones", drop=True, action=first.process.kill)
        site.world.sandbox.faults.add(fault)
        assert first.process.wait() == -signal.SIGKILL
        with site.start("worker") as second:
            second.until_logged("is tried again: the worker that made it is gone")
            second.until(lambda: "changed" in second.passes())
            until(site.idle)
            second.end()
        serve.end()
    assert len(site.world.issues()) == 6
    site.world.quiet()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_tick_whose_worker_is_killed_at_the_push_is_in_the_plan_once(site: Site, when: When) -> None:
    site.world.sync()
    with site.run() as (serve, first):
        first.until_passes(1)
        until(site.idle)
        push = Fault("POST", "/*/git-receive-pack", when, drop=True, action=first.process.kill)
        site.world.sandbox.faults.add(push)
        site.world.set_box("Phase 1", "the page opens")
        assert post(serve, site.world, delivery_id()) == 202
        assert first.process.wait() == -signal.SIGKILL
        with site.start("worker") as second:
            second.until(lambda: {"changed", "in step"} & {*second.passes()})
            until(site.idle)
            second.end()
        serve.end()
    assert site.world.plan() == TICKED
    site.world.quiet()


@pytest.mark.parametrize("way", ["fast", "immediate"])
def test_a_database_that_restarts_in_the_midst_of_a_pass_costs_nothing(
    site: Site, server: Postgres, way: str
) -> None:
    with site.run() as (serve, worker):
        during = Fault("POST", "/graphql/createIssue", skip=1, action=lambda: server.restart(way))  # type: ignore[arg-type]
        site.world.sandbox.faults.add(during)
        worker.until_passes(1)
        until(site.idle)
        site.world.set_box("Phase 1", "the page opens")
        assert post(serve, site.world, delivery_id()) == 202
        worker.until(lambda: site.world.plan() == TICKED)
        until(site.idle)
        serve.end()
        worker.end()
    assert len(site.world.issues()) == 6
    assert worker.passes()[0] == "changed"
    assert "partial" not in worker.passes()
    site.world.quiet()


def test_a_webhook_that_comes_while_the_database_is_away_counts_once_it_is_back(
    site: Site, server: Postgres
) -> None:
    with site.run() as (serve, worker):
        worker.until_passes(1)
        until(site.idle)
        server.stop("fast")
        try:
            site.world.set_box("Phase 1", "the page opens")
            assert post(serve, site.world, delivery_id()) == 202
            serve.until_logged("the queue's database does not answer")
        finally:
            server.start()
        worker.until(lambda: site.world.plan() == TICKED)
        serve.until_logged("the queue's database is back")
        until(site.idle)
        serve.end()
        worker.end()


def test_a_pass_that_ends_while_the_database_is_away_is_not_made_again(site: Site, server: Postgres) -> None:
    with site.run() as (serve, worker):
        during = Fault("POST", "/graphql/createIssue", skip=1, action=lambda: server.stop("fast"))
        site.world.sandbox.faults.add(during)
        worker.until_passes(1)
        server.start()
        until(site.idle)
        serve.end()
        worker.end()
    assert worker.passes() == ["changed"]


def test_cut_off_for_long_a_worker_ends_its_passes_before_others_make_them(
    site: Site, server: Postgres
) -> None:
    with site.run() as (serve, worker):
        site.world.sandbox.faults.delay(6, method="POST", path="/graphql/createIssue", times=None)
        during = Fault("POST", "/repos/*/labels", action=lambda: server.stop("fast"))
        site.world.sandbox.faults.add(during)
        worker.until_passes(1)
        server.start()
        site.world.sandbox.faults.clear()
        worker.until(lambda: worker.passes()[-1] in ("changed", "in step"))
        until(site.idle)
        serve.end()
        worker.end()
    assert worker.passes()[0] == "partial"
    assert len(site.world.issues()) == 6
    site.world.quiet()


def test_told_to_end_in_a_pass_a_worker_leaves_it_to_others(site: Site) -> None:
    with site.run() as (serve, first):
        third = Fault("POST", "/graphql/createIssue", skip=1, action=lambda: first.send(signal.SIGTERM))
        site.world.sandbox.faults.add(third)
        first.gone()
        with site.start("worker") as second:
            second.until_logged("the status page is at")
            if first.passes() != ["changed"]:  # it may hear of the signal a moment too late to leave anything
                second.until_passes(1)
            until(site.idle)
            second.end()
        serve.end()
    assert first.passes() in (["partial"], ["changed"])
    assert len(site.world.issues()) == 6
    site.world.quiet()


def test_a_pass_that_outlasts_the_grace_time_is_left_to_others(site: Site) -> None:
    write_settings(site.world, grace="1s", limits="{pace: 0, request: 20s}")
    with site.run() as (serve, first):
        hold = threading.Event()
        site.world.sandbox.faults.add(Fault("GET", "/repos/*/milestones", action=lambda: hold.wait(60)))
        first.until_logged("a pass starts")
        first.send(signal.SIGTERM)
        first.gone()
        assert "what was not over is left" in first.text
        hold.set()
        with site.start("worker") as second:
            second.until(lambda: {"changed"} & {*second.passes()})
            second.end()
            assert "the worker that made it is gone" not in second.text
        serve.end()


def test_what_is_left_to_others_is_no_failure_however_long_leaving_takes(
    site: Site, server: Postgres
) -> None:
    write_settings(site.world, grace="1s", limits="{pace: 0, request: 20s}")
    slow = "release = wishes.release\nwishes.release = lambda *given: (time.sleep(3), release(*given))"
    hold = threading.Event()
    held = Fault("GET", "/repos/*/milestones", action=lambda: hold.wait(60), times=None)
    site.world.sandbox.faults.add(held)
    with site.start("serve") as serve, replace(site, more=f"import time\n{slow}").start("worker") as first:
        first.until_logged("a pass starts")
        with site.start("worker") as second:
            first.send(signal.SIGTERM)
            first.gone()
            second.until_logged("a pass starts")
            assert server.tell(site.queue, "SELECT failures FROM planbot_repositories") == "0"
            hold.set()
            second.until(lambda: "changed" in second.passes())
            second.end()
        serve.end()


def test_what_fails_again_and_again_is_given_up_and_tried_again_when_told(site: Site) -> None:
    fails = Fault("GET", "/repos/*", times=None, status=404, message="Not Found")
    site.world.sandbox.faults.add(fails)
    site = replace(site, more="wishes.TRIES = 3")
    with site.run() as (serve, worker):
        worker.until_logged("the pass is given up")
        until(lambda: site.states() == ["given up"])
        told = site.planbot("jobs")
        assert f"{NAME}: given up since" in told
        assert "3 failures in a row" in told
        assert worker.passes() == ["failed"] * 3
        assert site.planbot("retry", "octo/unknown", code=2).endswith(
            "the queue knows nothing of octo/unknown\n"
        )
        site.world.sandbox.faults.clear()
        assert "1 pass asked for" in site.planbot("retry", "--all")
        worker.until_passes(4)
        until(site.idle)
        serve.end()
        worker.end()
    assert worker.passes()[-1] == "changed"


def test_a_worker_takes_new_settings_and_shows_how_it_is(site: Site) -> None:
    with site.run() as (serve, worker):
        worker.until_passes(1)
        until(site.idle)
        pages = worker.address("status page").removesuffix("/")

        def page(path: str) -> str:
            return request(f"{pages}/{path}", "GET", None, {}).body.decode()

        assert "up" in page("healthz")
        assert "ready" in page("readyz")
        until(
            lambda: 'planbot_passes_total{verdict="changed"} 1' in page("metrics")
        )  # the queue knows it first
        worker.send(signal.SIGHUP)
        worker.until_logged("the settings are taken")
        write_settings(site.world, workers="1")
        worker.until_logged("changes with the next start")
        serve.end()
        worker.end()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_that_is_not_set_up_is_told_in_a_sentence(
    planned: World, database: str, command: str
) -> None:
    settings = write_settings(planned)
    env = {"PLANBOT_QUEUE": database, "PLANBOT_TEST_TOKEN": "t", "PLANBOT_TEST_SECRET": SECRET}
    done = process(command, "--settings", settings, cwd=planned.folder, env=env).require(3)
    assert "error: the queue's database is not set up\nhint: Run `planbot queue setup`.\n" in done.err
