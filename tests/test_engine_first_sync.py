"""A first pass: what a plan becomes, and that a second pass finds nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.plans import MIRRORED, SMALL
from support.world import PLAN, World

if TYPE_CHECKING:
    from pathlib import Path


def test_a_plan_becomes_milestones_and_issues(world: World) -> None:
    world.commit({PLAN: SMALL})
    result = world.sync()
    assert result.complete
    issues = world.issues()
    assert list(issues) == [
        "Billing: Implementation Plan",
        "Phase 1: Foundation",
        "1.1 Store keys",
        "1.2 Answer repeated keys",
        "Phase 2: Paging",
        "2.1 Page by cursor",
    ]
    milestones = {one.number: one for one in world.person.milestones()}
    assert [one.title for one in milestones.values()] == [
        "Billing: Implementation Plan: Phase 1 – Foundation",
        "Billing: Implementation Plan: Phase 2 – Paging",
    ]
    first, second = milestones
    assert milestones[first].description.startswith("One invoice an order.")
    assert {title: issue.milestone for title, issue in issues.items()} == {
        "Billing: Implementation Plan": None,
        "Phase 1: Foundation": first,
        "1.1 Store keys": first,
        "1.2 Answer repeated keys": first,
        "Phase 2: Paging": second,
        "2.1 Page by cursor": second,
    }
    assert all(issue.state == "open" and "planbot" in issue.labels for issue in issues.values())


def test_sub_issues_form_the_tree_of_the_plan(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    issues = world.issues()
    parents = {title: world.parent(issue.number) for title, issue in issues.items()}
    number = {title: issue.number for title, issue in issues.items()}
    plan, first, second = (
        number[title] for title in ("Billing: Implementation Plan", "Phase 1: Foundation", "Phase 2: Paging")
    )
    assert parents == {
        "Billing: Implementation Plan": None,
        "Phase 1: Foundation": plan,
        "1.1 Store keys": first,
        "1.2 Answer repeated keys": first,
        "Phase 2: Paging": plan,
        "2.1 Page by cursor": second,
    }


def test_labels_come_from_priority_and_impact(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    issues = world.issues()
    assert set(issues["Phase 1: Foundation"].labels) == {"planbot", "priority: MVP-Critical"}
    assert set(issues["1.1 Store keys"].labels) == {"planbot", "priority: MVP-Critical", "impact: High"}
    assert set(issues["2.1 Page by cursor"].labels) == {"planbot"}


def test_checks_stand_in_the_phase_issue_and_questions_in_the_plan_issue(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    phase, plan = world.issue("Phase 1").body, world.issue("Billing").body
    order = [
        "**Automated**",
        "- [ ] the tests pass",
        "- [ ] the linter is quiet",
        "**Manual**",
        "- [ ] the page opens",
    ]
    places = [phase.index(text) for text in order]
    assert places == sorted(places)
    assert "paging shows each order once" not in phase
    assert "- [ ] Who answers the phone?" in plan
    assert "We learned that invoices are made twice." in plan


def test_a_task_issue_reads_as_in_the_file_and_notifies_nobody(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    body = world.issue("1.1").body
    assert "**Problem**: Keys are forgotten." in body
    assert "@alice" not in body
    assert "#12" not in body
    assert "- **Effort**: 2 hours" in body
    guide = f"[the guide]({world.sandbox.url}/octo/plans/blob/main/docs/guide.md)"
    assert guide in world.issue("1.2").body


def test_a_second_pass_has_nothing_to_do(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    world.quiet()


def test_a_collected_plan_with_mirrored_headings_syncs_and_is_then_in_step(
    world: World, shared_plans: Path
) -> None:
    data = (shared_plans / "seed" / "PilotFiber__icmp-mon__REMEDIATION_PLAN.md").read_bytes()
    world.commit({PLAN: data})
    world.sync()
    issues = world.issues()
    assert len(issues) == 1 + 5 + 19
    assert sum(issue.body.count("- [ ] ") for issue in issues.values()) == 28
    world.quiet()


def test_the_seed_template_filled_in_syncs_and_is_then_in_step(world: World) -> None:
    from importlib import resources  # noqa: PLC0415 - only this test reads the sample

    sample = resources.files("planbot.cli").joinpath("sample", PLAN).read_bytes()
    world.commit({PLAN: sample})
    result = world.sync()
    assert len(world.issues()) == 1 + 3 + 8
    assert result.count("create") == 12 + 3 + len(
        {label.title for label in result.changes if label.kind == "label"}
    )
    world.quiet()


def test_a_mirror_gives_its_checks_to_the_phase_it_repeats(world: World) -> None:
    world.commit({PLAN: MIRRORED})
    world.sync()
    assert "- [ ] package is there" in world.issue("Phase 1: Storage (Days 1-2)").body
    assert len(world.issues()) == 4
    world.quiet()


def test_a_finished_plan_makes_no_issues(world: World) -> None:
    world.commit({PLAN: SMALL.replace("[ ]", "[x]")})
    result = world.sync()
    assert result.in_sync
    assert world.issues() == {}
    assert world.person.milestones() == ()
    world.quiet()


def test_finished_items_are_imported_when_the_settings_say_so(world: World) -> None:
    settings = "issues: {finished: import}\n"
    world.commit({PLAN: SMALL.replace("[ ]", "[x]"), "planbot.yml": settings})
    world.sync()
    issues = world.issues()
    assert len(issues) == 6
    assert issues["1.1 Store keys"].state == "open", "nothing in the plan says that the task itself is done"
    world.quiet()


def test_a_dry_run_writes_nothing_and_tells_what_a_pass_then_does(world: World) -> None:
    world.commit({PLAN: SMALL})
    refs = world.refs()
    wanted = world.diff()
    assert world.refs() == refs
    assert world.issues() == {}
    assert wanted.requests.write == 0
    done = world.sync()
    assert [(one.action, one.kind, one.title) for one in wanted.changes] == [
        (one.action, one.kind, one.title) for one in done.changes
    ]


def test_crlf_plans_sync_and_keep_their_line_ends(world: World) -> None:
    world.commit({PLAN: SMALL.replace("\n", "\r\n")})
    world.sync()
    before = world.plan()
    world.set_box("Phase 1", "the page opens")
    world.sync()
    assert world.plan() == before.replace(b"[ ] the page opens", b"[x] the page opens")
    world.quiet()


def test_without_sub_issues_on_the_server_issues_name_their_parent(world: World) -> None:
    world.sandbox.faults.old_schema = True
    world.sandbox.faults.fail(404, path="/repos/*/issues/*/sub_issues", times=None)
    world.commit({PLAN: SMALL})
    result = world.sync()
    assert result.complete
    assert sum("no sub-issues" in notice for notice in result.notices) == 1
    issues = world.issues()
    assert f"Part of #{issues['Phase 1: Foundation'].number} " in issues["1.1 Store keys"].body
    assert f"Part of #{issues['Billing: Implementation Plan'].number} " in issues["Phase 1: Foundation"].body
    world.quiet()
    assert not any("no sub-issues" in notice for notice in world.sync().notices)
