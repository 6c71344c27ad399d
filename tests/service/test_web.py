"""The web server over real HTTP: what it serves where, and what it lets itself be done to."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from service.hooks import SECRET, Fronted, Wishes, fronted, request
from service.test_webhooks import ISSUE

from planbot.errors import UsageError
from planbot.service import server
from planbot.service.board import StatusBoard
from planbot.service.model import FrontOptions
from planbot.service.web import front
from planbot.service.webhooks import MOST_BYTES

if TYPE_CHECKING:
    from planbot.service.model import Reason

PAGES = ("/", "/style.css", "/metrics")


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port or 80))


def is_open(url: str) -> bool:
    try:
        connected(url).close()
    except OSError:
        return False
    return True


def head(length: int) -> bytes:
    return f"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()


def test_where_webhooks_are_taken_no_page_is_shown(served: Fronted) -> None:
    for path in (*PAGES, "/readyz"):
        assert request(f"{served.hooks}{path}", "GET", None, {}).status == 404
    assert request(f"{served.pages}/webhook", "POST", b"{}", {}).status == 404
    for url in (served.hooks, served.pages):
        assert request(f"{url}/healthz", "GET", None, {}).data == {"status": "up"}


def test_one_address_for_both_shows_both() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    wishes = Wishes()
    options = FrontOptions("127.0.0.1", port, (SECRET,), pages_port=port)
    both = front(options, asks=wishes, board=StatusBoard(), refresh=wishes.refresh)
    both.start()
    try:
        served = Fronted(both, wishes, StatusBoard())
        assert served.hooks == served.pages
        assert served.get("/").status == 200
        assert served.post("issues", ISSUE).status == 202
    finally:
        both.stop()


def test_an_address_that_is_taken_is_told_of(served: Fronted) -> None:
    port = urlsplit(served.hooks).port or 0
    second = front(
        FrontOptions("127.0.0.1", port, pages_port=0), asks=Wishes(), board=StatusBoard(), refresh=list
    )
    with pytest.raises(UsageError, match=f"http://127.0.0.1:{port} cannot be listened at: Address already"):
        second.start()
    second.stop()


def test_it_is_ready_when_the_repositories_are_known(served: Fronted) -> None:
    assert served.get("/readyz").status == 503
    served.board.kept(())
    assert served.get("/readyz").data == {"status": "ready"}


def test_while_it_ends_it_takes_nothing_and_still_shows_its_pages(served: Fronted) -> None:
    served.board.kept(())
    served.front.drain()
    assert served.get("/readyz").data == {"status": "stopping"}
    assert served.post("issues", ISSUE).status == served.get("/readyz").status == 503
    assert served.get("/").status == served.get("/healthz").status == 200
    assert served.wishes.asked == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_run_nothing_and_are_for_this_machine_s_names_alone(served: Fronted, path: str) -> None:
    answer = served.get(path)
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in answer.headers
    port = urlsplit(served.pages).port
    for host, status in (
        ("localhost", 200),
        (f"127.0.0.1:{port}", 200),
        ("[::1]", 200),
        ("evil.example", 421),
    ):
        assert served.get(path, Host=host).status == status
    assert "planbot" not in served.get(path, Host="evil.example").body.decode()


def test_where_an_address_was_chosen_any_name_may_lead_to_the_pages() -> None:
    wishes = Wishes()
    options = FrontOptions("127.0.0.1", 0, pages_host="0.0.0.0", pages_port=0)  # noqa: S104
    chosen = front(options, asks=wishes, board=StatusBoard(), refresh=wishes.refresh)
    chosen.start()
    try:
        url = chosen.servers[-1].url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert request(f"{url}/", "GET", None, {"Host": "planbot.example"}).status == 200
    finally:
        chosen.stop()


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/webhook", 405), ("POST", "/x", 404), ("PUT", "/webhook", 405)]
)
def test_what_is_not_there_is_said_to_be_not_there(
    served: Fronted, method: str, path: str, status: int
) -> None:
    assert request(f"{served.hooks}{path}", method, None, {}).status == status


def test_what_is_too_large_is_refused_before_it_is_sent(served: Fronted) -> None:
    for length in (MOST_BYTES, 10**12):
        with connected(served.hooks) as sender:
            sender.sendall(head(length))
            assert sender.recv(100).startswith(b"HTTP/1.1 413 ")
    assert served.post("issues", ISSUE).status == 202


def test_the_largest_that_github_sends_is_taken(served: Fronted) -> None:
    body = json.dumps(ISSUE).encode()
    assert served.post("issues", body.ljust(MOST_BYTES - 1)).data["verdict"] == "asked"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"nothing of HTTP\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /webhook HTTP/1.1\r\n" + b"A: b\r\n" * 100_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"\xff" * 50 + b"\r\n\r\n",
    ],
)
def test_garbage_on_the_wire_is_harmless(served: Fronted, garbage: bytes) -> None:
    for url in (served.hooks, served.pages):
        with connected(url) as sender:
            answer = b""
            with contextlib.suppress(OSError):  # it may hang up before all is sent
                sender.sendall(garbage)
                sender.shutdown(socket.SHUT_WR)
                answer = sender.recv(100)
            assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/1.1 501")), answer
    assert served.post("issues", ISSUE).status == 202
    assert served.get("/").status == 200


def test_slow_senders_do_not_hold_up_others(served: Fronted) -> None:
    """More of them than there are threads: none gets one before its whole request is there."""
    with ExitStack() as stack:
        senders = [stack.enter_context(connected(served.hooks)) for _ in range(100)]
        for sender in senders:
            sender.sendall(head(1000) + b"{")
        for _ in range(20):
            assert served.post("issues", ISSUE).status == 202


def test_a_request_that_arrives_byte_by_byte_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SENDING", 1)
    with fronted() as served, connected(served.hooks) as sender:
        sender.sendall(head(10**6))
        sender.settimeout(0.05)
        while True:  # it would take half a day
            try:
                sender.sendall(b" ")
                if sender.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        assert served.wishes.asked == []


def test_a_second_request_over_a_connection_has_its_whole_time() -> None:
    with fronted() as served, connected(served.hooks) as sender:
        sender.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sender.recv(1000).startswith(b"HTTP/1.1 200")
        listened = [*served.front.servers[0]._sockets.values()]
        (channel,) = [one for one in listened if isinstance(one, server._Channel)]
        before = channel.last_activity = time.time() - server.SENDING / 2
        sender.sendall(head(1000))
        while channel.request is None:
            pass
        served.post("ping", {})  # taken by the same thread, so it has let go of the other
        assert channel.last_activity > before


def test_a_request_under_way_is_answered_before_the_server_ends() -> None:
    body = json.dumps(ISSUE).encode()
    entered, leave = threading.Event(), threading.Event()

    class Slow(Wishes):
        def ask(self, repository: str, reason: Reason, *, delay: float = 0) -> bool:
            entered.set()
            leave.wait()
            return super().ask(repository, reason, delay=delay)

    statuses: list[int] = []
    with fronted(wishes=Slow()) as served:
        poster = threading.Thread(target=lambda: statuses.append(served.post("issues", body).status))
        poster.start()
        entered.wait()
        stopper = threading.Thread(target=served.front.stop)
        stopper.start()
        while is_open(served.hooks):
            pass
        leave.set()
        poster.join()
        stopper.join()
    assert statuses == [202]


def test_new_secrets_are_taken_without_a_restart(served: Fronted) -> None:
    before = served.front._options
    served.front.reload(FrontOptions(before.host, before.port, (b"new",), 1, pages_port=before.pages_port))
    assert served.post("issues", ISSUE).status == 401
    assert served.post("issues", ISSUE, b"new").status == 202
    assert [delay for _, _, delay in served.wishes.asked] == [1]


def test_a_hundred_at_once_are_all_answered(served: Fronted) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(served.post("issues", ISSUE).status))
        for _ in range(100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 100
    assert len(served.wishes.asked) == 100
