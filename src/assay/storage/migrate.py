"""Brings a database to the present schema: roles, tables, and the tables of the job queue."""

import importlib.resources
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from procrastinate.schema import SchemaManager
from sqlalchemy import create_engine

ROLES = """
do $$ begin
    if not exists (select from pg_roles where rolname = 'assay_owner') then create role assay_owner nologin; end if;
    if not exists (select from pg_roles where rolname = 'assay_app') then create role assay_app nologin; end if;
    if not exists (select from pg_roles where rolname = 'assay_log') then create role assay_log nologin; end if;
    if not exists (select from pg_roles where rolname = 'assay_backup') then
        create role assay_backup nologin bypassrls;
    end if;
exception when duplicate_object or unique_violation then null;  -- another process was first
end $$;
grant assay_owner, assay_app to current_user;
grant usage, create on schema public to assay_owner;
grant usage on schema public to assay_app;
"""
LOCK = 0x41535341  # one migration at a time


def migrate(url: str) -> None:
    """Create what is missing. Safe to run at every start, and by several processes at once."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (LOCK,))
        connection.execute(ROLES)  # pyright: ignore[reportArgumentType]
        _run_migrations(url)
        _add_job_queue(connection)


def folder() -> Path:
    """Where the migrations lie: inside the installed package, or beside `src` in a checkout."""
    packaged = Path(str(importlib.resources.files("assay"))) / "migrations"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "migrations"


def _run_migrations(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    engine = create_engine("postgresql+psycopg://", creator=lambda: _as_owner(url))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()


def _as_owner(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url, options="-c role=assay_owner")


def _add_job_queue(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    found = connection.execute("select to_regclass('public.procrastinate_jobs')").fetchone()
    if found and found[0] is None:
        connection.execute("set role assay_owner")
        connection.execute(SchemaManager.get_schema())
        connection.execute(
            "grant select, insert, update, delete on procrastinate_jobs, procrastinate_events, procrastinate_workers, "
            "procrastinate_periodic_defers to assay_app; "
            "grant usage, select on all sequences in schema public to assay_app"
        )
        connection.execute("reset role")
