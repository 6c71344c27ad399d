"""procrastinate's way to the database, so that a worker outlives a database that is away for a while."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException

from planbot.queue.database import AGAIN, is_away

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from procrastinate.connector import Notify


class PatientConnector(PsycopgConnector):
    """Ask again, for as long as it takes, where the connection failed.

    By itself procrastinate ends a worker then, once all its passes have ended. An answer that was lost may have come
    from what worked: a job that was fetched so is one that its worker does not know, and is looked for; one that was
    ended so cannot be ended again, which is no failure.
    """

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Run a statement."""
        await _patiently(lambda: super(PatientConnector, self).execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        """Run a query and return its first row."""
        found: dict[str, Any] = await _patiently(
            lambda: super(PatientConnector, self).execute_query_one_async(query, **arguments)
        )
        return found

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        """Run a query and return its rows."""
        found: list[dict[str, Any]] = await _patiently(
            lambda: super(PatientConnector, self).execute_query_all_async(query, **arguments)
        )
        return found

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Hear of new jobs; what comes while nobody listens is found by looking."""
        while True:
            try:
                await super().listen_notify(on_notification, channels)
            except ConnectorException as error:
                if not is_away(error):
                    raise
            await asyncio.sleep(AGAIN)


async def _patiently(ask: Callable[[], Awaitable[Any]]) -> Any:
    lost = False
    while True:
        try:
            return await ask()
        except ConnectorException as error:
            if lost and isinstance(error.__cause__, psycopg.errors.RaiseException):
                return None
            if not is_away(error):
                raise
        lost = True
        await asyncio.sleep(AGAIN)
