"""Wires the house: the routes of every room under /api/v1, the pages, and what every reply carries."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay.api import errors, pages
from assay.assignment import routes as assignment
from assay.delivery import routes as delivery
from assay.identity import routes as identity
from assay.jobs import wiring
from assay.projects import routes as projects
from assay.review import routes as review
from assay.scoring import routes as scoring
from assay.storage import Database, Settings, embedded
from assay.tasks import routes as tasks
from assay.tasks.imports import routes as imports
from assay.workforce import routes as workforce

THREADS = 8  # requests at work at once in one process; as many as its connections
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        b"img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        b"require-trusted-types-for 'script'",
    ),
]
ROUTERS = (
    assignment.router,  # first: what is asked for most is found soonest
    identity.doors,
    identity.router,
    projects.router,
    workforce.router,
    tasks.router,
    imports.router,
    scoring.router,
    review.router,
    delivery.router,
)


class SafeHeaders:
    """Adds to every reply what keeps a browser from doing more than our pages need."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def create_app(database: Database | None = None, settings: Settings | None = None) -> FastAPI:
    """The application. Without a database it opens the one of the settings when it starts, and closes it at the end."""
    settings = settings or Settings.from_environment()
    wiring.subscribe()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        opened = database or Database(database_url(settings), connections=THREADS, serves_requests=True)
        opened.refuse_unsafe()
        app.state.database = opened
        yield
        app.state.threads.shutdown()
        if database is None:
            opened.close()

    app = FastAPI(
        title="Assay",
        version="1",
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    errors.add_to(app)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # flat: nested routers are matched one by one for each request
    pages.add_to(app)
    app.add_middleware(SafeHeaders)
    return app


def database_url(settings: Settings) -> str:
    """The given database, or the embedded one, started when it is not running."""
    return settings.database_url or embedded.start(settings.data / "postgres")
