"""Repositories that are not synced, and why: forks, archives, other branches, private plans in public places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.engine import Options
from planbot.errors import LimitError, TrackerError

if TYPE_CHECKING:
    from planbot.report.result import PassResult


@pytest.fixture
def planned(world: World) -> World:
    world.commit({PLAN: SMALL})
    return world


def run(world: World, options: Options) -> PassResult:
    with world.tracker(world.bot_token) as tracker:
        return world.engine(tracker, options=options).sync()


def test_an_archived_repository_is_left_with_one_line(planned: World) -> None:
    with planned.sandbox.edit(NAME) as repository:
        repository.archived = True
    result = planned.sync()
    assert result.skipped
    assert result.notices == (f"{NAME} is archived: nothing to do",)
    assert planned.diff().skipped


def test_a_fork_is_left_unless_the_settings_say_otherwise(planned: World) -> None:
    with planned.sandbox.edit(NAME) as repository:
        repository.fork = True
    result = planned.sync()
    assert result.skipped
    assert "is a fork" in result.notices[0]
    assert planned.issues() == {}
    planned.commit({"planbot.yml": "forks: true\n"})
    assert planned.sync().complete
    assert len(planned.issues()) == 6


def test_issues_that_are_switched_off_are_told_of(planned: World) -> None:
    with planned.sandbox.edit(NAME) as repository:
        repository.has_issues = False
    with pytest.raises(TrackerError, match="issues are switched off"):
        planned.sync()


def test_a_push_to_another_branch_is_none_of_its_business(planned: World) -> None:
    result = run(planned, Options(ref="refs/heads/feature"))
    assert result.skipped
    assert "refs/heads/feature is not the branch main" in result.notices[0]
    assert run(planned, Options(ref="refs/heads/main")).complete
    assert len(planned.issues()) == 6


@pytest.mark.parametrize("name", ["trunk", "next"])
def test_plans_are_those_of_the_default_branch_or_of_the_one_that_the_settings_name(
    world: World, name: str
) -> None:
    if name == "next":
        world.commit({"planbot.yml": "branch: next\n"})
    else:
        with world.sandbox.edit(NAME) as repository:
            repository.default_branch = name
    world.commit({PLAN: SMALL})
    git(world.origin, "branch", name, "main")
    world.edit("Store keys", "Forget keys")
    main = git(world.origin, "rev-parse", "main")
    result = run(world, Options(ref="refs/heads/main"))
    assert result.skipped
    assert result.notices == (f"refs/heads/main is not the branch {name}: nothing to do",)
    assert world.issues() == {}
    assert run(world, Options(ref=f"refs/heads/{name}")).complete
    assert f"/blob/{name}/docs/guide.md" in world.issue("1.2").body
    assert "1.1 Store keys" in world.issues()
    world.set_box("Phase 1", "the tests pass")
    assert world.sync().complete
    assert "[x] the tests pass" in git(world.origin, "show", f"{name}:{PLAN}")
    assert git(world.origin, "log", "-1", "--format=%s", name) == "Tick 1 box"
    assert git(world.origin, "rev-parse", "main") == main
    world.quiet()


def test_plans_of_a_private_repository_do_not_become_public_issues_by_accident(planned: World) -> None:
    planned.sandbox.create_repository("octo/secret", private=True)
    with pytest.raises(LimitError, match="octo/secret is private and octo/plans is public"):
        run(planned, Options(origin="octo/secret"))
    with pytest.raises(LimitError):
        run(planned, Options(origin="octo/cannot-be-seen"))
    assert planned.issues() == {}
    planned.sandbox.create_repository("octo/open")
    assert run(planned, Options(origin="octo/open")).complete
    planned.commit({"planbot.yml": "allow_public: true\n"})
    assert run(planned, Options(origin="octo/secret")).complete


def test_a_renamed_repository_is_synced_under_its_new_name(planned: World) -> None:
    planned.sync()
    planned.sandbox.rename_repository(NAME, "octo/plans-of-old")
    planned.edit("[ ] the tests pass", "[x] the tests pass")
    result = run(planned, Options(origin=NAME))
    assert result.repository == "octo/plans-of-old"
    assert result.count("create") == 0
    assert "- [x] the tests pass" in planned.issue("Phase 1").body


def test_more_new_issues_than_the_limit_are_refused(world: World) -> None:
    tasks = "".join(f"### 1.{number} Task {number}\n\nText.\n\n" for number in range(1, 101))
    world.commit({PLAN: f"# A plan\n\n## Phase 1: One\n\n{tasks}"})
    with pytest.raises(LimitError, match="102 issues would be created, more than 100"):
        world.sync()
    assert world.issues() == {}
    assert world.sync("creates").count("create") >= 102
    world.quiet()


def test_closing_many_because_their_items_are_gone_is_refused(world: World) -> None:
    tasks = [f"### 1.{number} Task {number}\n\nText.\n\n" for number in range(1, 9)]
    world.commit({PLAN: f"# A plan\n\n## Phase 1: One\n\n{''.join(tasks)}"})
    world.sync()
    world.commit({PLAN: f"# A plan\n\n## Phase 1: One\n\n{''.join(tasks[:4])}"})
    with pytest.raises(LimitError, match="4 of 10 open issues would be closed"):
        world.sync()
    assert world.diff().refusals
    assert {issue.state for issue in world.issues().values()} == {"open"}
    world.sync("closes")
    assert sum(issue.state == "closed" for issue in world.issues().values()) == 4
    world.quiet()
