"""GitHub Apps in the sandbox: who signs how, what an installation covers, how long its token is good for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import jwt
import pytest
from sandbox.people import ISSUES, Client, run_git

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.people import People

    from planbot.sandbox import Sandbox

INSTALLATIONS = "rest/apps/apps#list-installations-for-the-authenticated-app"
TOKENS = "rest/apps/apps#create-an-installation-access-token-for-an-app"
COVERED = "rest/apps/installations#list-repositories-accessible-to-the-app-installation"
OWN = "rest/repos/repos#list-repositories-for-the-authenticated-user"


class Robot:
    """Hold an App that is installed on `octo`, and its clients."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.id, self.key = people.sandbox.add_app("planner")
        self.installation = people.sandbox.install_app(self.id, "octo")

    def signed(self, *, key: str = "", issuer: object = None, **claims: int) -> Client:
        now = int(time.time())
        all_claims = {"iat": now - 60, "exp": now + 300, "iss": str(issuer or self.id), **claims}
        return self.client(jwt.encode(all_claims, key or self.key, algorithm="RS256"))

    def client(self, token: str) -> Client:
        self.people.tokens[token] = token
        return self.people.client(token)

    def token(self, installation: int = 0) -> str:
        path = f"/app/installations/{installation or self.installation}/access_tokens"
        reply = self.signed().post(path)
        assert reply.status == 201
        return str(reply.json["token"])


@pytest.fixture
def robot(people: People) -> Robot:
    return Robot(people)


@pytest.mark.follows("GET /app/installations", INSTALLATIONS)
def test_an_app_that_signs_sees_where_it_is_installed(robot: Robot) -> None:
    (found,) = robot.signed().get("/app/installations").json
    assert (found["id"], found["account"]["login"]) == (robot.installation, "octo")
    assert (found["app_slug"], found["repository_selection"], found["suspended_at"]) == (
        "planner",
        "all",
        None,
    )


@pytest.mark.follows("GET /app/installations", INSTALLATIONS)
def test_a_signature_that_is_no_apps_is_refused(robot: Robot, sandbox: Sandbox) -> None:
    _, other = sandbox.add_app("other")
    now = int(time.time())
    for client, words in (
        (robot.signed(key=other), "A JSON web token could not be decoded"),
        (robot.signed(exp=now - 10), "A JSON web token could not be decoded"),
        (robot.signed(exp=now + 3600), "'Expiration time' claim ('exp') is too far in the future"),
        (robot.signed(issuer=1), "Integration not found"),
        (robot.people.client("alice"), "A JSON web token could not be decoded"),
    ):
        refused = client.get("/app/installations")
        assert (refused.status, refused.message) == (401, words)
    assert robot.signed().get("/user").status == 401


@pytest.mark.follows("POST /app/installations/{installation_id}/access_tokens", TOKENS)
def test_a_token_works_as_the_apps_bot_and_for_an_hour(robot: Robot, sandbox: Sandbox) -> None:
    client = robot.client(robot.token())
    assert client.post(ISSUES, title="t").json["user"]["login"] == "planner[bot]"
    sandbox.clock.advance(3599)
    assert client.get(ISSUES).status == 200
    sandbox.clock.advance(2)
    assert client.get(ISSUES).status == 401


@pytest.mark.follows("POST /app/installations/{installation_id}/access_tokens", TOKENS)
def test_there_is_no_token_for_what_is_suspended_or_not_there(robot: Robot, sandbox: Sandbox) -> None:
    assert robot.signed().post("/app/installations/1/access_tokens").status == 404
    with sandbox.edit_installation(robot.installation) as installation:
        installation.suspended_at = sandbox.clock.now()
    refused = robot.signed().post(f"/app/installations/{robot.installation}/access_tokens")
    assert (refused.status, refused.message) == (403, "This installation has been suspended")
    assert robot.signed().get("/app/installations").json[0]["suspended_by"]


@pytest.mark.follows("GET /installation/repositories", COVERED)
def test_an_installation_covers_all_or_some_and_sees_no_more(robot: Robot, sandbox: Sandbox) -> None:
    for name in ("octo/other", "octo/secret", "else/where"):
        sandbox.create_repository(name, private=name == "octo/secret")
    client = robot.client(robot.token())
    assert names(client) == ["octo/plans", "octo/other", "octo/secret"]
    assert client.get("/repos/octo/secret").status == 200
    with sandbox.edit_installation(robot.installation) as installation, sandbox.edit("octo/other") as other:
        installation.repositories = [other.id]
    assert names(client) == ["octo/other"]
    assert client.get("/repos/octo/secret").status == 404
    assert client.post(ISSUES, title="t", labels=["x"]).json["labels"] == [], "as a stranger in a public one"
    elsewhere = robot.client(robot.token(sandbox.install_app(robot.id, "else", ["else/where"])))
    assert names(elsewhere) == ["else/where"]
    assert robot.people.client("bot").get("/installation/repositories").status == 403


def test_a_list_that_is_no_repositorys_is_paged(robot: Robot, sandbox: Sandbox) -> None:
    sandbox.create_repository("octo/other")
    reply = robot.client(robot.token()).get("/installation/repositories?per_page=1")
    assert reply.json["total_count"] == 2
    assert f'<{sandbox.url}/installation/repositories?per_page=1&page=2>; rel="next"' in reply.headers["Link"]


def test_the_token_is_good_for_git_where_it_covers(robot: Robot, sandbox: Sandbox, tmp_path: Path) -> None:
    with sandbox.edit("octo/plans") as repository:
        repository.private = True
    url = f"{sandbox.url.replace('//', f'//x-access-token:{robot.token()}@')}/octo/plans.git"
    run_git(tmp_path, "clone", "--quiet", url, "clone")
    assert (tmp_path / "clone" / "PLAN.md").exists()


@pytest.mark.follows("GET /user/repos", OWN)
def test_people_list_the_repositories_where_they_have_a_role(people: People, sandbox: Sandbox) -> None:
    sandbox.create_repository("else/where", private=True)
    assert [one["full_name"] for one in people.client("rita").get("/user/repos").json] == [
        "else/where",
        "octo/plans",
    ]
    assert people.client("stranger").get("/user/repos").json == []
    assert people.client("bot").get("/user/repos").status == 403


def names(client: Client) -> list[str]:
    return [one["full_name"] for one in client.get("/installation/repositories").json["repositories"]]
