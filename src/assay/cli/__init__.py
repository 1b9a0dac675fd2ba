"""The command line: `assay`, for users over HTTP and for operators of an installation."""

import typer

from assay.cli import connection, files, operate, projects

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.callback()(connection.choose)
app.add_typer(projects.project, name="project")
app.add_typer(projects.batch, name="batch")
app.command("import")(files.import_file)
app.command()(projects.progress)
app.command()(projects.quality)
app.command()(projects.settle)
app.add_typer(files.lot, name="lot")
app.add_typer(files.release, name="release")
app.command()(files.verify)
app.add_typer(operate.app)


def main() -> None:
    app()
