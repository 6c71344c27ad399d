"""What commands print: nothing that could drive a terminal, JSON that everything reads, colours for people alone."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import termios
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from cli.commands import PLANBOT, environment, on_a_terminal, process, read_all
from hypothesis import given
from hypothesis import strategies as st
from support.plans import SMALL
from support.world import NAME, PLAN, World

from planbot.cli.console import printable, say_error, show_json
from planbot.errors import LimitError, SettingsError
from planbot.sandbox import Fault

if TYPE_CHECKING:
    from pathlib import Path

ANY_TEXT = st.text(st.characters(codec=None))
COLUMNS = 60  # of the terminal on which passes are watched
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
        patch.setattr("click.echo", lambda text, **_: said.append(text))
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


def test_colours_are_for_terminals(here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    assert "\x1b[36m1.1 Store keys\x1b[0m" in on_a_terminal(here, "show", PLAN)
    piped = process("show", PLAN, cwd=here).require()
    assert "1.1 Store keys" in piped.out
    assert "\x1b" not in piped.out


def test_who_wants_no_colours_gets_none(here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    shown = on_a_terminal(here, "show", PLAN, NO_COLOR="1")
    assert "1.1 Store keys" in shown
    assert "\x1b" not in shown


def watched(world: World, *args: str, code: int = 0, piped: bool = False) -> tuple[list[list[str]], str]:
    """Return what a pass shows on a terminal, and what of it is `piped` elsewhere.

    That is, line by line, each text that stood there until the next was drawn over it.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, COLUMNS))
    with subprocess.Popen(
        [*PLANBOT, "sync", "--pace", "0", *args],
        cwd=world.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if piped else theirs,
        stderr=theirs,
        env={**os.environ, **environment(world), "TERM": "xterm", "NO_COLOR": "1"},
    ) as running:
        os.close(theirs)
        shown = read_all(ours).decode()
        out = running.stdout.read().decode() if running.stdout else ""
    assert running.returncode == code, shown
    *lines, last = shown.split("\r\n")
    assert last == "", "whatever comes next begins a line"
    return [line.removeprefix("\r\x1b[K").split("\r\x1b[K") for line in lines], out


def drawn(lines: list[list[str]]) -> list[str]:
    """Return how far each bar says that the pass is, and require that none reaches the last column and wraps."""
    texts = [text for line in lines for text in line]
    bars = [bar for text in texts if (bar := re.fullmatch(r"\[(?=.{20}\])#*-*\] (\d+/\d+) .+", text))]
    assert max(len(bar[0]) + len(re.findall("[保存键]", bar[0])) for bar in bars) == COLUMNS - 1
    return [bar[1] for bar in bars]


ALL = [f"{done}/16" for done in range(1, 17)]


def test_a_bar_on_the_terminal_is_drawn_over_by_the_next_and_keeps_its_line_in_the_end(world: World) -> None:
    world.commit({PLAN: SMALL})
    (bars, report, *_), _ = watched(world)
    assert drawn([bars]) == ALL
    assert bars[0] == "[#-------------------] 1/16 create label: impact: High"
    assert bars[15] == "[####################] 16/16 link task: 2.1 Page by cursor"
    assert report == ["  + label  impact: High"]


def test_the_bar_is_on_the_terminal_where_the_result_is_piped(world: World) -> None:
    world.commit({PLAN: SMALL})
    (bars,), out = watched(world, "--output", "json", piped=True)
    assert drawn([bars]) == ALL
    assert len(json.loads(out)["changes"]) == 16


def test_what_is_said_while_a_bar_stands_gets_a_line_of_its_own(world: World) -> None:
    world.commit({PLAN: SMALL})
    limited(world, seconds=1)
    (before, said, after, report, *_), _ = watched(world)
    assert said == ["the tracker limits requests; waiting 1 s"]
    assert (drawn([before]), drawn([after])) == (ALL[:4], ALL[4:])
    assert report == ["  + label  impact: High"]


def test_what_is_logged_while_a_bar_stands_gets_a_line_of_its_own(world: World) -> None:
    world.commit({PLAN: SMALL})
    lines, _ = watched(world, "--verbose")
    assert drawn(lines) == ALL
    first = next(place for place, line in enumerate(lines) if line[0].startswith("[#"))
    assert lines[first + 1] == ["tracker: create the label impact: High in octo/plans"]


def test_a_pass_that_stops_early_leaves_the_bar_a_line_of_its_own(world: World) -> None:
    world.commit({PLAN: SMALL})
    limited(world, seconds=60)
    (bars, report, *_), _ = watched(world, "--time-budget", "50s", code=5)
    assert drawn([bars]) == ALL[:4]
    assert report == ["  + label  impact: High"]


def test_a_bar_fits_the_terminal_whatever_the_letters(world: World) -> None:
    world.commit({PLAN: SMALL.replace("Store keys", "保存键 " * 20)})
    (bars, *_), _ = watched(world)
    assert drawn([bars]) == ALL
    assert bars[8] == "[###########---------] 9/16 create task: 1.1 保存键 保存键 "
    assert bars[9] == "[############--------] 10/16 link task: 1.1 保存键 保存键 "
    assert bars[4] == "[######--------------] 5/16 create milestone: Billing: Impl"


def limited(world: World, seconds: int) -> None:
    """Let a secondary limit refuse the first milestone for so long."""
    words, headers = "You have exceeded a secondary rate limit.", {"Retry-After": str(seconds)}
    path = f"/repos/{NAME}/milestones"
    world.sandbox.faults.add(Fault("POST", path, status=403, message=words, headers=headers, times=1))
