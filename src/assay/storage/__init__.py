"""Remembers: the PostgreSQL database (embedded or given), one-organisation sessions, the outbox, files on disk.

Doors (api, jobs, cli, tests) open a `Database` and a `Session`; rooms receive the session and run their SQL through it.
"""

from assay.storage.database import Database
from assay.storage.session import Actor, Session
from assay.storage.settings import Settings

__all__ = ["Actor", "Database", "Session", "Settings"]
