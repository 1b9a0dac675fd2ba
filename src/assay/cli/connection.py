"""The installation that user verbs talk to, and how refusals are said at a terminal."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assay.client import Client

DEFAULT_URL = "http://127.0.0.1:8400"


@dataclass
class Where:
    """Set once by the options before the verb."""

    url: str = DEFAULT_URL
    token: str = ""


where = Where()


def choose(
    url: Annotated[str, typer.Option(envvar="ASSAY_URL", help="Where the installation is.")] = DEFAULT_URL,
    token: Annotated[str, typer.Option(envvar="ASSAY_TOKEN", help="An API token of yours.", show_default=False)] = "",
) -> None:
    """Assay: the open human-data platform."""
    where.url, where.token = url, token


@contextmanager
def connected() -> Generator["Client", None, None]:
    """A client of the installation; what it refuses is printed, place by place, and ends the verb with 1."""
    from assay.client import ApiError, Client, Unreachable  # slow to load, and `assay --help` does without

    if not where.token:
        complain("no token: set ASSAY_TOKEN (`assay token E-MAIL` prints one on the server), or give --token")
    try:
        with Client(where.url, where.token) as client:
            yield client
    except ApiError as error:
        complain(error.detail, *(f"  {problem.where}: {problem.reason}" for problem in error.problems))
    except Unreachable as error:
        complain(str(error), "  Ask again: what was done already is not done twice." if error.key else "")
    except (OSError, TimeoutError) as error:
        complain(str(error))


def complain(*lines: str) -> None:
    """Print to the error channel and end with 1."""
    for line in lines:
        if line:
            typer.secho(line, err=True, fg=typer.colors.RED)
    raise typer.Exit(1)


def show_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_table(columns: list[str], rows: list[list[str]]) -> None:
    """A table for people; where nobody watches, tabs between the cells."""
    import sys

    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
