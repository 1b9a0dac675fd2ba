"""The command line: `assay`, for users over HTTP and for operators of an installation."""

import typer

from assay.cli import operate

app = typer.Typer(no_args_is_help=True, help="Assay: the open human-data platform.", pretty_exceptions_enable=False)
app.add_typer(operate.app)


def main() -> None:
    app()
