"""`planbot queue`, and what `serve` and `worker` say of a queue that is not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from support.postgres import PASSWORD

from planbot.queue import wishes
from planbot.queue.wishes import Wish
from planbot.service.model import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from cli.commands import Planbot

NAME = "octo/plans"


@pytest.fixture
def queue(database: str, planbot: Planbot, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a database that is set up, and is that of the environment."""
    monkeypatch.setenv("PLANBOT_QUEUE", database)
    planbot("queue", "setup").require()
    return database


def want(queue: str, delay: float = 0) -> None:
    with psycopg.connect(queue) as connection:
        wishes.want(connection, NAME, [Wish(Reason("start"), delay)])


def test_a_database_is_set_up_once(planbot: Planbot, database: str) -> None:
    first = planbot("queue", "setup", "--queue", database).require()
    assert "applied procrastinate/schema" in first.err
    assert first.err.endswith("the queue's database is set up\n")
    assert planbot("queue", "setup", "--queue", database).require().err == "there was nothing to do\n"


def test_what_waits_is_listed(planbot: Planbot, queue: str) -> None:
    assert planbot("queue", "jobs").require().err == "nothing runs, nothing waits, nothing is given up\n"
    want(queue, delay=1000)
    assert planbot("queue", "jobs").require().out.startswith(f"{NAME}: a pass may start at 20")
    (entry,) = json.loads(planbot("queue", "jobs", "--output", "json").require().out)
    assert (entry["repository"], entry["state"], entry["failures"]) == (NAME, "waiting", 0)


def test_what_is_given_up_is_listed_with_the_reason_and_tried_again(planbot: Planbot, queue: str) -> None:
    want(queue)
    with psycopg.connect(queue) as connection:
        connection.execute("DELETE FROM planbot_wishes")
        connection.execute("DELETE FROM procrastinate_jobs")
        connection.execute(
            "UPDATE planbot_repositories SET given_up = now(), failures = 10, why = %s, hint = %s",
            ["the token\x1b[31m is refused\nreally", "make one"],
        )
    first, *more = planbot("queue", "jobs").require().out.splitlines()
    assert first.startswith(f"{NAME}: given up since 20")
    assert first.endswith(", 10 failures in a row")
    assert more == ["  the token\N{REPLACEMENT CHARACTER}[31m is refused", "  really", "  make one"]
    assert planbot("queue", "retry", "--all").require().err == "1 pass asked for\n"
    assert planbot("queue", "jobs").require().out.startswith(f"{NAME}: a pass may start at")
    assert planbot("queue", "retry", "Octo/Plans").require().err == "1 pass asked for\n"
    assert "knows nothing of octo/x" in planbot("queue", "retry", "octo/x").require(2).err


@pytest.mark.parametrize(
    "args",
    [("setup", NAME), ("jobs", "--all"), ("retry",), ("retry", NAME, "--all"), ("jobs", NAME)],
    ids=" ".join,
)
def test_names_are_for_retry_alone(planbot: Planbot, args: tuple[str, ...]) -> None:
    assert "retry takes repositories or --all" in planbot("queue", *args).require(2).err


@pytest.mark.parametrize("action", ["jobs", "retry"])
def test_a_database_that_is_not_set_up_is_told(planbot: Planbot, database: str, action: str) -> None:
    args = (action, "--queue", database, *(("--all",) if action == "retry" else ()))
    told = planbot("queue", *args).require(3).err
    assert told == "error: the queue's database is not set up\nhint: Run `planbot queue setup`.\n"


def test_without_an_address_it_says_how_to_give_one(
    planbot: Planbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLANBOT_QUEUE", raising=False)
    told = planbot("queue", "setup").require(2).err
    assert told == "error: the queue has no address\nhint: Give --queue ADDRESS, or set $PLANBOT_QUEUE.\n"


def test_an_address_with_a_password_is_shown_nowhere(planbot: Planbot) -> None:
    for address in (f"postgresql://planbot:{PASSWORD}@127.0.0.1:1/x", f"postgres//planbot:{PASSWORD}@x"):
        outcome = planbot("--verbose", "queue", "setup", "--queue", address)
        assert outcome.code in (2, 3)
        assert PASSWORD not in outcome.out + outcome.err


def test_a_queue_goes_with_settings(planbot: Planbot) -> None:
    told = planbot("serve", "--queue", "postgresql://planbot@db/planbot").require(2).err
    assert "--queue goes with --settings" in told


@pytest.mark.parametrize("listen", ["8322", "x:y", "nowhere.example:80"])
def test_where_a_worker_shows_its_pages_has_to_be_an_address(planbot: Planbot, listen: str) -> None:
    planbot("worker", "--settings", "s.yml", "--listen", listen).require(2)


@pytest.mark.parametrize(
    ("library", "args"),
    [
        ("psycopg", ("queue", "setup")),
        ("procrastinate", ("worker", "--settings", "service.yml")),
        ("procrastinate", ("serve", "--settings", "service.yml")),
    ],
)
def test_without_its_extra_the_queue_says_what_to_install(
    tmp_path: Path, library: str, args: tuple[str, ...]
) -> None:
    code = f"import sys; sys.modules['{library}'] = None; from planbot.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=tmp_path,
        env={**os.environ, "PLANBOT_QUEUE": "postgresql://planbot@db/planbot"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: the queue needs the library {library}",
        "hint: pip install 'planbot[queue]'",
    ]
