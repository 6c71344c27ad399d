"""A sandbox starts, stops, forgets and remembers."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from sandbox.people import ISSUES, REPOSITORY, Client

from planbot.sandbox import BranchRule, Fault, Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.people import People


def fill(sandbox: Sandbox) -> str:
    """Make one of everything and return a token."""
    token = sandbox.add_user("alice", "admin")
    sandbox.create_repository("octo/plans", private=True)
    sandbox.protect_branch("octo/plans", BranchRule("main", pull_request=True))
    sandbox.add_webhook("octo/plans", "http://127.0.0.1:9/hook", secret="s", events=["push"])
    client = Client(sandbox.url, token)
    client.post(f"{REPOSITORY}/milestones", title="M", due_on="2026-12-01T12:00:00Z")
    for title in ("parent", "child", "ümlaut"):
        client.post(
            ISSUES, title=title, body="- [ ] #2", labels=["planbot"], milestone=1, assignees=["alice"]
        )
    child = client.get(f"{ISSUES}/2").json["id"]
    client.post(f"{ISSUES}/1/sub_issues", sub_issue_id=child)
    client.post(f"{ISSUES}/3/dependencies/blocked_by", issue_id=child)
    client.post(f"{ISSUES}/1/comments", body="hello")
    client.patch(f"{ISSUES}/2", state="closed")
    sandbox.create_repository("octo/other")
    sandbox.rename_repository("octo/other", "octo/another")
    client.connection.close()
    return token


def everything(sandbox: Sandbox, token: str) -> list[Any]:
    client = Client(sandbox.url, token)
    paths = (
        REPOSITORY,
        f"{ISSUES}?state=all",
        f"{ISSUES}/1/comments",
        f"{ISSUES}/1/sub_issues",
        f"{ISSUES}/3/dependencies/blocked_by",
        f"{REPOSITORY}/milestones",
        f"{REPOSITORY}/labels",
        f"{REPOSITORY}/rules/branches/main",
        "/repos/octo/other",
    )
    found = [
        client.get(path).content.replace(sandbox.url.partition("//")[2].encode(), b"HOST") for path in paths
    ]
    client.connection.close()
    return found


def test_a_restart_goes_on_from_the_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(state_file=state) as first:
        token = fill(first)
        before = everything(first, token)
    with Sandbox(state_file=state) as second:
        assert everything(second, token) == before
        client = Client(second.url, token)
        assert client.post(ISSUES, title="next").json["number"] == 4
        client.connection.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_state_file_of_something_else_is_refused(tmp_path: Path) -> None:
    for text in ("nonsense", "[]", '{"users": {"x": {}}}'):
        state = tmp_path / "state.json"
        state.write_text(text)
        with pytest.raises(ValueError, match=r"state\.json is not a sandbox's state"):
            Sandbox(state_file=state)


def test_a_reset_forgets_everything_at_once(sandbox: Sandbox) -> None:
    token = fill(sandbox)
    sandbox.faults.fail(500, times=None)
    sandbox.limits.requests_per_hour = 1
    sandbox.reset()
    assert sandbox.requests == []
    assert fill(sandbox) == token
    assert len(everything(sandbox, token)) == 9


def test_nothing_is_left_running_or_listening() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox()
    sandbox.start()
    address = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        sandbox.stop()
        with contextlib.suppress(ConnectionResetError):
            assert idle.recv(1) == b""
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address[0], int(address[1])))


def test_a_port_that_is_taken_is_an_error(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    second = Sandbox(port=port)
    with pytest.raises(OSError, match="in use"):
        second.start()
    second.stop()


def test_a_request_that_waits_does_not_keep_the_sandbox_from_stopping(people: People) -> None:
    reached = threading.Event()
    people.sandbox.faults.add(Fault(path=REPOSITORY, action=reached.set, delay=600))
    slow = threading.Thread(target=_get_quietly, args=(people.client("alice"), REPOSITORY))
    slow.start()
    reached.wait()
    people.sandbox.stop()
    slow.join()
    assert [request.path for request in people.sandbox.requests] == [REPOSITORY]


def _get_quietly(client: Client, path: str) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        client.get(path)


def test_many_people_at_once_lose_nothing(people: People) -> None:
    clients = [people.client("alice") for _ in range(8)]

    def open_ten(client: Client) -> None:
        for _ in range(10):
            client.post(ISSUES, title="t")

    threads = [threading.Thread(target=open_ten, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = clients[0].get(f"{ISSUES}?per_page=100").json
    assert [issue["number"] for issue in listed] == list(range(80, 0, -1))


def test_importing_it_loads_no_server_of_others_and_nothing_else_of_planbot() -> None:
    code = (
        "import sys, planbot.sandbox\n"
        "print(sorted(n for n in sys.modules if n.startswith('planbot.') and not n.startswith('planbot.sandbox')))\n"
        "print(sorted({'github', 'apscheduler', 'markdown_it', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]"]


def test_a_failure_of_the_sandbox_itself_is_a_500_and_told(
    people: People, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the store is on fire")

    monkeypatch.setattr(people.sandbox._store, "repository", fail)
    reply = people.client("alice").get(REPOSITORY)
    assert (reply.status, reply.content) == (500, b"the sandbox failed: see its standard error")
    people.sandbox.stop()
    assert "the store is on fire" in capfd.readouterr().err
