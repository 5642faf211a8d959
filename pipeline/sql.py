"""`medley sql`: questions to the lake, in the Spark session of dbt's profile."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import click

from pipeline.session import session_of
from pipeline.settings import Settings

PROMPTS = ("sql> ", "...> ")
WIDTH = 80


@click.command()
@click.argument("query", required=False)
@click.option("--lake", help="Folder of the lake.  [default: $MEDLEY_LAKE or ./lake]")
@click.option(
    "--limit", type=click.IntRange(1), default=100, help="Rows shown, at most.  [default: 100]"
)
def sql(*, query: str | None, lake: str | None, limit: int) -> None:
    """Ask the lake in Spark SQL: one QUERY, what stdin holds, or in a shell."""
    session = session_of(Settings.from_env(lake=lake))
    if query:
        _answer(session, query.strip().rstrip(";"), limit)
    elif not sys.stdin.isatty():
        for statement in statements(sys.stdin):
            _answer(session, statement, limit)
    else:
        for statement in statements(_typed()):
            try:
                _answer(session, statement, limit)
            except click.ClickException as error:
                error.show()


def statements(lines: Iterable[str]) -> Iterator[str]:
    """SQL statements: each ends with a semicolon at the end of a line; the last may go without."""
    said = ""
    for line in lines:
        said += line.rstrip() + "\n"
        if said.endswith(";\n"):
            yield said.strip().rstrip(";")
            said = ""
    if said.strip():
        yield said


def _typed() -> Iterator[str]:
    """Lines as they are typed, until Ctrl-D; Ctrl-C drops the line and asks anew."""
    with suppress(ImportError):  # gives input() a history and the arrow keys
        import readline  # noqa: F401

    click.echo("Spark SQL; end a statement with a semicolon, and the shell with Ctrl-D.")
    prompt = PROMPTS[0]
    while True:
        try:
            line = input(prompt)
        except KeyboardInterrupt:
            click.echo()
            continue
        except EOFError:
            click.echo()
            return
        prompt = PROMPTS[0] if line.rstrip().endswith(";") else PROMPTS[1]
        yield line


def _answer(session: Any, statement: str, limit: int) -> None:
    """Print what a statement gives; nothing when it gives no columns.

    Raises:
        click.ClickException: Spark refused or failed it.
    """
    from dbt.adapters.sparksession.connections import message_of
    from pyspark.errors import PySparkException

    try:
        frame = session.sql(statement)
        if frame.columns:
            frame.show(limit, truncate=WIDTH)
    except PySparkException as error:
        raise click.ClickException(message_of(error)) from error
