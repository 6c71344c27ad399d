"""The service as people run it: a process, the sandbox over HTTP, git, signals."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from service.serving import HASTY, SECRET, Serving, serving, write_settings
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.sandbox import Fault

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "octo/other"
TICKED = SMALL.replace("[ ] the page opens", "[x] the page opens").encode()


@pytest.fixture
def planned(world: World) -> World:
    world.commit({PLAN: SMALL})
    return world


def add_other(world: World) -> None:
    git(world.folder, "clone", "--quiet", "--bare", str(world.origin), "other.git")
    world.sandbox.create_repository(OTHER, git_dir=world.folder / "other.git")


def hook(world: World, service: Serving) -> None:
    world.sandbox.add_webhook(NAME, service.address("webhooks"), secret=SECRET)


def test_the_first_pass_is_at_the_start_and_a_tick_comes_by_webhook(planned: World) -> None:
    with serving(planned) as service:
        service.until_passes(1)
        assert len(planned.issues()) == 6
        hook(planned, service)
        planned.set_box("Phase 1", "the page opens")
        service.until_passes(2)
        assert planned.plan() == TICKED
        assert planned.sandbox.deliveries[-1].status == 202
        service.end()
    assert service.passes()[:2] == ["changed", "changed"]
    planned.quiet()


def test_github_enterprise_server_has_its_api_under_a_path(planned: World) -> None:
    with serving(planned, api_url=f"{planned.sandbox.url}/api/v3") as service:
        service.until_passes(1)
        service.end()
    assert service.passes() == ["changed"]
    assert len(planned.issues()) == 6


def test_a_hundred_ticks_in_a_burst_are_one_pass_or_two(planned: World) -> None:
    with serving(planned) as service:
        service.until_passes(1)
        hook(planned, service)
        phase = planned.issue("Phase 1")
        empty, ticked = phase.body, phase.body.replace("[ ] the page opens", "[x] the page opens")
        for body in (ticked, empty) * 50 + (ticked,):
            planned.person.update_issue(phase.number, body=body)
        service.until(lambda: planned.plan() == TICKED)
        service.end()
    by_webhook = [one for one in service.entries if one["message"] == "a pass starts: webhook"]
    assert 1 <= len(by_webhook) <= 2
    planned.quiet()


def test_a_tick_comes_with_the_schedule_where_no_webhook_does(planned: World) -> None:
    with serving(planned, schedule="{every: 1s, jitter: 0s}") as service:
        service.until_passes(1)
        planned.set_box("Phase 1", "the page opens")
        service.until(lambda: planned.plan() == TICKED)
        service.end(signal.SIGINT)


def test_reading_plans_costs_no_request_and_there_is_no_clone_to_set_up(planned: World) -> None:
    with planned.sandbox.edit(NAME) as repository:
        repository.private = True
    with serving(planned, schedule="{every: 1s, jitter: 0s}") as service:
        service.until_passes(3)
        service.end()
    asked = [one.path for one in planned.sandbox.requests if one.kind == "api"]
    assert not [path for path in asked if "/git/" in path or "/contents/" in path]
    assert "in step" in service.passes()


def test_told_to_end_in_a_pass_it_records_how_far_it_came_and_goes_on_next_time(planned: World) -> None:
    with serving(planned) as service:
        second = Fault("POST", "/graphql/createIssue", skip=1, action=lambda: service.send(signal.SIGTERM))
        planned.sandbox.faults.add(second)
        service.gone()
    made = len(planned.issues())
    assert (3 <= made < 6 and service.passes() == ["partial"]) or made == 6
    with serving(planned) as service:
        service.until(lambda: len(planned.issues()) == 6 and service.passes())
        service.end()
    planned.quiet()


@pytest.mark.parametrize(
    ("method", "path", "skip"),
    [
        ("GET", "/repos/*/milestones", 0),
        ("POST", "/graphql/createIssue", 1),
        ("POST", "/*/git-receive-pack", 1),
    ],
)
def test_killed_in_a_pass_it_goes_on_at_the_next_start(
    planned: World, method: str, path: str, skip: int
) -> None:
    with serving(planned, prelude=HASTY) as service:
        planned.sandbox.faults.add(Fault(method, path, skip=skip, drop=True, action=service.process.kill))
        assert service.process.wait() == -signal.SIGKILL
    with serving(planned, prelude=HASTY) as service:
        service.until(lambda: {"changed", "in step"} & {*service.passes()})
        service.end()
    assert len(planned.issues()) == 6
    planned.quiet()


def test_a_repository_that_answers_nothing_holds_up_no_other(planned: World) -> None:
    add_other(planned)
    planned.sandbox.faults.delay(30, path=f"/repos/{OTHER}*", times=None)
    planned.sandbox.faults.delay(30, path=f"/{OTHER}.git/*", times=None)
    settings = {
        "repositories": f"[{OTHER}, {NAME}]",
        "workers": "2",
        "schedule": "{every: 1s, jitter: 0s}",
        "limits": "{pace: 0, request: 1s, git: 1s}",
        "grace": "1s",
    }
    with serving(planned, **settings) as service:
        service.until_passes(4)
        assert service.passes(OTHER) in ([], ["failed"])
        service.until_passes(1, OTHER)
        assert service.passes(OTHER) == ["failed"]
        service.end()
    assert "changed" in service.passes()


def test_new_settings_are_taken_and_passes_that_run_are_not_disturbed(planned: World) -> None:
    add_other(planned)
    with serving(planned) as service:
        during = Fault(
            "POST",
            "/repos/*/issues",
            delay=1,
            action=lambda: write_settings(planned, repositories=f"[{NAME}, {OTHER}]"),
        )
        planned.sandbox.faults.add(during)
        service.until_passes(1, OTHER)
        service.until_passes(1)
        service.end()
    assert service.passes() == service.passes(OTHER) == ["changed"]


def test_wrong_settings_are_told_with_their_place_and_those_before_stay(planned: World) -> None:
    with serving(planned, schedule="{every: 1s, jitter: 0s}") as service:
        service.until_passes(1)
        write_settings(planned, repositories="[octo]")
        service.until_logged("service.yml:3:16: `repositories[1].name` must be a repository")
        count = len(service.passes())
        service.until_passes(count + 2)
        write_settings(planned, schedule="{every: 1h}", workers="3")
        service.until_logged("the settings are taken")
        service.send(signal.SIGHUP)
        service.until_logged("the settings are taken", 2)
        service.end()


def test_a_repository_that_is_taken_out_gets_no_more_passes(planned: World) -> None:
    add_other(planned)
    names = f"[{NAME}, {OTHER}]"
    with serving(planned, schedule="{every: 1s, jitter: 0s}", repositories=names) as service:
        service.until_passes(1, OTHER)
        write_settings(planned, schedule="{every: 1s, jitter: 0s}")
        service.until_logged("the settings are taken")
        service.until_passes(len(service.passes()) + 3)  # one that ran has ended by then
        count = len(service.passes(OTHER))
        service.until_passes(len(service.passes()) + 3)
        assert len(service.passes(OTHER)) == count
        service.end()


def test_a_github_app_keeps_what_it_is_installed_on(planned: World, tmp_path: Path) -> None:
    with planned.sandbox.edit(NAME) as repository:
        repository.private = True
    number, key = planned.sandbox.add_app("planner")
    (tmp_path / "key.pem").write_text(key)
    planned.sandbox.install_app(number, "octo")
    app = f"{{app: {{id: {number}, key: {{file: key.pem}}}}}}"
    with serving(planned, credentials=app, repositories="[installed]") as service:
        service.until_passes(1)
        hook(planned, service)
        planned.set_box("Phase 1", "the page opens")
        service.until(lambda: planned.plan() == TICKED)
        service.end()
    assert {issue.author for issue in planned.issues().values()} == {"planner[bot]"}
    assert not [token for token in planned.sandbox._store.state.tokens if token in service.text]
    assert key.splitlines()[1] not in service.text


def test_a_renamed_repository_is_found_under_its_new_name(planned: World) -> None:
    with serving(planned, schedule="{every: 1s, jitter: 0s}") as service:
        service.until_passes(1)
        planned.sandbox.rename_repository(NAME, "octo/renamed")
        service.until_logged(f"{NAME} is now octo/renamed")
        service.until_passes(len(service.passes()) + 3)  # links in issues name the repository
        service.end()
    assert service.passes()[-1] == "in step"


def test_a_refused_pass_is_told_on_the_plans_issue_and_taken_back_when_one_gets_through(
    planned: World,
) -> None:
    with serving(planned, prelude=HASTY, schedule="{every: 1s, jitter: 0s}") as service:
        service.until_passes(1)
        number = planned.issue("Billing").number
        planned.commit({PLAN: None})
        service.until(lambda: planned.person.comments.of(number))
        (comment,) = planned.person.comments.of(number)
        assert "If it is meant, run `planbot sync --allow closes` in a clone." in comment.body
        planned.commit({PLAN: SMALL})
        service.until(lambda: not planned.person.comments.of(number))
        service.end()
    assert all(issue.state == "open" for issue in planned.issues().values())
