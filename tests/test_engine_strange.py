"""Strange servers and bad actors: a clear word where something cannot be done, and the rest of the pass unharmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.errors import LimitError, PermissionDeniedError, SettingsError
from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.report.result import PassResult
    from planbot.sandbox.model import Role
    from planbot.tracker.github_tracker import GitHubTracker
    from planbot.tracker.records import IssueRecord

ISSUES = f"/repos/{NAME}/issues"
TICKED, UNTICKED = "[x] paging shows", "[ ] paging shows"


@pytest.fixture
def synced(world: World) -> World:
    world.commit({PLAN: SMALL})
    world.sync()
    return world


def is_unharmed(world: World, *, allow: tuple[str, ...] = ()) -> PassResult:
    """Run a pass with a tick to carry in each direction, and require that both arrive."""
    world.set_box("Phase 2", "paging shows each order once")
    world.edit("[ ] Who answers", "[x] Who answers")
    result = world.sync(*allow)
    assert TICKED.encode() in world.plan()
    assert "[x] Who answers" in world.issue("Billing").body
    return result


def codes(result: PassResult) -> list[str]:
    return [finding.code for _, finding in result.findings]


@pytest.fixture
def mallory(world: World) -> Iterator[GitHubTracker]:
    """Return what somebody holds who can read the repository and open issues there."""
    with world.tracker(world.sandbox.add_user("mallory", role="none")) as tracker:
        yield tracker


def opened(mallory: GitHubTracker, title: str, body: str) -> IssueRecord:
    made = mallory.create_issue(title, body, labels=("planbot",))
    assert made.labels == (), "GitHub drops the labels of those who can only read"
    return made


def the_issue(world: World, number: int) -> IssueRecord:
    found = world.person.issue(number)
    assert found is not None
    return found


# The repository


@pytest.mark.parametrize("new", ["octo/plans-of-old", "umbrella/plans"])
def test_a_repository_renamed_or_transferred_between_passes_goes_on_under_its_new_name(
    synced: World, new: str
) -> None:
    before = {title: one.number for title, one in synced.issues().items()}
    synced.sandbox.rename_repository(NAME, new)
    synced.person.repository()
    result = is_unharmed(synced)
    assert result.repository == new
    assert {title: one.number for title, one in synced.issues().items()} == before
    # links into the repository are written with its name, so that they go on without a redirect
    assert f"{synced.sandbox.url}/{new}/blob/main/PLAN.md" in synced.issue("1.1").body
    synced.quiet()


def test_a_repository_renamed_during_a_pass_stops_that_pass_and_the_next_one_finishes(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sandbox.faults.run(
        lambda: world.sandbox.rename_repository(NAME, "octo/other"), method="POST", path=ISSUES
    )
    result = world.sync()
    assert not result.complete
    world.skip_time(60)
    world.person.repository()
    assert world.sync().complete
    assert len(world.issues()) == 6
    world.quiet()


# Issues that people moved, deleted, locked or converted


@pytest.mark.parametrize("how", ["deleted", "transferred"])
def test_an_issue_that_is_gone_is_told_of_not_made_again_and_stops_no_other(synced: World, how: str) -> None:
    number = synced.issue("1.2").number
    if how == "deleted":
        synced.sandbox.delete_issue(NAME, number)
    else:
        synced.sandbox.create_repository("octo/elsewhere")
        synced.sandbox.transfer_issue(NAME, number, "octo/elsewhere")
    result = is_unharmed(synced)
    assert codes(result) == ["PB203"]
    assert f"#{number} is gone" in result.findings[0][1].message
    assert len(synced.issues()) == 5
    synced.quiet()


def test_the_issue_of_a_phase_that_is_gone_leaves_its_tasks_their_milestone_and_their_texts(
    synced: World,
) -> None:
    synced.sandbox.delete_issue(NAME, synced.issue("Phase 1").number)
    synced.edit("Keys are forgotten.", "Keys are lost.")
    assert codes(is_unharmed(synced)) == ["PB203"]
    assert "Keys are lost." in synced.issue("1.1").body
    assert synced.issue("1.1").milestone is not None
    synced.quiet()


def test_a_new_issue_for_one_that_is_gone_is_had_by_a_word_under_its_heading(synced: World) -> None:
    gone = synced.issue("1.2").number
    synced.sandbox.delete_issue(NAME, gone)
    synced.sync()
    synced.edit(
        "#### 1.2 Answer repeated keys\n", "#### 1.2 Answer repeated keys\n<!-- planbot: id=again -->\n"
    )
    result = synced.sync()
    assert codes(result) == []
    assert synced.issue("1.2").number != gone
    synced.quiet()


def test_a_locked_issue_is_kept_in_step_and_closed_like_any_other(synced: World) -> None:
    with synced.sandbox.edit(NAME) as repository:
        for issue in repository.issues.values():
            issue.locked = True
    assert is_unharmed(synced).complete
    task = SMALL[SMALL.index("#### 1.2") : SMALL.index("### Phase 2: Paging")]
    synced.edit(task, "")
    assert synced.sync().complete
    assert synced.issue("1.2").state_reason == "not_planned"
    synced.quiet()


def test_an_issue_converted_to_a_discussion_is_told_once_refused_and_left_alone_from_then_on(
    synced: World,
) -> None:
    synced.set_box("Phase 1", "the page opens")
    number = synced.issue("Phase 1").number
    synced.sandbox.convert_issue(NAME, number)
    assert is_unharmed(synced).complete
    assert b"[x] the page opens" in synced.plan(), "it was ticked before"
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.edit("[x] Who answers", "[x] Who then answers")
    result = synced.sync()
    assert [one.why for one in result.undone] == [f"#{number} is closed and locked, and takes no change"]
    assert "Who then answers" in synced.issue("Billing").body
    synced.quiet()
    result = synced.sync()
    assert codes(result) == ["PB208"]
    assert f"#{number} is closed and locked" in result.findings[0][1].message
    synced.edit("#### 1.1 Store keys", "#### 1.1 Keep keys")
    assert synced.sync().complete
    assert synced.issue("1.1").title == "1.1 Keep keys"
    synced.quiet()


def test_a_new_issue_for_a_converted_one_is_had_by_a_word_under_its_heading(synced: World) -> None:
    old = synced.issue("1.2").number
    synced.sandbox.convert_issue(NAME, old)
    synced.edit("#### 1.2 Answer repeated keys\n", "#### 1.2 Answer the repeated keys\n")
    assert not synced.sync().complete
    synced.edit(
        "#### 1.2 Answer the repeated keys\n",
        "#### 1.2 Answer the repeated keys\n<!-- planbot: id=again -->\n",
    )
    result = synced.sync()
    assert result.complete
    assert codes(result) == []
    assert synced.issue("1.2 Answer the repeated keys").number != old
    synced.quiet()


def test_a_closed_and_locked_issue_that_refused_a_change_is_kept_in_step_again_once_unlocked(
    synced: World,
) -> None:
    issue = synced.issue("1.1")
    synced.person.update_issue(issue.number, state="closed")
    synced.sandbox.convert_issue(NAME, issue.number)
    synced.edit("Keys are forgotten.", "Keys are lost.")
    assert not synced.sync().complete
    synced.quiet()
    with synced.sandbox.edit(NAME) as repository:
        repository.issues[issue.number].locked = repository.issues[issue.number].converted = False
    assert synced.sync().complete
    assert "Keys are lost." in synced.issue("1.1").body
    synced.quiet()


def test_an_issue_that_refuses_its_write_is_told_of_and_stops_no_other(synced: World) -> None:
    number = synced.issue("1.1").number
    synced.edit("Keys are forgotten.", "Keys are lost.")
    synced.sandbox.faults.fail(403, method="PATCH", path=f"{ISSUES}/{number}")
    result = is_unharmed(synced)
    assert [one.change.issue for one in result.undone] == [number]
    assert "403" in result.undone[0].why
    assert synced.sync().complete
    assert "Keys are lost." in synced.issue("1.1").body
    synced.quiet()


# Milestones and labels that people renamed or deleted


def test_a_milestone_that_a_person_renamed_keeps_its_name_and_its_issues(synced: World) -> None:
    first = synced.person.milestones()[0]
    synced.person.update_milestone(first.number, title="Sprint 7")
    assert is_unharmed(synced).complete
    assert synced.person.milestones()[0].title == "Sprint 7"
    assert len(synced.person.milestones()) == 2
    synced.quiet()


def delete(world: World, path: str) -> None:
    url = f"{world.sandbox.url}/repos/{NAME}/{path}"
    headers = {"Authorization": f"Bearer {world.person_token}", "User-Agent": "tests"}
    assert requests.delete(url, headers=headers, timeout=60).status_code == requests.codes.no_content


def rename_label(world: World, old: str, new: str) -> None:
    url = f"{world.sandbox.url}/repos/{NAME}/labels/{old}"
    headers = {"Authorization": f"Bearer {world.person_token}", "User-Agent": "tests"}
    answer = requests.patch(url, headers=headers, json={"new_name": new}, timeout=60)
    assert answer.status_code == requests.codes.ok


def test_a_milestone_that_a_person_deleted_is_not_made_again(synced: World) -> None:
    first, second = synced.person.milestones()
    delete(synced, f"milestones/{first.number}")
    result = is_unharmed(synced)
    assert result.complete
    assert [one.number for one in synced.person.milestones()] == [second.number]
    assert synced.issue("1.1").milestone is None
    synced.edit("#### 1.2 Answer", "#### 1.3 More\n\nText.\n\n#### 1.2 Answer")
    assert synced.sync().complete
    assert synced.issue("1.3").milestone is None
    assert len(synced.person.milestones()) == 1
    synced.quiet()


def test_the_managed_label_is_made_and_set_again_when_a_person_deletes_or_renames_it(synced: World) -> None:
    before = {title: one.number for title, one in synced.issues().items()}
    delete(synced, "labels/planbot")
    assert synced.sync().complete
    assert {title: one.number for title, one in synced.issues().items()} == before
    synced.quiet()
    rename_label(synced, "planbot", "plans")
    assert synced.sync().complete
    assert {title: one.number for title, one in synced.issues().items()} == before
    assert {"plans", "planbot"} <= set(synced.issue("1.1").labels)
    synced.quiet()


def test_any_other_label_that_a_person_deleted_or_renamed_stays_so(synced: World) -> None:
    wanted = set(synced.issue("1.1").labels) - {"planbot"}
    assert len(wanted) == 2
    gone, other = sorted(wanted)
    delete(synced, f"labels/{gone}")
    rename_label(synced, other, "mine")
    assert is_unharmed(synced).complete
    assert set(synced.issue("1.1").labels) == {"planbot", "mine"}
    assert not {gone, other} & {one.name for one in synced.person.labels()}
    synced.quiet()


# Rights


def test_a_token_that_may_not_write_is_told_so_before_anything_is_written(world: World) -> None:
    world.commit({PLAN: SMALL})
    set_role(world, "read")
    before = world.refs()
    with pytest.raises(PermissionDeniedError, match="may not write"):
        world.sync()
    assert world.refs() == before
    assert world.person.issues(None) == ()
    assert world.diff().count("create") > 0, "looking needs no right to write"


def test_labels_and_milestone_that_the_server_drops_in_silence_are_told_of_and_set_later(
    world: World,
) -> None:
    world.commit({PLAN: SMALL})
    world.sandbox.faults.old_schema = True
    world.sandbox.faults.run(lambda: set_role(world, "read"), method="POST", path=ISSUES)
    world.sandbox.faults.run(lambda: set_role(world, "write"), method="POST", path=ISSUES, when="after")
    result = world.sync()
    assert any("label" in one.why for one in result.undone)
    assert world.sync().complete
    issues = world.issues()
    assert len(issues) == 6
    assert all(issue.labels for issue in issues.values())
    world.quiet()


def set_role(world: World, role: Role) -> None:
    with world.sandbox.edit(NAME) as repository:
        repository.roles["planbot"] = role


# Bad actors


def test_an_outsiders_issue_with_a_copied_marker_is_nobodys_item(
    synced: World, mallory: GitHubTracker
) -> None:
    body = synced.issue("Phase 1").body.replace("[ ]", "[x]")
    made = opened(mallory, "Phase 1: Foundation", body)
    before = the_issue(synced, made.number)
    is_unharmed(synced)
    assert the_issue(synced, made.number) == before
    assert b"- [ ] the tests pass" in synced.plan()
    synced.quiet()


@pytest.mark.parametrize("labels", [("planbot",), ()])
def test_an_outsiders_copy_of_an_issue_whose_creation_was_not_confirmed_ticks_nothing(
    world: World, mallory: GitHubTracker, labels: tuple[str, ...]
) -> None:
    world.commit({PLAN: SMALL})
    world.sandbox.faults.drop(method="POST", path=ISSUES, when="after")
    world.sync()
    (lost,) = [one for one in world.person.issues(None) if one.title.startswith("Billing")]
    world.person.update_issue(lost.number, labels=labels)
    copy = opened(mallory, "Copy", lost.body.replace("[ ]", "[x]"))
    world.skip_time(60)
    world.sync()
    assert world.issue("Billing").number == lost.number
    assert b"- [ ] Who answers" in world.plan()
    assert the_issue(world, copy.number) == copy
    world.quiet()


def test_an_outsiders_copy_does_not_take_the_place_of_an_issue_when_the_journal_is_lost(
    synced: World,
    mallory: GitHubTracker,
) -> None:
    before = {title: one.number for title, one in synced.issues().items()}
    made = opened(mallory, "1.1 Store keys", synced.issue("Phase 1").body.replace("[ ]", "[x]"))
    git(synced.origin, "update-ref", "-d", "refs/planbot/journal")
    synced.sync()
    assert {title: one.number for title, one in synced.issues().items()} == before
    assert the_issue(synced, made.number).state == "open"
    assert b"- [ ] the tests pass" in synced.plan()
    synced.quiet()


def test_a_marker_that_the_author_of_an_adopted_issue_swaps_reaches_no_other_item(
    synced: World, mallory: GitHubTracker
) -> None:
    made = opened(mallory, "Please page", "Hello")
    synced.edit(
        "## Priority Order", f"#### 2.2 More\n<!-- planbot: #{made.number} -->\n\nText.\n\n## Priority Order"
    )
    synced.sync()
    phase = synced.issue("Phase 1")
    mallory.update_issue(made.number, body=phase.body.replace("[ ]", "[x]"))
    is_unharmed(synced)
    assert "Text." in the_issue(synced, made.number).body
    assert b"- [ ] the tests pass" in synced.plan()
    assert the_issue(synced, made.number).state == "open"
    synced.quiet()


def test_an_adopted_issue_with_a_copied_marker_brings_no_ticks_and_no_other_item(
    world: World, mallory: GitHubTracker
) -> None:
    world.commit({PLAN: SMALL.replace("#### 2.1 Page by cursor\n\nNothing to add.", "")})
    world.sync()
    phase = world.issue("Phase 1")
    made = opened(mallory, "Please page", "Hello\n\n" + phase.body.replace("[ ]", "[x]"))
    world.edit(
        "## Priority Order", f"#### 2.1 Page\n<!-- planbot: #{made.number} -->\n\nText.\n\n## Priority Order"
    )
    result = world.sync()
    assert result.complete, result.undone
    adopted = the_issue(world, made.number)
    body = split(adopted.body)
    assert isinstance(body, Managed)
    assert (body.marker.locator, body.before) == ("task:2.1", "Hello\n\n")
    assert (adopted.state, "planbot" in adopted.labels) == ("open", True)
    assert the_issue(world, phase.number).state == "open"
    assert b"- [ ] the tests pass" in world.plan()
    world.quiet()


def test_an_issue_with_a_damaged_marker_cannot_be_adopted_and_stops_nothing(
    synced: World, mallory: GitHubTracker
) -> None:
    made = opened(mallory, "Please page", "<!-- planbot:begin v=1 -->")
    synced.edit(
        "## Priority Order", f"#### 2.2 More\n<!-- planbot: #{made.number} -->\n\nText.\n\n## Priority Order"
    )
    assert codes(is_unharmed(synced)) == ["PB201"]
    assert the_issue(synced, made.number).body == made.body
    synced.quiet()


def test_an_issue_that_two_headings_name_is_had_by_one_and_told_of_by_the_other(
    synced: World, mallory: GitHubTracker
) -> None:
    made = opened(mallory, "Please page", "Hello")
    mark = f"<!-- planbot: #{made.number} -->"
    synced.edit(
        "## Priority Order",
        f"#### 2.2 More\n{mark}\n\nText.\n\n#### 2.3 Less\n{mark}\n\nText.\n\n## Priority Order",
    )
    assert codes(is_unharmed(synced)) == ["PB205"]
    assert len(synced.issues()) == 7
    synced.quiet()


def test_a_pull_request_with_our_label_and_a_copied_marker_is_no_issue(synced: World) -> None:
    git(synced.work, "push", "--quiet", "origin", "HEAD~0:refs/heads/feature")
    synced.commit({"other.txt": "x"})
    git(synced.work, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/feature")
    git(synced.work, "commit", "--quiet", "--allow-empty", "--message", "More")
    git(synced.work, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/feature")
    headers = {"Authorization": f"Bearer {synced.person_token}", "User-Agent": "tests"}
    body = {"title": "T", "head": "feature", "base": "main", "body": synced.issue("Phase 1").body}
    url = f"{synced.sandbox.url}/repos/{NAME}/pulls"
    pull = requests.post(url, headers=headers, json=body, timeout=60).json()
    synced.person.update_issue(pull["number"], labels=("planbot",))
    is_unharmed(synced)
    assert the_issue(synced, pull["number"]).state == "open"
    synced.edit(
        "## Priority Order",
        f"#### 2.2 More\n<!-- planbot: #{pull['number']} -->\n\nText.\n\n## Priority Order",
    )
    assert codes(synced.sync()) == ["PB205"]
    assert the_issue(synced, pull["number"]).title == "T"
    synced.quiet()


# What stands in plan files

ODD_PATHS = [
    "a-->b <!-- -plan.md",
    "--upload-pack=touch gone-plan.md",
    "-plan.md",
    "docs/plans/\u202egnp.md",
    "docs/plans/a\tb\nc.md",
    'docs/plans/q"u`o\\te.md',
    "docs/plans/%2e%2e.md",
    "docs/plans/ü ∂.md",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_an_odd_path_is_synced_both_ways(world: World, path: str) -> None:
    world.commit({path: SMALL})
    assert world.sync().complete
    assert len(world.issues()) == 6
    world.set_box("Phase 1", "the tests pass")
    world.sync()
    assert b"[x] the tests pass" in world.plan(path)
    world.quiet()


ODD_TITLES = [
    "Store --> keys <!-- planbot:end -->",
    "-rf --force",
    "Store \u202eyek\u202c \u200fkeys",
    "Store\x07 \x1b[31mkeys\x00",
    "Keep " + "very " * 1000 + "long",
    "{title} {0.__class__} %s ${HOME} ::error::x",
    "@alice fixes #12",
]


@pytest.mark.parametrize("title", ODD_TITLES, ids=range(len(ODD_TITLES)))
def test_an_odd_title_makes_one_issue_with_a_title_that_fits(world: World, title: str) -> None:
    world.commit({PLAN: SMALL.replace("Store keys", title).replace("Foundation", title)})
    assert world.sync().complete
    assert len(world.issues()) == 6
    for each in world.issues():
        assert len(each) <= 256
        assert each.isprintable()
    is_unharmed(world)
    world.quiet()


@pytest.mark.parametrize("title", ODD_TITLES, ids=range(len(ODD_TITLES)))
def test_an_odd_title_of_a_plan_makes_titles_that_fit_and_stays_out_of_commits(
    world: World, title: str
) -> None:
    world.commit({PLAN: SMALL.replace("Billing: Implementation Plan", f"Billing {title}")})
    assert world.sync().complete
    assert len(world.issues()) == 6
    milestones = world.person.milestones()
    assert len({one.title for one in milestones}) == 2
    for each in (*world.issues(), *(one.title for one in milestones)):
        assert len(each) <= 256
        assert each.isprintable()
    is_unharmed(world)
    message = git(world.origin, "log", "-1", "--format=%B", "main")
    assert message.partition("\n\nCo-authored-by:")[0] == "Tick 1 box\n\n- PLAN.md"
    world.quiet()


def test_a_text_over_the_limit_of_a_body_keeps_its_boxes_and_reads_on_in_the_plan_file(world: World) -> None:
    code = "```\n" + "x" * 80 * 1000 + "\n```\n"
    prose = "words " * 12_000
    world.commit(
        {
            PLAN: SMALL.replace("Nothing to add.", code).replace(
                "**Automated**:\n- [ ] the", f"{prose}\n\n**Automated**:\n- [ ] the"
            )
        }
    )
    assert world.sync().complete
    for issue in world.issues().values():
        assert len(issue.body) <= 65_536
    assert "left out here for its length" in world.issue("2.1").body
    world.set_box("Phase 1", "the tests pass")
    is_unharmed(world)
    assert b"[x] the tests pass" in world.plan()
    world.quiet()


def test_what_people_wrote_leaves_no_room_is_told_of_and_stops_no_other(synced: World) -> None:
    issue = synced.issue("1.1")
    synced.person.update_issue(issue.number, body="n" * (65_536 - len(issue.body)) + issue.body)
    synced.edit("Keys are forgotten.", "Keys are forgotten again and again.")
    result = is_unharmed(synced)
    (undone,) = result.undone
    assert undone.change.issue == issue.number
    assert "too long" in undone.why
    assert the_issue(synced, issue.number).body.startswith("nnn")


def test_more_than_a_hundred_sub_issues_are_told_once_and_name_their_parent_in_their_text(
    world: World,
) -> None:
    tasks = "".join(f"### 1.{number} Task {number}\n\nText.\n\n" for number in range(1, 104))
    world.commit({PLAN: f"# A plan\n\n## Phase 1: One\n\n{tasks}"})
    result = world.sync("creates")
    phase = world.issue("Phase 1")
    assert result.complete, result.undone
    (notice,) = result.notices
    assert f"#{phase.number}" in notice
    assert "100 sub-issues" in notice
    bodies = [issue.body for title, issue in world.issues().items() if title.startswith("1.")]
    assert sum(f"Part of #{phase.number}" in body for body in bodies) == 3
    world.quiet()
    assert world.sync().notices == ()


# Files that are no plans


def test_a_symbolic_link_is_no_plan_file_wherever_it_leads(synced: World) -> None:
    secret = synced.folder / "secret-plan.md"
    secret.write_text(SMALL.replace("Billing", "Secret"))
    for name, target in {
        "a-plan.md": str(secret),
        "b-plan.md": "../secret-plan.md",
        "c-plan.md": PLAN,
    }.items():
        (synced.work / name).symlink_to(target)
    synced.commit({"note.txt": "x"})
    assert git(synced.origin, "ls-tree", "main", "a-plan.md").startswith("120000")
    is_unharmed(synced)
    assert len(synced.issues()) == 6
    synced.quiet()


def test_a_plan_file_that_became_a_symbolic_link_takes_allow_closes(synced: World) -> None:
    synced.commit({PLAN: None})
    (synced.work / PLAN).symlink_to("/etc/passwd")
    synced.commit({"note.txt": "x"})
    with pytest.raises(LimitError, match=r"PLAN\.md is gone"):
        synced.sync()
    assert {issue.state for issue in synced.issues().values()} == {"open"}


def test_a_glob_that_leaves_the_repository_is_told_by_its_line_and_nothing_is_written(synced: World) -> None:
    synced.commit({"planbot.yml": "plans:\n- '../*-plan.md'\n- /etc/*\n- PLAN.md\n"})
    before = synced.refs()
    with pytest.raises(SettingsError) as caught:
        synced.sync()
    assert [mistake.partition(" ")[0] for mistake in caught.value.mistakes] == [
        "planbot.yml:2:3:",
        "planbot.yml:3:3:",
    ]
    assert synced.refs() == before


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


DEEP, PYTHON = "[" * 500 + "\n", "!!python/object/apply:os.system ['true']\n"


@pytest.mark.parametrize(
    ("matter", "said"),
    [
        (BOMB, ""),
        (BOMB + "title: *l\n", ""),
        (BOMB + "planbot: *l\n", "`planbot` is neither off nor a mapping"),
        (BOMB + "planbot: {labels: *l}\n", "values are nested too deeply, or aliases repeat"),
        ("planbot: &a\n  labels: *a\n", "values are nested too deeply, or aliases repeat"),
        (DEEP, ""),
        (f"planbot: {PYTHON}", "tag:yaml.org,2002:python"),
    ],
    ids=["plain", "title", "planbot", "labels", "circle", "deep", "python"],
)
def test_front_matter_that_is_a_bomb_is_told_and_harms_no_other_plan_file(
    synced: World, matter: str, said: str
) -> None:
    synced.commit({"docs/plans/bomb.md": f"---\n{matter}---\n# Bomb\n\n## Phase 1: One\n\n- [ ] a box\n"})
    result = is_unharmed(synced)
    told = [(path, finding.code) for path, finding in result.findings]
    assert told == ([("docs/plans/bomb.md", "PB005")] if said else [])
    assert all(said in finding.message for _, finding in result.findings)
    assert sum(len(text) for path, finding in result.findings for text in (path, finding.message)) < 5_000
    assert all(len(title) <= 256 for title in synced.issues())
    synced.quiet()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB + "plans: *l\n", "planbot.yml:1:1: values are nested too deeply, or aliases repeat"),
        ("plans: &a\n- *a\n", "planbot.yml:1:1: values are nested too deeply, or aliases repeat"),
        (DEEP, "planbot.yml:1:1: values are nested too deeply, or aliases repeat"),
        (
            f"forks: true\nplans: {PYTHON}",
            "planbot.yml:2:8: .* the tag `!!python/object/apply:os.system` means",
        ),
    ],
    ids=["bomb", "circle", "deep", "python"],
)
def test_settings_that_are_a_bomb_are_told_and_nothing_is_written(
    synced: World, text: str, said: str
) -> None:
    synced.commit({"planbot.yml": text})
    before = synced.refs()
    with pytest.raises(SettingsError, match=said):
        synced.sync()
    assert synced.refs() == before


def test_a_plan_file_of_fifty_megabytes_is_told_and_harms_no_other(synced: World) -> None:
    synced.commit({"docs/plans/huge.md": b"- [ ] a box\n" * (50_000_000 // 12 + 1)})
    result = is_unharmed(synced)
    assert codes(result) == ["PB002"]
    assert len(synced.issues()) == 6
    synced.quiet()


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("---\ntitle: Plan: other\nplanbot: {titles: {task: '{title}'}}\n---\n", "PB005"),
        ("---\nplanbot: of\n---\n", "PB005"),
        ("<<<<<<< HEAD\n- [ ] mine\n=======\n- [ ] theirs\n>>>>>>> topic\n\n", "PB021"),
    ],
)
def test_a_plan_file_that_cannot_be_trusted_leaves_its_issues_alone(
    synced: World, start: str, code: str
) -> None:
    other = SMALL.replace("Billing", "Other").replace("1.1", "1.7")
    synced.commit({"docs/plans/other.md": other})
    synced.sync()
    before = synced.person.issues("planbot")
    synced.commit({"docs/plans/other.md": start + other.replace("1.7", "1.8").replace("[ ]", "[x]")})
    result = synced.sync()
    assert code in codes(result)
    assert synced.person.issues("planbot") == before
    synced.quiet()


def test_a_plan_file_that_grew_to_fifty_megabytes_leaves_its_issues_alone(synced: World) -> None:
    synced.commit({"docs/plans/other.md": SMALL.replace("Billing", "Other").replace("1.1", "1.7")})
    synced.sync()
    before = synced.person.issues("planbot")
    synced.commit({"docs/plans/other.md": b"# Other\n" + b"- [ ] a box\n" * (50_000_000 // 12 + 1)})
    result = synced.sync()
    assert codes(result) == ["PB002"]
    assert synced.person.issues("planbot") == before
    synced.quiet()
