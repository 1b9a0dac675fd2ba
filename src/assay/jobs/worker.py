"""The background worker: hands out events, runs what is due by the clock, and works through the job queue.

It runs in a thread of the server, or in processes of its own; any number of them may run at once.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg.errors import OperationalError

from assay.identity.organisations import organisations
from assay.jobs import wiring
from assay.jobs.drain import drain
from assay.jobs.model import Job, Timed
from assay.kernel import Unavailable
from assay.storage import Actor, Database, Settings
from assay.storage.database import APP_ROLE

DRAIN_SECONDS = 1.0
JOBS_AT_ONCE = 2
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0  # a worker silent for so long is dead; others take its jobs
FAREWELL_SECONDS = 10.0  # for jobs at work when the worker is asked to stop
log = logging.getLogger(__name__)


class Worker:
    """One worker. `run` blocks until `stop` is called from another thread."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._app = job_app(database, settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._stopped = threading.Event()

    def run(self) -> None:
        asyncio.run(self._live())

    def stop(self) -> None:
        """Finish what is at work, as far as there is time, and return from `run`."""
        self._stopped.set()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._over.set)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._stopped.is_set():
            return
        repeated: list[tuple[str, float, Callable[[], object]]] = [
            ("outbox", DRAIN_SECONDS, partial(drain, self._database)),
            *((timed.name, timed.every_seconds, partial(run_timed, self._database, timed)) for timed in wiring.TIMED),
        ]
        async with asyncio.TaskGroup() as group:
            for name, seconds, work in repeated:
                group.create_task(self._again_and_again(name, seconds, work))
            group.create_task(self._work_through_queue())

    async def _again_and_again(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        """Run the work, wait, run it again: never two at once, and never for ever behind."""
        while not self._over.is_set():
            try:
                await asyncio.to_thread(work)
            except Unavailable as reason:
                log.warning("%s waits: %s", name, reason)
            except Exception:  # whatever it was, the next round may succeed and the others must go on
                log.exception("%s failed", name)
            await self._pause(seconds)

    async def _work_through_queue(self) -> None:
        """Run jobs; when the database goes away, start over until it is back."""
        while not self._over.is_set():
            try:
                async with self._app.open_async():
                    await self._run_jobs()
            except (OperationalError, ConnectorException) as reason:
                log.warning("the job queue waits: %s", reason)
            await self._pause(1)

    async def _run_jobs(self) -> None:
        jobs = asyncio.create_task(
            self._app.run_worker_async(
                concurrency=JOBS_AT_ONCE,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=FAREWELL_SECONDS,
            )
        )
        rescue = asyncio.create_task(self._rescue())
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait({jobs, rescue, over}, return_when=asyncio.FIRST_COMPLETED)
        for task in (jobs, rescue, over):
            task.cancel()
        ends = await asyncio.gather(jobs, rescue, over, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _rescue(self) -> None:
        """Put jobs of workers that died back into the queue."""
        manager = self._app.job_manager
        while True:
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                log.warning("the worker of job %s died; it is run again", job.id)
                try:
                    await manager.retry_job(job)
                except AlreadyEnqueued:  # a twin waits already and will do the work
                    await manager.finish_job(job, status=Status.FAILED, delete_job=True)
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            pass


def run_timed(database: Database, timed: Timed) -> None:
    """Run a timed verb for each organisation; one that fails does not keep the others from theirs."""
    for organisation_id in organisations(database):
        try:
            database.transact(organisation_id, Actor("timer"), timed.work)
        except Unavailable:
            raise
        except Exception:
            log.exception("%s failed for organisation %s", timed.name, organisation_id)


def job_app(database: Database, settings: Settings) -> procrastinate.App:
    """The job queue with every job of the house in it."""
    options = f"-c role={APP_ROLE} -c timezone=UTC"
    connector = procrastinate.PsycopgConnector(
        conninfo=database.url, kwargs={"options": options}, min_size=1, max_size=4, timeout=5
    )
    app = procrastinate.App(connector=connector)
    retry = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=3)
    for name, work in wiring.JOBS.items():
        app.task(name=name, retry=retry)(_as_task(work, database, settings))
    return app


def _as_task(work: Callable[[Job], None], database: Database, settings: Settings) -> Callable[..., None]:
    def task(*, organisation_id: str, subject_id: str, body: dict[str, Any]) -> None:
        work(Job(database, settings, UUID(organisation_id), UUID(subject_id), body))

    return task
