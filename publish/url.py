"""From a serving URL to the engine behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from publish.engine import Engine
from publish.errors import ServingUrlError
from publish.sqlite import SqliteEngine

SUPPORTED = "sqlite:///<file> (a fourth slash for an absolute path), postgresql://<host>/<database>"


def _sqlite(url: str) -> Engine:
    host, slash, path = url.removeprefix("sqlite://").partition("/")
    if host or not slash or not path or path == ":memory:":
        raise ServingUrlError(f"{url} does not name a file; supported: {SUPPORTED}")
    return SqliteEngine(Path(path))


def _postgresql(url: str) -> Engine:
    try:
        from publish.postgresql import PostgresqlEngine
    except ImportError as error:
        raise ServingUrlError(
            "postgresql:// needs the package psycopg: pip install 'psycopg[binary]'"
        ) from error
    return PostgresqlEngine(url)


ENGINES: dict[str, Callable[[str], Engine]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "postgres": _postgresql,
}


def engine_for(url_or_path: str | Path) -> Engine:
    """The engine that a URL names; a path without a scheme is an SQLite file.

    Raises:
        ServingUrlError: the scheme is not supported, or the URL names no database. The text does
            not repeat the URL of another scheme, which may hold a password.
    """
    if isinstance(url_or_path, Path):
        return SqliteEngine(url_or_path)
    scheme = urlsplit(url_or_path).scheme
    if not scheme and url_or_path:
        return SqliteEngine(Path(url_or_path))
    if scheme not in ENGINES or "://" not in url_or_path:
        raise ServingUrlError(f"cannot serve from '{scheme}:'; supported: {SUPPORTED}")
    return ENGINES[scheme](url_or_path)
