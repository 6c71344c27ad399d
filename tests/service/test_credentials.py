"""Tokens and GitHub Apps, and which repositories are kept with them, over HTTP against the sandbox."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from planbot.errors import AuthenticationError, NotFoundError, TrackerError, UsageError
from planbot.service.credentials import AppTokens, OneToken
from planbot.service.roster import Roster
from planbot.service.settings import ScheduleOptions, Wanted
from planbot.tracker.github_account import GitHubApp
from planbot.tracker.github_tracker import GitHubTracker
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from planbot.sandbox import Sandbox
    from planbot.service.credentials import Credentials

PASS = 1200.0
DEFAULT = ScheduleOptions()


@pytest.fixture
def registered(sandbox: Sandbox) -> tuple[int, str]:
    for name in ("octo/plans", "octo/site", "else/where"):
        sandbox.create_repository(name, private=True)
    return sandbox.add_app("planner")


def app_tokens(sandbox: Sandbox, registered: tuple[int, str]) -> AppTokens:
    app = GitHubApp(sandbox.url, *registered, timeout=60)
    return AppTokens(app, sandbox.url, needed=PASS, timeout=60, clock=sandbox.clock.now)


def made(sandbox: Sandbox) -> int:
    return sum(one.path.endswith("/access_tokens") for one in sandbox.requests)


def wanted(*names: str) -> list[Wanted]:
    return [Wanted(name, DEFAULT) for name in names]


def kept(roster: Roster) -> list[str]:
    return [one.name for one in roster.refresh()]


def test_an_app_has_a_token_for_each_installation(sandbox: Sandbox, registered: tuple[int, str]) -> None:
    sandbox.install_app(registered[0], "octo")
    sandbox.install_app(registered[0], "else")
    tokens = app_tokens(sandbox, registered)
    assert {one.full_name for one in tokens.repositories()} == {"octo/plans", "octo/site", "else/where"}
    for name, other in (("octo/plans", "else/where"), ("else/where", "octo/plans")):
        token = tokens.token(name.upper())
        with GitHubTracker.connect(sandbox.url, token.reveal(), name) as tracker:
            assert tracker.repository().push
            assert tracker.is_private(other), "what another installation covers is not seen"
        assert token == tokens.token(name)
    assert made(sandbox) == 2


def test_a_token_is_made_anew_before_a_pass_could_outlive_it(
    sandbox: Sandbox, registered: tuple[int, str]
) -> None:
    sandbox.clock.hold()
    sandbox.install_app(registered[0], "octo")
    tokens = app_tokens(sandbox, registered)
    tokens.repositories()
    first = tokens.token("octo/plans")
    sandbox.clock.advance(3600 - PASS - 1)
    assert tokens.token("octo/plans") == first
    assert works(sandbox, first)
    sandbox.clock.advance(2)
    assert tokens.token("octo/plans") != first
    sandbox.clock.advance(PASS - 3)
    assert works(sandbox, first), "a pass that began just before goes on to its end"


def works(sandbox: Sandbox, token: Token) -> bool:
    with GitHubTracker.connect(sandbox.url, token.reveal(), "octo/plans") as tracker:
        return tracker.repository().full_name == "octo/plans"


def test_where_the_app_is_not_installed_there_is_no_token(
    sandbox: Sandbox, registered: tuple[int, str]
) -> None:
    sandbox.install_app(registered[0], "octo", ["octo/site"])
    tokens = app_tokens(sandbox, registered)
    tokens.repositories()
    with pytest.raises(NotFoundError, match="the App is not installed on octo/plans"):
        tokens.token("octo/plans")


@pytest.mark.parametrize(
    "key", ["", "no key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_refused_and_not_shown(key: str, sandbox: Sandbox) -> None:
    with pytest.raises(UsageError) as caught:
        GitHubApp(sandbox.url, 1, key, timeout=60)
    assert caught.value.message == "the App's private key is none"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_another_apps_key_is_refused_by_the_server(sandbox: Sandbox, registered: tuple[int, str]) -> None:
    _, key = sandbox.add_app("other")
    with pytest.raises(AuthenticationError) as caught:
        app_tokens(sandbox, (registered[0], key)).repositories()
    assert key not in str(caught.value)


def test_an_installation_that_cannot_be_listed_keeps_what_it_had(
    sandbox: Sandbox, registered: tuple[int, str], caplog: pytest.LogCaptureFixture
) -> None:
    octo = sandbox.install_app(registered[0], "octo")
    other = sandbox.install_app(registered[0], "else")
    roster = Roster(wanted("installed"), app_tokens(sandbox, registered))
    assert kept(roster) == ["octo/plans", "octo/site", "else/where"]
    sandbox.faults.fail(403, method="GET", path="/installation/repositories", times=1)
    with caplog.at_level(logging.WARNING):
        assert kept(roster) == ["octo/plans", "octo/site", "else/where"]
    assert f"installation {octo} keeps the repositories that it had" in caplog.text
    assert not roster.whole
    with sandbox.edit_installation(other) as installation:
        installation.suspended_at = sandbox.clock.now()
    assert kept(roster) == ["octo/plans", "octo/site"]
    assert roster.whole


def test_new_settings_lose_nothing_of_an_installation_that_cannot_be_listed(
    sandbox: Sandbox, registered: tuple[int, str]
) -> None:
    for owner in ("octo", "else"):
        sandbox.install_app(registered[0], owner)
    before, tokens = app_tokens(sandbox, registered), app_tokens(sandbox, registered)
    listed = before.repositories()
    tokens.follow(before)
    sandbox.faults.fail(403, method="GET", path="/installation/repositories", times=1)
    assert tokens.repositories() == listed
    assert tokens.partial
    assert tokens.repositories() == listed
    assert not tokens.partial


def test_what_an_app_is_installed_on_is_kept_and_follows_it(
    sandbox: Sandbox, registered: tuple[int, str]
) -> None:
    number = sandbox.install_app(registered[0], "octo")
    roster = Roster(wanted("installed"), app_tokens(sandbox, registered))
    assert roster.kept() == ()
    assert kept(roster) == ["octo/plans", "octo/site"]
    sandbox.rename_repository("octo/site", "octo/page")
    sandbox.create_repository("octo/new")
    with sandbox.edit("octo/plans") as repository:
        repository.archived = True
    assert kept(roster) == ["octo/page", "octo/new"]
    with sandbox.edit_installation(number) as installation:
        installation.repositories = []
    assert kept(roster) == []


def test_a_name_is_not_kept_before_it_is_known_where_the_app_is_installed(
    sandbox: Sandbox, registered: tuple[int, str]
) -> None:
    sandbox.install_app(registered[0], "octo")
    roster = Roster(wanted("Octo/Plans", "no/where"), app_tokens(sandbox, registered))
    assert roster.kept() == ()
    assert kept(roster) == ["octo/plans", "no/where"]


def test_a_listing_that_fails_leaves_the_roster_as_it_is(
    sandbox: Sandbox, registered: tuple[int, str]
) -> None:
    sandbox.install_app(registered[0], "octo")
    roster = Roster(wanted("installed"), app_tokens(sandbox, registered))
    kept(roster)
    sandbox.faults.fail(403, path="/app/installations", times=1)
    with pytest.raises(TrackerError):
        roster.refresh()
    assert [one.name for one in roster.kept()] == ["octo/plans", "octo/site"]


@pytest.fixture
def token(sandbox: Sandbox) -> Credentials:
    """Return a person's token; she writes to some and reads others."""
    value = sandbox.add_user("maya", role="none")
    for name in ("octo/plans", "octo/site", "octo-labs/site", "else/where"):
        sandbox.create_repository(name)
        with sandbox.edit(name) as repository:
            repository.roles["maya"] = "read" if name == "else/where" else "write"
    return OneToken(sandbox.url, Token(value), timeout=60)


