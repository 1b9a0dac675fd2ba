"""Serves the pages, which are static files talking to the same API as everyone else."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

SITE = Path(__file__).parent / "site"
PAGES = {"/": "index.html", "/enter": "enter.html", "/work": "work.html", "/progress": "progress.html"}


def add_to(app: FastAPI) -> None:
    """Put every page under its path, and what the pages load under /site."""
    for path, name in PAGES.items():
        app.add_api_route(path, lambda name=name: FileResponse(SITE / name), include_in_schema=False)
    app.add_api_route("/health", lambda: {"state": "up"}, include_in_schema=False)
    app.mount("/site", StaticFiles(directory=SITE, check_dir=False))
