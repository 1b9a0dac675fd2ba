"""Serves the pages, which are static files talking to the same API as everyone else."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

SITE = Path(__file__).parent / "site"
PAGES = {"/": "index.html", "/enter": "enter.html", "/work": "work.html", "/progress": "progress.html"}
FRESH = {"cache-control": "no-cache"}  # asked for anew each time, so that pages and modules are of one version


class Site(StaticFiles):
    """What the pages load."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        reply = super().file_response(*args, **options)
        reply.headers.update(FRESH)
        return reply


def add_to(app: FastAPI) -> None:
    """Put every page under its path, and what the pages load under /site."""
    for path, name in PAGES.items():
        app.add_api_route(path, lambda name=name: FileResponse(SITE / name, headers=FRESH), include_in_schema=False)
    app.add_api_route("/health", lambda: {"state": "up"}, include_in_schema=False)
    app.mount("/site", Site(directory=SITE))
