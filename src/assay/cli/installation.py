"""What the operator's verbs do, on the database of this machine's installation."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import typer
from rich.console import Console

from assay.api import serve as server
from assay.api.logs import set_up_logs
from assay.identity import found_organisation, issue_link, issue_token
from assay.identity.organisations import membership_of
from assay.jobs import wiring
from assay.jobs.worker import Worker
from assay.kernel import AssayError
from assay.storage import Actor, Database, Settings

USUAL_URL = "http://127.0.0.1:8400"

out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def serve(host: str, port: int, workers: int, *, with_jobs: bool) -> None:
    settings = Settings.from_environment()
    if settings.public_url == USUAL_URL:
        settings = replace(settings, public_url=f"http://{host}:{port}")
    with plain_errors():
        server.serve(server.Serving(host, port, workers, with_jobs), settings, say=out.print)


def work() -> None:
    with installation() as (database, settings):
        worker = Worker(database, settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        out.print("Working. Ctrl-C ends it.")
        worker.run()


def migrate() -> None:
    with plain_errors():
        server.prepare_database(Settings.from_environment(), say=out.print)
        out.print("The database has the present schema.")


def add_organisation(name: str, owner: str, owner_name: str) -> None:
    with installation() as (database, settings):
        organisation_id, person_id = found_organisation(database, name, owner_email=owner, owner_name=owner_name)
        with database.transaction(organisation_id, Actor("operator")) as session:
            secret = issue_link(session, person_id)
    out.print(f"{name} is founded. {owner} signs in once, within a week, at\n{settings.public_url}/enter#{secret}")


def print_link(email: str, organisation_id: UUID | None) -> None:
    with installation() as (database, settings):
        found, person_id = membership_of(database, email, organisation_id)
        with database.transaction(found, Actor("operator")) as session:
            secret = issue_link(session, person_id)
    typer.echo(f"{settings.public_url}/enter#{secret}")


def print_token(email: str, organisation_id: UUID | None, label: str) -> None:
    with installation() as (database, _):
        found, person_id = membership_of(database, email, organisation_id)
        with database.transaction(found, Actor("operator")) as session:
            _, text = issue_token(session, person_id, label=label)
    typer.echo(text)


@contextmanager
def installation() -> Iterator[tuple[Database, Settings]]:
    """The database of this installation, started and migrated when need be."""
    settings = Settings.from_environment()
    with plain_errors():
        settings = replace(settings, database_url=server.prepare_database(settings, say=err.print))
        wiring.subscribe()
        with server.opened(settings, connections=4) as database:
            yield database, settings


@contextmanager
def plain_errors() -> Iterator[None]:
    """What can be expected to fail is said in one sentence."""
    set_up_logs()
    try:
        yield
    except AssayError as error:
        err.print(error.message, style="red")
        raise typer.Exit(1) from error
