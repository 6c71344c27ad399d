"""Logs: one JSON object a line, with what the line is about."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from planbot.service.logs import start_logs
from planbot.service.model import CURRENT_PASS, PassContext


@pytest.fixture
def logged() -> io.StringIO:
    stream = io.StringIO()
    start_logs(stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_how_bad_who_and_what(logged: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    # pytest-xdist can hand on no report in which pytest itself has captured a lone surrogate
    only = [one for one in root.handlers if getattr(one, "stream", None) is logged]
    with monkeypatch.context() as alone:
        alone.setattr(root, "handlers", only)
        logging.getLogger("planbot.service.x").info("hello\n%s", "\ud800", extra={"delivery": "d1"})
    (line,) = lines(logged)
    assert line.pop("time")[:2] == "20"
    assert line == {
        "level": "INFO",
        "logger": "planbot.service.x",
        "message": "hello\n\ud800",
        "delivery": "d1",
    }


def test_during_a_pass_every_line_names_it(logged: io.StringIO) -> None:
    token = CURRENT_PASS.set(PassContext("octo/plans", "p1", ("d1", "d2")))
    try:
        logging.getLogger("urllib3").warning("a library's line")
    finally:
        CURRENT_PASS.reset(token)
    logging.getLogger("planbot").info("after it")
    during, after = lines(logged)
    assert (during["repository"], during["pass_id"], during["deliveries"]) == (
        "octo/plans",
        "p1",
        ["d1", "d2"],
    )
    assert not {"repository", "pass_id", "deliveries"} & after.keys()


def test_libraries_tell_of_nothing_less_than_warnings(logged: io.StringIO) -> None:
    logging.getLogger("urllib3").info("connecting")
    logging.getLogger("planbot").debug("detail")
    logging.getLogger("waitress.queue").warning("Task queue depth is 3")
    assert lines(logged) == []


def test_a_traceback_stays_on_its_line(logged: io.StringIO) -> None:
    try:
        int("oh")
    except ValueError:
        logging.getLogger("waitress").exception("Exception while serving /")
    (line,) = lines(logged)
    assert line["exc_info"].endswith("'oh'")
