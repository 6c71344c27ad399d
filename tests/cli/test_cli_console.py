"""What commands print: nothing that could drive a terminal, JSON that everything reads, colours for people alone."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from cli.commands import PLANBOT
from hypothesis import given
from hypothesis import strategies as st
from support.plans import SMALL
from support.world import PLAN

from planbot.cli.console import printable, say_error, show_json
from planbot.errors import LimitError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

ANY_TEXT = st.text(st.characters(codec=None))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["title", "text", "line"]), inner),
)


@given(ANY_TEXT)
def test_nothing_printable_controls_anything_and_no_character_is_lost(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert printable(shown) == shown
    for before, after in zip(text, shown, strict=True):
        if unicodedata.category(before) in ("Cc", "Cs") and before not in "\n\t":
            assert after == "\N{REPLACEMENT CHARACTER}"
        assert after in (before, "\N{REPLACEMENT CHARACTER}")
    shown.encode("utf-8")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"])))
def test_ordinary_text_in_any_language_is_shown_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(JSON)
def test_json_is_ascii_that_every_reader_takes_and_holds_the_data(data: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("click.echo", said.append)
        show_json(data)
    (text,) = said
    assert text.isascii()
    read = json.loads(text)
    json.dumps(read, ensure_ascii=False).encode("utf-8")  # no lone surrogate is left
    if not any("\ud800" <= char <= "\udfff" for char in json.dumps(data, ensure_ascii=False)):
        assert read == data


def test_each_mistake_of_the_settings_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    say_error(SettingsError(("a.yml:1: first", "a.yml:2: second"), hint="do this"))
    assert capsys.readouterr() == ("", "error: a.yml:1: first\nerror: a.yml:2: second\nhint: do this\n")


def test_an_error_without_a_hint_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    say_error(LimitError("too much"))
    assert capsys.readouterr() == ("", "error: too much\n")


def on_a_terminal(folder: Path, env: dict[str, str]) -> bytes:
    """Return what `planbot show` writes where standard output is a terminal."""
    (folder / PLAN).write_text(SMALL)
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as screen:  # noqa: PTH123 - a descriptor has no path
        done = subprocess.Popen(
            [*PLANBOT, "show", PLAN], cwd=folder, env={**os.environ, "TERM": "xterm", **env}, stdout=theirs
        )
        os.close(theirs)
        written = b""
        try:
            while part := screen.read(4096):
                written += part
        except OSError:  # Linux says so when nobody writes any more
            pass
        assert done.wait() == 0
    return written


def test_colours_are_for_terminals(tmp_path: Path) -> None:
    assert b"\x1b[36m1.1 Store keys\x1b[0m" in on_a_terminal(tmp_path, {})
    piped = subprocess.run([*PLANBOT, "show", PLAN], cwd=tmp_path, capture_output=True, check=True)
    assert b"\x1b" not in piped.stdout


def test_who_wants_no_colours_gets_none(tmp_path: Path) -> None:
    written = on_a_terminal(tmp_path, {"NO_COLOR": "1"})
    assert b"1.1 Store keys" in written
    assert b"\x1b" not in written
