"""`medley sql`: questions to the lake, in the Spark session of dbt's profile."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from pipeline.settings import Settings

if TYPE_CHECKING:
    from dbt.adapters.sparksession.credentials import SparkSessionCredentials

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
    from dbt.adapters.sparksession.session import session_for
    from dbt_common.exceptions import DbtBaseException

    try:
        session = session_for(_credentials(Settings.from_env(lake=lake)))
    except DbtBaseException as error:
        raise click.ClickException(str(error)) from error
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


def _credentials(settings: Settings) -> SparkSessionCredentials:
    """What the profile says, as dbt would read it.

    Raises:
        click.ClickException: the target has no session, or the lake is not there.
        DbtBaseException: there is no such profile.
    """
    from dbt.adapters.sparksession.credentials import SparkSessionCredentials
    from dbt.config.runtime import load_profile
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context

    os.environ["MEDLEY_LAKE"] = str(settings.lake)
    profiles = os.environ.get("DBT_PROFILES_DIR") or str(settings.project / "profiles")
    set_invocation_context(os.environ)
    set_from_args(Namespace(PROFILES_DIR=profiles), None)
    profile = load_profile(str(settings.project), {})
    if not isinstance(profile.credentials, SparkSessionCredentials):
        raise click.ClickException(
            f"the target {profile.target_name} has no session; use its server's own shell"
        )
    if not profile.credentials.remote and not settings.lake.exists():
        raise click.ClickException(f"there is no lake at {settings.lake}; `medley run` makes one")
    return profile.credentials
