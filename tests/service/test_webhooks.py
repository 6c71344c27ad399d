"""Webhooks: signatures, repeats, and every payload that GitHub gives as an example."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service.hooks import OLD_SECRET, SECRET, Fronted, Wishes, delivery_id, fronted, signature
from support.payloads import examples

from planbot.service.meaning import REFRESHING
from planbot.service.webhooks import Deliveries, is_signed

ISSUE: dict[str, Any] = {
    "action": "edited",
    "issue": {"number": 3, "body": "", "labels": [{"name": "planbot"}]},
    "repository": {"full_name": "octo/plans", "default_branch": "main"},
    "sender": {"login": "ada", "id": 1, "type": "User"},
}
SECRETS = st.lists(st.binary(min_size=1, max_size=80), min_size=1, max_size=3)


def test_every_real_payload_is_taken_without_an_error(served: Fronted) -> None:
    verdicts = Counter(
        (answer.status, answer.data["verdict"])
        for name, payloads in examples().items()
        for answer in (served.post(name, payload) for payload in payloads)
    )
    refreshing = sum(len(payloads) for name, payloads in examples().items() if name in REFRESHING)
    assert verdicts.total() == sum(len(payloads) for payloads in examples().values()) > 200
    assert {status for status, _ in verdicts} == {202}
    assert verdicts[202, "refreshed"] == served.wishes.refreshed == refreshing > 0
    assert verdicts[202, "asked"] == len(served.wishes.asked)
    assert verdicts[202, "repeated"] == 0


def test_a_tick_asks_for_one_pass_after_the_quiet_period(served: Fronted) -> None:
    delivery = delivery_id()
    answer = served.post("issues", ISSUE, X_GitHub_Delivery=delivery)
    assert (answer.status, answer.data["verdict"]) == (202, "asked")
    ((repository, reason, delay),) = served.wishes.asked
    assert (repository, delay) == ("octo/plans", 5)
    assert (reason.kind, reason.delivery, reason.ref) == ("webhook", delivery, None)
    assert reason.event is not None
    assert (reason.event.name, reason.event.issue) == ("issues", 3)


def test_a_push_tells_its_ref(served: Fronted) -> None:
    served.post("push", {**ISSUE, "ref": "refs/heads/main"})
    ((_, reason, _),) = served.wishes.asked
    assert reason.ref == "refs/heads/main"


def test_a_repository_that_is_not_kept_is_answered_so() -> None:
    with fronted(wishes=Wishes(others=frozenset(("octo/plans",)))) as served:
        assert served.post("issues", ISSUE).data == {
            "verdict": "not kept",
            "message": "octo/plans is not one that is kept in step",
        }


def test_a_form_is_taken_as_well(served: Fronted) -> None:
    body = urlencode({"payload": json.dumps(ISSUE)}).encode()
    form = "application/x-www-form-urlencoded; charset=utf-8"
    assert served.post("issues", body, Content_Type=form).data["verdict"] == "asked"
    assert served.post("issues", b"text=x", Content_Type=form).status == 400


def test_what_is_not_signed_right_is_refused_unread(served: Fronted) -> None:
    body = json.dumps(ISSUE).encode()
    for given_signature in (
        "",
        "sha256=",
        signature(body + b" "),
        signature(body)[:-1],
        signature(body).upper(),
    ):
        answer = served.post("issues", body, X_Hub_Signature_256=given_signature)
        assert (answer.status, answer.data["verdict"]) == (401, "refused")
    assert served.post("issues", ISSUE, b"another secret").status == 401
    assert served.post("issues", b"\x00 no JSON", X_Hub_Signature_256="sha256=0").status == 401
    assert served.wishes.asked == []


def test_what_was_refused_is_taken_once_it_is_signed_right(served: Fronted) -> None:
    delivery = delivery_id()
    assert served.post("issues", ISSUE, b"wrong", X_GitHub_Delivery=delivery).status == 401
    assert served.post("issues", ISSUE, X_GitHub_Delivery=delivery).data["verdict"] == "asked"


def test_both_secrets_hold_while_one_takes_the_other_s_place() -> None:
    with fronted(SECRET, OLD_SECRET) as served:
        assert [served.post("issues", ISSUE, one).status for one in (SECRET, OLD_SECRET, b"x")] == [
            202,
            202,
            401,
        ]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_garbage_that_is_signed_right_is_harmless(served: Fronted, body: bytes) -> None:
    assert served.post("issues", body).status == 400
    assert served.post("ping", {}).status == 202


@pytest.mark.parametrize("missing", ["X_GitHub_Event", "X_GitHub_Delivery"])
def test_what_does_not_say_what_it_is_is_unreadable(served: Fronted, missing: str) -> None:
    assert served.post("issues", ISSUE, SECRET, **{missing: ""}).status == 400
    assert served.post("issues", ISSUE, X_GitHub_Delivery="x" * 101).status == 400
    assert served.wishes.asked == []


@pytest.mark.parametrize("strange", [None, [], 3, "x", {"full_name": 3}, {"full_name": "\ud800"}])
def test_a_payload_of_another_shape_is_harmless(served: Fronted, strange: object) -> None:
    payload = {**ISSUE, "repository": strange, "sender": strange, "action": strange}
    for name in ("issues", "push", "pull_request", "installation", "\u00e9"):
        assert served.post(name, payload).status == 202


def test_a_delivery_that_comes_again_counts_once(served: Fronted) -> None:
    delivery = delivery_id()
    verdicts = [served.post("issues", ISSUE, X_GitHub_Delivery=delivery).data["verdict"] for _ in range(3)]
    assert verdicts == ["asked", "repeated", "repeated"]
    assert len(served.wishes.asked) == 1


def test_a_delivery_that_led_to_nothing_may_be_sent_again() -> None:
    wishes, delivery = Wishes(others=frozenset(("octo/plans",))), delivery_id()
    with fronted(wishes=wishes) as served:
        verdicts = []
        for others in (wishes.others, wishes.others, frozenset[str](), frozenset[str]()):
            wishes.others = others
            answer = served.post("issues", ISSUE, X_GitHub_Delivery=delivery)
            verdicts.append(answer.data["verdict"])
    assert verdicts == ["not kept", "not kept", "asked", "repeated"]


def test_a_delivery_that_comes_twice_at_once_counts_once(served: Fronted) -> None:
    delivery = delivery_id()
    threads = [
        threading.Thread(target=lambda: served.post("issues", ISSUE, X_GitHub_Delivery=delivery))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(served.wishes.asked) == 1


@given(st.binary(max_size=300), SECRETS, st.data())
def test_a_body_is_signed_with_any_of_the_secrets_and_nothing_else(
    body: bytes, secrets: list[bytes], data: st.DataObject
) -> None:
    for secret in secrets:
        assert is_signed(body, signature(body, secret), secrets)
    stranger = data.draw(st.binary(max_size=80))
    # HMAC fills a short key up with zeros: https://www.rfc-editor.org/rfc/rfc2104#section-2
    assert is_signed(body, signature(body, stranger), secrets) == (
        stranger.rstrip(b"\0") in {one.rstrip(b"\0") for one in secrets}
    )


@given(st.binary(max_size=100), st.text(max_size=80), st.integers(0, 70), st.characters())
def test_no_text_is_a_signature_but_the_right_one(body: bytes, text: str, place: int, char: str) -> None:
    right = signature(body)
    assert not is_signed(body, text, [SECRET])
    assert not is_signed(body, right, [])
    changed = right[:place] + char + right[place + 1 :]
    assert is_signed(body, changed, [SECRET]) == (changed == right)


@given(st.lists(st.integers(0, 9)), st.integers(1, 6))
def test_the_newest_deliveries_are_remembered_and_no_more(ids: list[int], most: int) -> None:
    deliveries, model = Deliveries(most), list[int]()
    for one in ids:
        assert deliveries.first(str(one)) == (one not in model)
        model = [*(other for other in model if other != one), one][-most:]
    assert list(deliveries._seen) == [str(one) for one in model]


def test_without_a_secret_nothing_is_taken() -> None:
    with fronted() as served:
        served.front.reload(type(served.front._options)("127.0.0.1", 0, (), 5, pages_port=0))
        assert served.post("issues", ISSUE).status == 404
        assert served.post("issues", ISSUE, b"").status == 404
        assert served.wishes.asked == []
