"""What every endpoint has in common: headers, sign-in, refusals, entity tags, moved repositories."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES, REPOSITORY

if TYPE_CHECKING:
    from sandbox.people import Client, People

    from planbot.sandbox import Sandbox

STARTED = "rest/using-the-rest-api/getting-started-with-the-rest-api"
TROUBLE = "rest/using-the-rest-api/troubleshooting-the-rest-api"
BEST = "rest/using-the-rest-api/best-practices-for-using-the-rest-api"


@pytest.mark.follows("GET /", "rest/meta/meta#github-api-root")
def test_the_root_lists_addresses_of_this_server(sandbox: Sandbox, alice: Client) -> None:
    addresses = alice.get("/").json
    assert addresses["repository_url"] == f"{sandbox.url}/repos/{{owner}}/{{repo}}"
    assert all(address.startswith(sandbox.url) for address in addresses.values())


@pytest.mark.follows("*", f"{STARTED}#user-agent")
def test_a_request_without_a_user_agent_is_refused(people: People) -> None:
    reply = people.client("alice", **{"User-Agent": ""}).get("/")
    assert (reply.status, reply.headers["Content-Type"]) == (403, "text/html")
    assert b"User-Agent header" in reply.content


@pytest.mark.follows("*", f"{STARTED}#accept")
def test_a_request_that_takes_no_json_is_refused(people: People) -> None:
    assert people.client("alice", Accept="text/csv").get("/").status == 415
    assert people.client("alice", Accept="text/html, */*;q=0.1").get("/").status == 200


@pytest.mark.follows("*", "rest/about-the-rest-api/api-versions")
def test_an_unknown_version_is_refused_and_the_newest_drops_the_assignee(people: People) -> None:
    alice = people.client("alice")
    old = alice.post(ISSUES, title="t", assignees=["alice"]).json
    new = people.client("alice", **{"X-GitHub-Api-Version": "2026-03-10"}).get(f"{ISSUES}/1")
    assert people.client("alice", **{"X-GitHub-Api-Version": "1999-01-01"}).get("/").status == 400
    assert new.headers["X-GitHub-Api-Version-Selected"] == "2026-03-10"
    assert old["assignee"]["login"] == new.json["assignees"][0]["login"] == "alice"
    assert "assignee" not in new.json


@pytest.mark.follows("*", "rest/about-the-rest-api/breaking-changes")
@pytest.mark.parametrize("path", ["/", "/rate_limit", REPOSITORY, f"{REPOSITORY}/pulls"])
def test_the_newest_version_answers_as_described(people: People, path: str) -> None:
    assert people.client("adam", **{"X-GitHub-Api-Version": "2026-03-10"}).get(path).status == 200


@pytest.mark.follows("*", "rest/authentication/authenticating-to-the-rest-api")
def test_tokens_are_taken_as_bearer_token_and_password(people: People) -> None:
    token = people.tokens["alice"]
    password = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    for value in (f"Bearer {token}", f"token {token}", f"Basic {password}"):
        assert people.client(Authorization=value).get("/user").json["login"] == "alice"


@pytest.mark.follows("*", "rest/authentication/authenticating-to-the-rest-api#failed-login-limit")
@pytest.mark.parametrize("value", ["Bearer nobody", "Basic nonsense", "Bearer "])
def test_a_token_that_is_nobodys_is_refused(people: People, value: str) -> None:
    reply = people.client(Authorization=value).get(REPOSITORY)
    assert (reply.status, reply.message) == (401, "Bad credentials")


@pytest.mark.follows("*", "rest/authentication/authenticating-to-the-rest-api")
def test_a_stranger_reads_but_does_not_write(people: People) -> None:
    assert people.client().get(REPOSITORY).status == 200
    reply = people.client().post(ISSUES, title="t")
    assert (reply.status, reply.message) == (401, "Requires authentication")


@pytest.mark.follows("*", f"{TROUBLE}#404-not-found-for-an-existing-resource")
@pytest.mark.parametrize("path", ["/nowhere", "/repos/octo/nowhere", f"{ISSUES}/99", f"{ISSUES}/x"])
def test_what_is_not_there_is_404_with_a_page_to_read(alice: Client, path: str) -> None:
    reply = alice.get(path)
    assert reply.status == 404
    assert reply.json == {
        "message": "Not Found",
        "documentation_url": reply.json["documentation_url"],
        "status": "404",
    }
    assert reply.json["documentation_url"].startswith("https://docs.github.com/rest")


@pytest.mark.follows("*", f"{TROUBLE}#400-bad-request")
@pytest.mark.parametrize(
    ("body", "message"), [(b"{", "Problems parsing JSON"), (b"[1]", "Body should be a JSON object")]
)
def test_a_body_that_is_no_json_object_is_400(alice: Client, body: bytes, message: str) -> None:
    reply = alice.send("POST", ISSUES, body)
    assert (reply.status, reply.message) == (400, message)


@pytest.mark.follows("*", f"{TROUBLE}#422-unprocessable-entity")
@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, '"title" wasn\'t supplied.'),
        ({"title": None}, "For 'properties/title', nil is not a string."),
        ({"title": "t", "labels": "x"}, "For 'properties/labels', \"x\" is not an array."),
        ({"title": "t", "labels": [1]}, "For 'items', 1 is not a string."),
        ({"title": "t", "milestone": True}, "For 'properties/milestone', true is not an integer."),
    ],
)
def test_a_field_of_the_wrong_type_is_422(alice: Client, fields: dict[str, object], problem: str) -> None:
    reply = alice.post(ISSUES, **fields)
    assert (reply.status, reply.message) == (422, f"Invalid request.\n\n{problem}")


@pytest.mark.follows("*", f"{BEST}#use-conditional-requests-if-appropriate")
def test_an_answer_that_the_client_has_is_304_and_costs_nothing(people: People) -> None:
    alice = people.client("alice")
    alice.post(ISSUES, title="t")
    first = alice.get(f"{ISSUES}/1")
    again = alice.get(f"{ISSUES}/1", If_None_Match=first.headers["ETag"])
    assert (again.status, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Used"] == first.headers["X-RateLimit-Used"]
    assert people.client("tina").get(f"{ISSUES}/1", If_None_Match=first.headers["ETag"]).status == 200
    alice.patch(f"{ISSUES}/1", title="u")
    assert alice.get(f"{ISSUES}/1", If_None_Match=first.headers["ETag"]).status == 200


@pytest.mark.follows("*", f"{BEST}#follow-redirects")
def test_a_renamed_repository_sends_readers_and_writers_on(sandbox: Sandbox, alice: Client) -> None:
    sandbox.rename_repository("octo/plans", "octo/roadmaps")
    read = alice.get(f"{ISSUES}?state=all")
    assert read.status == 301
    assert re.fullmatch(rf"{sandbox.url}/repositories/\d+/issues\?state=all", read.headers["Location"])
    assert read.json["url"] == read.headers["Location"]
    assert alice.get(read.headers["Location"].removeprefix(sandbox.url)).json == []
    written = alice.post(ISSUES, title="t")
    assert written.status == 307
    assert alice.post(written.headers["Location"].removeprefix(sandbox.url), title="t").status == 201
    assert alice.get("/repos/octo/roadmaps").json["full_name"] == "octo/roadmaps"


@pytest.mark.follows("*", f"{BEST}#follow-redirects")
def test_a_transferred_repository_is_found_under_its_new_owner(sandbox: Sandbox, alice: Client) -> None:
    sandbox.rename_repository("octo/plans", "Acme/plans")
    location = alice.get(REPOSITORY).headers["Location"]
    assert alice.get(location.removeprefix(sandbox.url)).json["owner"]["login"] == "Acme"


def test_a_new_repository_takes_over_a_name_that_led_elsewhere(sandbox: Sandbox, alice: Client) -> None:
    sandbox.rename_repository("octo/plans", "octo/roadmaps")
    sandbox.create_repository("octo/plans")
    assert alice.get(REPOSITORY).json["full_name"] == "octo/plans"


def test_names_are_found_whatever_their_case(alice: Client) -> None:
    assert alice.get("/repos/Octo/PLANS").json["full_name"] == "octo/plans"
    assert alice.get("/users/ALICE").json["login"] == "alice"


def test_the_paths_of_enterprise_server_are_advertised_to_who_uses_them(
    sandbox: Sandbox, alice: Client
) -> None:
    resource = alice.post(f"/api/v3{ISSUES}", title="t").json
    assert resource["url"] == f"{sandbox.url}/api/v3{ISSUES}/1"
    assert resource["html_url"] == f"{sandbox.url}/octo/plans/issues/1"


def test_a_connection_stays_open_for_many_requests(alice: Client) -> None:
    alice.get("/")
    socket = alice.connection.sock
    for _ in range(3):
        alice.get("/nowhere")
        alice.post(ISSUES, title="t")
    assert alice.connection.sock is socket is not None


def test_a_body_in_chunks_is_read_whole(alice: Client) -> None:
    alice.connection.request(
        "POST",
        ISSUES,
        iter([b'{"title": ', b'"in chunks"}']),
        {"User-Agent": "tests", "Authorization": f"Bearer {alice.token}", "Transfer-Encoding": "chunked"},
        encode_chunked=True,
    )
    with alice.connection.getresponse() as response:
        assert response.status == 201
        response.read()
    assert alice.get(f"{ISSUES}/1").json["title"] == "in chunks"


def test_head_is_a_get_without_a_body(alice: Client) -> None:
    whole, head = alice.get(REPOSITORY), alice.send("HEAD", REPOSITORY)
    assert (head.status, head.content) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
