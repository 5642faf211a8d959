"""A private server on a free port of this machine, from Debian's package postgresql."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
PASSWORD = "s3cret"
FOR_TESTS = "-c fsync=off -c lock_timeout=30s"  # a test fails rather than waits for ever


@dataclass(frozen=True)
class Server:
    """A server that can be stopped and started; it refuses to run as root."""

    folder: Path
    port: int
    settings: str

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def user(self) -> str | None:
        return "postgres" if os.getuid() == 0 else None

    def start(self) -> None:
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        options = f"--options={settings} {self.settings}"
        self.run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--mode=immediate")

    def run(self, command: str, *arguments: str) -> None:
        assert BINARIES is not None
        data = f"--pgdata={self.folder / 'data'}"
        subprocess.run(
            [BINARIES / command, data, *arguments],
            user=self.user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def started(settings: str = FOR_TESTS) -> Iterator[Server]:
    """A new server, with settings as on the command line; it is gone at the end."""
    if BINARIES is None:
        pytest.skip("needs PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="medley-postgresql-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(folder, free.getsockname()[1], settings)
    if server.user:
        shutil.chown(folder, server.user)
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    access = ("--username=medley", "--auth=scram-sha-256", f"--pwfile={secret}")
    server.run("initdb", *access, "--encoding=UTF8", "--no-sync")
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server that lives as long as the tests."""
    with started() as running:
        yield running.address


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
