"""Logs that machines read: one JSON object a line, which names the repository, the pass and the deliveries."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pythonjsonlogger.json import JsonFormatter

from planbot.service.model import CURRENT_PASS

if TYPE_CHECKING:
    from typing import TextIO

_FIELDS = "{asctime}{levelname}{name}{message}"
_QUIET = {
    "apscheduler": logging.ERROR,  # it warns of a run left out while the one before goes on, which is what is wanted
    "procrastinate": logging.CRITICAL,  # it tells of failures with tracebacks; what they mean is told by planbot
    "psycopg.pool": logging.ERROR,  # it warns of every try to reach a database that is away
    "waitress.queue": logging.ERROR,  # it warns of every burst
}


def start_logs(stream: TextIO, level: int = logging.INFO) -> None:
    """Log to a stream from now on: planbot from a level on, libraries from warnings on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        JsonFormatter(
            _FIELDS,
            style="{",
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
    )
    handler.addFilter(_with_pass)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("planbot").setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


def _with_pass(record: logging.LogRecord) -> bool:
    """Say of a record which pass its thread is at work on."""
    current = CURRENT_PASS.get()
    if current is not None:
        record.repository = current.repository
        record.pass_id = current.pass_id
        if current.deliveries:
            record.deliveries = list(current.deliveries)
    return True
