"""`assay import`, `assay lot …`, `assay release …` and `assay verify`: data on its way in and out."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from assay.cli.connection import complain, connected, show_json, show_table
from assay.cli.projects import Name

if TYPE_CHECKING:
    from assay.client.imports import Kind

release = typer.Typer(no_args_is_help=True, help="Releases: signed bundles of certified lots.")
lot = typer.Typer(no_args_is_help=True, help="Lots: settled tasks, inspected and certified together.")

PROBLEMS_SHOWN = 20


class RowKind(StrEnum):
    """What the rows of a file are."""

    ITEMS = "items"
    GOLD = "gold"
    SUGGESTIONS = "suggestions"
    RESPONSES = "responses"
    GOLD_RESULTS = "gold_results"


class Form(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def import_file(
    name: Name,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSONL, CSV, TSV or Parquet.")],
    kind: Annotated[RowKind, typer.Option(help="What the rows are.")] = RowKind.ITEMS,
    format: Annotated[Form | None, typer.Option(help="If content and name do not tell.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of CSV; UTF-8 unless said.")] = None,
    separator: Annotated[str | None, typer.Option(help="Of CSV; a comma unless said, \\t for a tab.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="THEIRS=OURS renames a column; THEIRS= leaves it out.")
    ] = None,
    question: Annotated[str | None, typer.Option(help="Which question rows mean that name none.")] = None,
    batch: Annotated[str | None, typer.Option(help="The batch for the tasks of new items.")] = None,
) -> None:
    """Send a file into a project. Good rows go in, bad rows are listed; the same file again adds nothing."""
    with connected() as client:
        loaded = client.imports.send(
            client.projects.find(name).id,
            file,
            cast("Kind", kind.value),
            format=None if format is None else format.value,
            encoding=encoding,
            separator="\t" if separator == "\\t" else separator,
            columns=_columns(column or []),
            question=question,
            batch=batch,
        )
        said = f"{loaded.accepted:,} rows in, {loaded.known:,} known before, {loaded.problems_count:,} with problems"
        typer.echo(f"{said} (import {loaded.id}).")
        for theirs, ours in (loaded.columns or {}).items():
            typer.echo(f"  {theirs} was read as {ours or 'nothing'}")
        for number, problem in enumerate(client.imports.problems(loaded.id)):
            if number == PROBLEMS_SHOWN:
                typer.secho(f"  … and {loaded.problems_count - PROBLEMS_SHOWN:,} more", err=True)
                break
            typer.secho(f"  {problem.where}: {problem.reason}", err=True)
        if loaded.state == "failed" or (loaded.problems_count and not loaded.accepted and not loaded.known):
            complain("The file could not be read to its end." if loaded.state == "failed" else "No row went in.")


def _columns(given: list[str]) -> dict[str, str] | None:
    for one in given:
        if "=" not in one:
            complain(f"--column {one!r} is not of the form THEIRS=OURS")
    return {theirs: ours for theirs, _, ours in (one.partition("=") for one in given)} or None


@lot.command()
def seal(
    name: Name, size_max: Annotated[int | None, typer.Option(help="At most so many tasks.", min=1)] = None
) -> None:
    """Freeze the settled tasks of a project into a lot, draw its first checks, and print its id."""
    with connected() as client:
        sealed = client.lots.seal(client.projects.find(name).id, size_max=size_max)
        client.lots.draw(sealed.id)
        typer.echo(sealed.id)


@lot.command("list")
def list_lots(name: Name) -> None:
    """Print the lots of a project."""
    with connected() as client:
        found = client.lots.list(client.projects.find(name).id)
        show_table(["id", "size", "state"], [[str(one.id), str(one.size), one.state] for one in found])


@lot.command()
def certificate(lot_id: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Print what the inspection of a lot measured, as JSON."""
    with connected() as client:
        show_json(client.lots.certificate(lot_id).body)


@release.command("create")
def create_release(
    name: Name,
    lots: Annotated[list[str] | None, typer.Option("--lot", help="A lot that passed; all of them unless said.")] = None,
    licence: Annotated[str | None, typer.Option(help="As dataset cards name it, such as cc-by-4.0.")] = None,
    title: Annotated[str | None, typer.Option(help="On the cover.")] = None,
) -> None:
    """Write and sign a release of lots that passed, and print its id."""
    with connected() as client:
        project = client.projects.find(name).id
        chosen: list[Any] = [*(lots or [one.id for one in client.lots.list(project) if one.state == "passed"])]
        if not chosen:
            complain("no lot of this project has passed its inspection")
        wishes: dict[str, Any] = {
            key: value for key, value in (("licence", licence), ("title", title)) if value is not None
        }
        made = client.releases.create(project, chosen, **wishes)
        if made.problem is not None:
            complain(f"release {made.id} could not be written: {made.problem}")
        typer.echo(made.id)


@release.command("list")
def list_releases(name: Name) -> None:
    """Print the releases of a project."""
    with connected() as client:
        found = client.releases.list(client.projects.find(name).id)
        show_table(["id", "number", "state"], [[str(one.id), str(one.number), one.state] for one in found])


@release.command()
def download(
    release_id: Annotated[str, typer.Argument(help="Its id.")],
    folder: Annotated[Path, typer.Argument(file_okay=False, help="A folder of its own; it is made.")],
) -> None:
    """Unpack a release into a folder."""
    with connected() as client:
        typer.echo(client.releases.download(release_id, folder))


def verify(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="An unpacked release.")],
    key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The public key it must be signed with (PEM).")
    ] = None,
) -> None:
    """Check a release without any server: signature, files, counts, references. Ends with 1 when anything is wrong."""
    from assay.client.verify import verify as check  # loads pyarrow

    found = check(folder, key=key.read_bytes() if key else None)
    for problem in found.problems:
        typer.secho(str(problem), err=True, fg=typer.colors.RED)
    if not found.ok:
        complain(f"{folder} is not what was released.")
    typer.echo(f"{folder} is whole: {found.files} files, {found.rows:,} rows, signed by key {found.key_id}.")
    if not found.key_was_given:
        typer.echo("The key came with the release; compare it with the one you were given, or pass --key.")
