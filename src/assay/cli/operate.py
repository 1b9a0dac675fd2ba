"""The operator's verbs: serve an installation, migrate its database, found organisations, hand out ways in."""

from types import ModuleType
from typing import Annotated
from uuid import UUID

import typer

HOST = "127.0.0.1"
PORT = 8400

app = typer.Typer(no_args_is_help=True)
organisation = typer.Typer(no_args_is_help=True, help="Organisations of this installation.")
app.add_typer(organisation, name="organisation")

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
    _installation().serve(host, port, workers, with_jobs=not no_jobs)


@app.command()
def worker() -> None:
    """Do background work in a process of its own, for installations whose server runs with --no-jobs."""
    _installation().work()


@app.command()
def migrate() -> None:
    """Bring the database to the present schema; safe to run at any time."""
    _installation().migrate()


@organisation.command("add")
def add_organisation(
    name: Annotated[str, typer.Argument(help="What the organisation is called.")],
    owner: Annotated[str, typer.Option(help="The owner's e-mail address.")],
    owner_name: Annotated[str, typer.Option("--name", help="The owner's name.")] = "",
) -> None:
    """Found an organisation and print its owner's sign-in link, which works once."""
    _installation().add_organisation(name, owner, owner_name or owner.split("@")[0])


@app.command()
def link(email: Email, organisation_id: Organisation = None) -> None:
    """Print a new sign-in link for someone, which works once."""
    _installation().print_link(email, organisation_id)


@app.command()
def token(
    email: Email,
    organisation_id: Organisation = None,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "",
) -> None:
    """Print a new API token with someone's rights; it is shown this once."""
    _installation().print_token(email, organisation_id, label)


def _installation() -> ModuleType:
    """The work behind these verbs. It needs the server's libraries, which a plain install does not bring."""
    try:
        from assay.cli import installation
    except ModuleNotFoundError as missing:
        typer.echo(f"This needs the server ({missing.name} is missing): pip install 'assay[server]'", err=True)
        raise typer.Exit(1) from missing
    return installation
