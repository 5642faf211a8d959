"""A private server on a free port of this machine, from Debian's package postgresql."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
PASSWORD = "s3cret"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server that lives as long as the tests; it refuses to run as root."""
    if BINARIES is None:
        pytest.skip("needs PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="medley-postgresql-"))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(command: str, *arguments: str) -> None:
        data = f"--pgdata={folder / 'data'}"
        subprocess.run(
            [BINARIES / command, data, *arguments],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    access = ("--username=medley", "--auth=scram-sha-256", f"--pwfile={secret}")
    run("initdb", *access, "--encoding=UTF8", "--no-sync")
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    settings += " -c fsync=off -c lock_timeout=30s"  # a test fails rather than waits for ever
    run("pg_ctl", "start", "--wait", f"--log={folder / 'log'}", f"--options={settings}")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        run("pg_ctl", "stop", "--mode=immediate")
        shutil.rmtree(folder)


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """A database of its own for each test."""
    admin = f"postgresql://medley:{PASSWORD}@{server}/postgres"
    name = f"test_{uuid4().hex}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    yield f"postgresql://medley:{PASSWORD}@{server}/{name}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def query(url: str) -> Callable[[str], list[Any]]:
    """Ask the database of the test as its administrator."""

    def ask(sql: str) -> list[Any]:
        with psycopg.connect(url) as connection:
            return connection.execute(sql).fetchall()

    return ask
