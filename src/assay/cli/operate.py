"""The operator's verbs: serve an installation, migrate its database, found organisations, hand out ways in."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated
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

HOST = "127.0.0.1"
PORT = 8400

app = typer.Typer(no_args_is_help=True)
organisation = typer.Typer(no_args_is_help=True, help="Organisations of this installation.")
app.add_typer(organisation, name="organisation")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
Organisation = Annotated[UUID | None, typer.Option("--organisation", help="Its id, for people who are in several.")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = PORT,
    workers: Annotated[int, typer.Option(help="Serving processes.", min=1, max=64)] = 2,
    no_jobs: Annotated[bool, typer.Option("--no-jobs", help="Leave background work to `assay worker`.")] = False,
) -> None:
    """Serve the site and the API; without ASSAY_DATABASE_URL on a PostgreSQL of its own."""
    settings = Settings.from_environment()
    if settings.public_url.endswith(f":{PORT}") and (host, port) != (HOST, PORT):
        settings = replace(settings, public_url=f"http://{host}:{port}")
    with plain_errors():
        server.serve(server.Serving(host, port, workers, not no_jobs), settings, say=out.print)


@app.command()
def worker() -> None:
    """Do background work in a process of its own, for installations whose server runs with --no-jobs."""
    settings = Settings.from_environment()
    with plain_errors():
        url = server.prepare_database(settings, say=out.print)
        settings = replace(settings, database_url=url)
        wiring.subscribe()
        with server.opened(settings, connections=4) as database:
            at_work = Worker(database, settings)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: at_work.stop())
            out.print("Working. Ctrl-C ends it.")
            at_work.run()


@app.command()
def migrate() -> None:
    """Bring the database to the present schema; safe to run at any time."""
    with plain_errors():
        server.prepare_database(Settings.from_environment(), say=out.print)
        out.print("The database has the present schema.")


@organisation.command("add")
def add_organisation(
    name: Annotated[str, typer.Argument(help="What the organisation is called.")],
    owner: Annotated[str, typer.Option(help="The owner's e-mail address.")],
    owner_name: Annotated[str, typer.Option("--name", help="The owner's name.")] = "",
) -> None:
    """Found an organisation and print its owner's sign-in link, which works once."""
    with installation() as (database, settings):
        found = found_organisation(database, name, owner_email=owner, owner_name=owner_name or owner.split("@")[0])
        with database.transaction(found[0], Actor("operator")) as session:
            secret = issue_link(session, found[1])
    out.print(f"{name} is founded. {owner} signs in once, within a week, at\n{settings.public_url}/enter#{secret}")


@app.command()
def link(email: Email, organisation_id: Organisation = None) -> None:
    """Print a new sign-in link for someone, which works once."""
    with installation() as (database, settings):
        found, person_id = membership_of(database, email, organisation_id)
        with database.transaction(found, Actor("operator")) as session:
            secret = issue_link(session, person_id)
    out.print(f"{settings.public_url}/enter#{secret}")


@app.command()
def token(
    email: Email,
    organisation_id: Organisation = None,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "",
) -> None:
    """Print a new API token with someone's rights; it is shown this once."""
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
        url = server.prepare_database(settings, say=err.print)
        wiring.subscribe()
        with server.opened(replace(settings, database_url=url), connections=1) as database:
            yield database, settings


@contextmanager
def plain_errors() -> Iterator[None]:
    """What can be expected to fail is said in one sentence."""
    set_up_logs()
    try:
        yield
    except AssayError as error:
        err.print(f"[red]{error.message}[/red]")
        raise typer.Exit(1) from error
