"""procrastinate's worker in a thread of its own, and every pass in one as well."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from procrastinate import App
from procrastinate.worker import Worker
from psycopg_pool import AsyncConnectionPool

from planbot.queue.database import AGAIN, pool_options
from planbot.queue.jobs import QUEUE, TASK
from planbot.queue.patient import PatientConnector

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate import JobContext

_LOG = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks for jobs whose time has come; new ones are told of
HEARTBEAT = 10.0
_FORGOTTEN = 86_400.0  # seconds; until then the jobs of a worker that is gone are rescued one by one
_LEAVING = 5.0  # seconds for what is left to say once passes have ended or are left


class Consumer:
    """Take jobs, so many at once, and have `work(job, lock)` done for each in a thread; it must not raise."""

    def __init__(self, conninfo: str, concurrency: int, work: Callable[[int, str], None]) -> None:
        self._conninfo = conninfo
        self._concurrency = concurrency
        self._work = work
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_untold)
        self._end, self._leave = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="planbot-consumer", daemon=True)
        self._worker: Worker | None = None
        self._running = 0

    @property
    def id(self) -> int | None:
        """Return by which number the database knows this worker, None while it does not."""
        return None if self._worker is None else self._worker.worker_id

    def start(self) -> None:
        """Begin to take jobs, if that has not begun."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self, grace: float) -> bool:
        """Take no more jobs; wait `grace` seconds for those that run; return whether they have ended."""
        self._tell(self._end)
        self._join(grace)
        return self._running == 0

    def leave(self) -> None:
        """Wait no longer for jobs that run: for the database they are over then."""
        self._tell(self._leave)
        self._join(_LEAVING)

    def _join(self, seconds: float) -> None:
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _tell(self, event: asyncio.Event) -> None:
        with suppress(RuntimeError):  # the loop is over already
            self._loop.call_soon_threadsafe(event.set)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        while not self._end.is_set():
            app = App(
                connector=PatientConnector()
            )  # a new one each time: it keeps its first pool, even closed
            app.task(name=TASK, queue=QUEUE, pass_context=True)(self._pass)
            # a pool of procrastinate's own would be waited for, and be closed if the database is away for too long
            pool = AsyncConnectionPool(
                self._conninfo,
                open=False,
                check=AsyncConnectionPool.check_connection,
                **pool_options(connections=4),
            )
            try:
                async with pool, app.open_async(pool):
                    await self._take_jobs(app)
            except Exception as error:  # noqa: BLE001 - whatever it is, jobs are to be taken again
                _LOG.warning("jobs are taken anew: %s", " ".join(str(error).split()) or type(error).__name__)
                await asyncio.sleep(AGAIN)

    async def _take_jobs(self, app: App) -> None:
        self._worker = worker = Worker(
            app,
            queues=[QUEUE],
            concurrency=self._concurrency,
            fetch_job_polling_interval=POLL,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=_FORGOTTEN,
            delete_jobs="always",
            install_signal_handlers=False,
        )
        asides = [asyncio.create_task(aside) for aside in (self._stop(worker), _live(app, worker))]
        try:
            await worker.run()  # type: ignore[no-untyped-call] # procrastinate's, likewise below
        finally:
            for aside in asides:
                aside.cancel()

    async def _stop(self, worker: Worker) -> None:
        await self._end.wait()
        worker.stop()  # type: ignore[no-untyped-call]

    async def _pass(self, context: JobContext, repository: str) -> None:
        """Wait for a pass to end, or to be left."""
        done = asyncio.Event()
        job = context.job.id or 0

        def work() -> None:
            try:
                self._work(job, repository)
            finally:
                self._tell(done)

        self._running += 1
        threading.Thread(target=work, name=f"planbot-pass-{job}", daemon=True).start()
        waits = [asyncio.create_task(event.wait()) for event in (done, self._leave)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._running -= done.is_set()
            for one in waits:
                one.cancel()


async def _live(app: App, worker: Worker) -> None:
    """Give signs of life for as long as jobs run: procrastinate's own end when a worker is told to end."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        if worker.worker_id is not None:
            await app.job_manager.update_heartbeat(worker.worker_id)


def _untold(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    _LOG.warning("the queue: %s", " ".join(str(error or context.get("message")).split()))