def test_before_the_first_listing_not_all_that_is_kept_is_known(token: Credentials) -> None:
    roster = Roster(wanted("octo/plans", "octo-labs/*"), token)
    assert [one.name for one in roster.kept()] == ["octo/plans"]
    assert not roster.whole
    assert kept(roster) == ["octo/plans", "octo-labs/site"]
    assert roster.whole


def test_patterns_take_what_the_token_may_write_to(sandbox: Sandbox, token: Credentials) -> None:
    assert kept(Roster(wanted("octo/*"), token)) == ["octo/plans", "octo/site"]
    assert sorted(kept(Roster(wanted("OCTO*/SITE"), token))) == ["octo-labs/site", "octo/site"]
    assert kept(Roster(wanted("*/*"), token)) == ["octo-labs/site", "octo/plans", "octo/site"]
    assert kept(Roster(wanted("octo/????"), token)) == ["octo/site"]
    assert kept(Roster(wanted("*/where"), token)) == []
    assert sandbox.requests


def test_names_alone_are_kept_as_they_are_and_asked_nobody(sandbox: Sandbox, token: Credentials) -> None:
    roster = Roster(wanted("Octo/Plans", "no/where", "octo/plans"), token)
    assert [one.name for one in roster.kept()] == ["Octo/Plans", "no/where"]
    assert kept(roster) == ["Octo/Plans", "no/where"]
    assert sandbox.requests == []


def test_a_repositorys_own_line_goes_before_patterns(token: Credentials) -> None:
    own = ScheduleOptions(every=60)
    roster = Roster([Wanted("octo/*", DEFAULT), Wanted("OCTO/site", own)], token)
    assert {one.name: one.schedule for one in roster.refresh()} == {"octo/site": own, "octo/plans": DEFAULT}
