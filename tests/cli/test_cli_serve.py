"""`planbot serve`: a process that stays and runs passes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.commands import ended, environment, read_until, running
from support.plans import SMALL
from support.world import PLAN, World

from planbot.cli.common import Interval
from planbot.sandbox import Fault

if TYPE_CHECKING:
    from cli.commands import Planbot


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_tick_in_an_issue_is_in_the_plan_after_the_next_pass(world: World, signum: int) -> None:
    world.commit({PLAN: SMALL})
    with running("serve", "--every", "1s", "--pace", "0", cwd=world.work, env=environment(world)) as serve:
        read_until(serve.stdout, "Created 6 issues")
        world.set_box("Phase 1", "the page opens")
        read_until(serve.stdout, "Brought 1 box in step")
        assert world.plan() == SMALL.replace("[ ] the page", "[x] the page").encode()
        read_until(serve.stdout, "Nothing to do")
        serve.send_signal(signum)
        outcome = ended(serve).require()
    assert outcome.err.startswith("a pass every 1 s")
    assert outcome.err.endswith("stopped\n")
    assert world.bot_token not in outcome.out + outcome.err


def test_a_pass_under_way_is_finished_before_it_ends(world: World) -> None:
    world.commit({PLAN: SMALL})
    with running("serve", "--every", "1h", "--pace", "0", cwd=world.work, env=environment(world)) as serve:
        first_issue = Fault("POST", "/repos/*/issues", action=lambda: serve.send_signal(signal.SIGTERM))
        world.sandbox.faults.add(first_issue)
        outcome = ended(serve).require()
    assert "Created 6 issues, 2 milestones, 3 labels." in outcome.out
    assert len(world.issues()) == 6
    world.quiet()


def test_told_twice_it_ends_at_once(world: World) -> None:
    world.commit({PLAN: SMALL})
    with running("serve", "--pace", "0", cwd=world.work, env=environment(world)) as serve:
        reached = threading.Event()
        world.sandbox.faults.add(Fault("POST", "/repos/*/issues", action=reached.set, delay=60))
        reached.wait()
        serve.send_signal(signal.SIGTERM)
        while serve.poll() is None:
            serve.send_signal(signal.SIGTERM)
        assert serve.returncode == -signal.SIGTERM


def test_a_pass_that_fails_is_told_and_the_next_one_is_made(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sandbox.faults.fail(403, method="GET", path="/repos/*/milestones", times=1)
    with running("serve", "--every", "1s", "--pace", "0", cwd=world.work, env=environment(world)) as serve:
        read_until(serve.stdout, "Created 6 issues")
        serve.send_signal(signal.SIGTERM)
        outcome = ended(serve).require()
    assert "error: could not list the milestones" in outcome.err
    assert "the next pass tries again\n" in outcome.err


def test_settings_that_become_wrong_are_told_and_corrected_ones_are_taken(world: World) -> None:
    world.commit({PLAN: SMALL, "planbot.yml": "forks: perhaps\n"})
    with running("serve", "--every", "1s", "--pace", "0", cwd=world.work, env=environment(world)) as serve:
        assert serve.stderr is not None
        assert "a pass every" in serve.stderr.readline()
        assert serve.stderr.readline().startswith("error: planbot.yml:1:8: ")
        world.commit({"planbot.yml": None})
        read_until(serve.stdout, "Created 6 issues")
        serve.send_signal(signal.SIGTERM)
        ended(serve).require()


@pytest.mark.parametrize(
    ("written", "seconds"), [("1s", 1), ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400)]
)
def test_a_time_is_a_number_and_a_unit(written: str, seconds: int) -> None:
    assert Interval().convert(written, None, None) == seconds


@pytest.mark.parametrize("every", ["0s", "5", "m", "-5m", "1.5h", "1w", ""])
def test_a_time_that_is_none_is_bad_usage(planbot: Planbot, at_work: World, every: str) -> None:
    assert "is no time such as 90s, 15m, 2h or 1d" in planbot("serve", f"--every={every}").require(2).err
    assert at_work.sandbox.requests == []


def test_what_can_never_work_is_told_at_once(
    planbot: Planbot, at_work: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is not a folder" in planbot("serve", "-C", "nowhere").require(2).err
    assert "is no repository" in planbot("serve", "--repo", "octo").require(2).err
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "there is no token" in planbot("serve").require(2).err
    assert at_work.sandbox.requests == []


SERVICE = "credentials: {token: {env: GITHUB_TOKEN}}\nrepositories: [octo/plans]\n"


def test_settings_that_cannot_work_are_told_at_once(planbot: Planbot, at_work: World) -> None:
    Path("service.yml").write_text(f"{SERVICE}workers: many\nschedule: {{crontab: monday}}\n")
    outcome = planbot("serve", "--settings", "service.yml").require(2)
    assert "error: service.yml:3:10: `workers` must be a whole number" in outcome.err
    assert "error: service.yml:4:21: `schedule.crontab` must be a crontab expression" in outcome.err
    assert "cannot be read" in planbot("serve", "--settings", "none.yml").require(2).err
    Path("service.yml").write_text(
        SERVICE.replace("token: {env", "app: {id: 1, key: {env").replace("}}", "}}}")
    )
    assert "the App's private key is none" in planbot("serve", "--settings", "service.yml").require(2).err
    assert at_work.sandbox.requests == []


@pytest.mark.parametrize("option", ["--every=5m", "--repo=octo/plans", "--pace=0", "--plans=x.md"])
def test_what_would_have_no_effect_beside_settings_is_bad_usage(
    option: str, planbot: Planbot, at_work: World
) -> None:
    Path("service.yml").write_text(SERVICE)
    outcome = planbot("serve", "--settings", "service.yml", option).require(2)
    assert f"{option.partition('=')[0]} goes with one clone, not with --settings" in outcome.err
    assert at_work.sandbox.requests == []


def test_an_address_that_is_taken_is_told(planbot: Planbot, at_work: World) -> None:
    taken = at_work.sandbox.url.removeprefix("http://")
    Path("service.yml").write_text(f"{SERVICE}webhooks: {{listen: '{taken}'}}\n")
    assert taken in planbot("serve", "--settings", "service.yml").require(2).err


def test_without_its_extra_the_service_says_what_to_install(at_work: World) -> None:
    Path("service.yml").write_text(SERVICE)
    code = "import sys; sys.modules['cronsim'] = None; from planbot.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--settings", "service.yml"],
        cwd=at_work.work,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: the service needs the library cronsim",
        "hint: pip install 'planbot[service]'",
    ]


def test_a_quiet_repository_costs_no_quota_after_the_first_pass(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    world.sandbox.clear_requests()
    with running("serve", "--every", "1s", cwd=world.work, env=environment(world)) as serve:
        for _ in range(2):
            read_until(serve.stdout, "Nothing to do")
        serve.send_signal(signal.SIGTERM)
        ended(serve).require()
    statuses = [request.status for request in world.sandbox.requests if request.kind == "api"]
    assert statuses[:3] == [200] * 3
    assert set(statuses[3:]) == {304}
