"""Git's packet lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planbot.sandbox.pkt_line import packet, packets, reworded

CONTENTS = st.lists(st.none() | st.binary(min_size=1, max_size=40), max_size=6)


def report(*lines: bytes) -> bytes:
    return b"".join(map(packet, lines)) + packet(None)


@given(CONTENTS)
def test_packets_read_back_as_they_were_written(contents: list[bytes | None]) -> None:
    assert list(packets(b"".join(map(packet, contents)))) == contents


def test_a_refused_ref_gets_its_reason_and_the_others_theirs() -> None:
    inner = report(b"unpack ok\n", b"ok refs/a\n", b"ng refs/b hook declined\n", b"ng refs/c stale info\n")
    answer = packet(b"\x02Resolving\n") + packet(b"\x01" + inner[:9]) + packet(b"\x01" + inner[9:]) + b"0000"
    wanted = report(b"unpack ok\n", b"ok refs/a\n", b"ng refs/b a rule\n", b"ng refs/c stale info\n")
    assert (
        reworded(answer, {"refs/b": "a rule"})
        == packet(b"\x02Resolving\n") + packet(b"\x01" + wanted) + b"0000"
    )


def test_what_git_says_of_hooks_is_left_out() -> None:
    talk = b"error: GH013\nerror: hook declined to update refs/heads/main\nMore\n"
    answer = packet(b"\x02" + talk) + packet(b"\x01" + report(b"unpack ok\n")) + b"0000"
    assert b"hook declined" not in reworded(answer, {})
    assert b"GH013\nMore\n" in reworded(answer, {})


def test_a_report_without_bands_stays_as_it_is() -> None:
    plain = report(b"unpack ok\n", b"ng refs/a hook declined\n")
    assert reworded(plain, {"refs/a": "x"}) == plain
