"""Git's packet lines, as far as the report on a push needs them.

https://git-scm.com/docs/protocol-common
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FLUSH = b"0000"
_LENGTH = 4
_REPORT, _TALK = b"\x01", b"\x02"
_HOOK_TALK = (b"error: hook declined to update ", b"error: refusing to delete the current branch")
_CHUNK = 65_000


def packets(data: bytes) -> Iterator[bytes | None]:
    """Yield the content of each packet, None for a flush."""
    start = 0
    while start < len(data):
        length = int(data[start : start + _LENGTH], 16)
        if length == 0:
            yield None
            start += _LENGTH
        else:
            yield data[start + _LENGTH : start + length]
            start += length


def packet(content: bytes | None) -> bytes:
    """Write one packet, None for a flush."""
    return _FLUSH if content is None else f"{len(content) + _LENGTH:04x}".encode() + content


def reworded(answer: bytes, reasons: Mapping[str, str]) -> bytes:
    """Let the report on a push give GitHub's reasons, by ref, instead of git's about a hook.

    The report is packets inside one band of the answer's packets; what git says to people is another band.
    An answer that is not made so, for a very plain client, stays as it is.
    """
    bands = {_REPORT: b"", _TALK: b""}
    for content in packets(answer):
        if content is not None:
            if content[:1] not in bands:
                return answer
            bands[content[:1]] += content[1:]
    talk = b"".join(
        line for line in bands[_TALK].splitlines(keepends=True) if not line.startswith(_HOOK_TALK)
    )
    report = b"".join(packet(_with_reason(line, reasons)) for line in packets(bands[_REPORT]))
    return _in_band(_TALK, talk) + _in_band(_REPORT, report) + _FLUSH


def _in_band(band: bytes, data: bytes) -> bytes:
    return b"".join(packet(band + data[start : start + _CHUNK]) for start in range(0, len(data), _CHUNK))


def _with_reason(line: bytes | None, reasons: Mapping[str, str]) -> bytes | None:
    if line is None or not line.startswith(b"ng "):
        return line
    ref, _, reason = line[3:].decode().rstrip("\n").partition(" ")
    if reason == "hook declined":
        reason = reasons.get(ref, reason)
    elif reason == "deletion of the current branch prohibited":
        reason = f"refusing to delete the current branch: {ref}"
    return f"ng {ref} {reason}\n".encode()
