"""`assay project …` and `assay batch …`: make projects, put their tasks out, look at their numbers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assay.cli.connection import connected, show_json, show_table

project = typer.Typer(no_args_is_help=True, help="Projects: made from a file, given back as a file.")
batch = typer.Typer(no_args_is_help=True, help="Batches of tasks.")

Name = Annotated[str, typer.Argument(metavar="PROJECT", help="Its name or id.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A project file, YAML or JSON.")]


@project.command()
def create(file: File) -> None:
    """Make a draft project from a file, and print its id."""
    with connected() as client:
        typer.echo(client.projects.create(file).id)


@project.command()
def publish(name: Name, file: File) -> None:
    """Put a new version of a project in force, for tasks loaded from now on."""
    with connected() as client:
        made = client.projects.publish(client.projects.find(name).id, file)
        typer.echo(f"{made.name} is at version {made.version}.")


@project.command()
def file(name: Name) -> None:
    """Print a project as the file it can be made from again."""
    with connected() as client:
        typer.echo(client.projects.file(client.projects.find(name).id), nl=False)


@project.command("list")
def list_projects() -> None:
    """Print the projects of the organisation."""
    with connected() as client:
        rows = [[str(one.id), one.name, one.version or "", one.state] for one in client.projects.list()]
        show_table(["id", "name", "version", "state"], rows)


@project.command("open")
def open_project(
    name: Name,
    batches: Annotated[bool, typer.Option("--batches", help="Open its staged batches too.")] = False,
) -> None:
    """Let annotators in."""
    with connected() as client:
        opened = client.projects.open(client.projects.find(name).id)
        staged = [one for one in client.batches.list(opened.id) if batches and one.state == "staged"]
        for one in staged:
            client.batches.open(one.id)
        typer.echo(
            f"{opened.name} is open, and so are {len(staged)} batches." if batches else f"{opened.name} is open."
        )


@project.command("close")
def close_project(name: Name) -> None:
    """Hand out no more tasks; what was started may be finished."""
    with connected() as client:
        closed = client.projects.close(client.projects.find(name).id)
        typer.echo(f"{closed.name} is closed.")


@batch.command("list")
def list_batches(name: Name) -> None:
    """Print the batches of a project with their tasks by state."""
    with connected() as client:
        found = client.batches.list(client.projects.find(name).id)
        rows = [[str(one.id), one.name, one.state, _counts(one.tasks)] for one in found]
        show_table(["id", "name", "state", "tasks"], rows)


@batch.command("open")
def open_batch(batch_id: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Put a batch's tasks out."""
    with connected() as client:
        typer.echo(f"The batch is {client.batches.open(batch_id)}.")


def progress(name: Name) -> None:
    """Print how far a project is, as JSON."""
    with connected() as client:
        show_json(client.projects.progress(client.projects.find(name).id))


def quality(
    name: Name,
    json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    refit: Annotated[bool, typer.Option("--refit", help="Fit everything anew first.")] = False,
) -> None:
    """Print how good a project's answers are: agreement, hidden checks and accuracy by question, with intervals."""
    with connected() as client:
        found = client.projects.find(name)
        if refit:
            client.projects.refit(found.id)
        numbers = client.projects.quality(found.id)
    if json:
        show_json(numbers)
        return
    rows: list[list[str]] = []
    for question in numbers["questions"]:
        for one in question["agreement"]:
            if not one["slice"]:
                rows.append([question["question"], f"agreement, {one['measure']}", _share(one), str(one["n_items"])])
        for one in question["gold"]:
            rows.append([question["question"], f"hidden checks, {one['source']}", _share(one), f"{one['n']:g}"])
        if one := question["accuracy"]:
            rows.append([question["question"], "accuracy of settled answers", _share(one), f"{one['n']:g}"])
    show_table(["question", "measure", "value (95 %)", "n"], rows)


def settle(
    name: Name,
    even_disputed: Annotated[
        bool, typer.Option("--even-disputed", help="Where annotators differ, the likeliest answer stands.")
    ] = False,
) -> None:
    """Fit a project anew and settle every task that is ready."""
    with connected() as client:
        count = client.projects.settle(client.projects.find(name).id, even_disputed=even_disputed)
        typer.echo(f"{count} tasks settled.")


def _share(one: dict[str, Any]) -> str:
    if one["value"] is None:
        return "–"
    if one["low"] is None:
        return f"{one['value']:.3f}"
    return f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"


def _counts(tasks: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(tasks.items()))
