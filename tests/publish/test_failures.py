"""Killed, cut off, or without a database: what is served stays, and nothing is left to clean."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from publish.errors import DatabaseUnreachableError, NothingPublishedError, PublicationFailedError
from publish.reader import generation
from publish.service import publish
from publish.url import engine_for
from tests.postgresql import PASSWORD, started

ROOT = Path(__file__).parents[2]
KILLS = 4
MANY = [f"v{number}" for number in range(15_000)]
CONSISTENT = """
select
    generation.generation, generation.recommendation_count = count(*), min(score), max(score)
from generation, recommendations
group by generation.generation, generation.recommendation_count
"""
COMMAND = [sys.executable, "-m", "publish"]


def begun(place: str, process: subprocess.Popen[bytes]) -> Callable[[], bool]:
    """Tells whether the process publishes: its lock is there."""
    if place.startswith("sqlite"):
        return Path(place.removeprefix("sqlite:///") + ".lock").exists
    server = psycopg.connect(place, autocommit=True)
    sql = "select count(*) from pg_locks where locktype = 'advisory'"
    return lambda: server.execute(sql).fetchone() != (0,)


def test_killed_anywhere_it_leaves_what_is_served_and_nothing_to_clean(
    lake: Any, place: str
) -> None:
    """At moments spread at random over a publication, from the very first on."""
    moments = random.Random(place[:6])
    lake.write("dim_user", [{"user_key": -1}])
    served, score = 0, 0.0
    for attempt in range(1, KILLS + 1):
        lake.recommend(MANY, score=float(attempt))
        lake.served.with_name("medley.db.lock").unlink(missing_ok=True)
        process = subprocess.Popen(
            [*COMMAND, "--lake", str(lake.path), "--to", place],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        has_begun = begun(place, process)
        while not has_begun() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        while place.startswith("postgresql") and has_begun():  # the server has yet to notice
            time.sleep(0.01)
        try:
            with engine_for(place).reading() as query:
                [(number, has_all, least, most)] = query(CONSISTENT)
        except NothingPublishedError:
            number, has_all, least, most = 0, True, 0.0, 0.0
        assert (has_all, least) == (True, most)
        assert (number, most) == (served, score) or (number > served and most == attempt)
        served, score = number, most

    lake.recommend(MANY, score=float(KILLS + 1))
    last = publish(lake=lake.path, url=place, keep=1).generation
    assert last > served
    parts = f"recommendations_p{last}"
    if place.startswith("sqlite"):
        names = {path.name for path in lake.served.parent.iterdir()}
        assert names == {"medley.db", "medley.db.lock"}
        with sqlite3.connect(lake.served) as connection:
            found = connection.execute(
                "select name from sqlite_master"
                " where type = 'table' and name like 'recommendations_p%'"
            ).fetchall()
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    else:
        with psycopg.connect(place) as server:
            found = server.execute(
                "select tablename from pg_tables where tablename like 'recommendations_p%'"
            ).fetchall()
    assert found == [(parts,)]


def test_a_server_that_is_down_is_one_line_and_a_retry_works(lake: Any) -> None:
    with started() as server:
        place = f"postgresql://medley:{PASSWORD}@{server.address}/postgres"
        arguments = [*COMMAND, "--lake", str(lake.path), "--to", place]
        publish(lake=lake.path, url=place)
        lake.recommend(["u1", "u2", "u3"], version="m2", score=2.0)

        server.stop()
        try:
            done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
            with pytest.raises(DatabaseUnreachableError, match="see that it runs"):
                generation(place)
        finally:
            server.start()
        assert done.returncode == 1
        [line] = [text for text in done.stderr.splitlines() if not text.startswith("INFO")]
        assert f"cannot reach postgresql://{server.address}/postgres" in line
        assert PASSWORD not in line

        assert generation(place).model_version == "m1"
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert generation(place).model_version == "m2"


def test_a_connection_that_is_cut_is_one_line_and_a_retry_works(
    lake: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(lake=lake.path, url=url)
    lake.recommend(["u1", "u2", "u3"], version="m2", score=2.0)
    from publish.pgdb import PostgresqlDatabase

    complete = PostgresqlDatabase.complete_part

    def cut(self: PostgresqlDatabase, *arguments: Any) -> None:
        with psycopg.connect(url) as other:
            other.execute("select pg_terminate_backend(%s)", [self.connection.info.backend_pid])
        complete(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(PostgresqlDatabase, "complete_part", cut)
        with pytest.raises(PublicationFailedError, match="stays as it is") as caught:
            publish(lake=lake.path, url=url)
    assert "\n" not in str(caught.value)
    assert generation(url).model_version == "m1"
    publish(lake=lake.path, url=url)
    assert generation(url).model_version == "m2"


def test_a_file_that_somebody_else_writes_is_one_line_and_a_retry_works(
    lake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publish.sqlite.WAIT_SECONDS", 0.1)
    publish(lake=lake.path)
    lake.recommend(["u1", "u2", "u3"], version="m2", score=2.0)
    other = sqlite3.connect(lake.served, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(PublicationFailedError, match=r"database is locked.*stays as it is"):
        publish(lake=lake.path)
    assert generation(lake.served).model_version == "m1"
    other.close()
    publish(lake=lake.path)
    assert generation(lake.served).model_version == "m2"


def test_a_full_disk_is_one_line_and_a_retry_works(
    lake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own limit stands for the disk: it fails in the same place, in the same way."""
    publish(lake=lake.path)
    lake.write("dim_user", [{"user_key": -1}])
    lake.recommend(MANY, version="m2")
    with monkeypatch.context() as patched:
        patched.setattr("publish.sqlite.TUNED", ("max_page_count = 30",))
        with pytest.raises(PublicationFailedError, match=r"full.*stays as it is"):
            publish(lake=lake.path)
    assert generation(lake.served).model_version == "m1"
    publish(lake=lake.path)
    assert generation(lake.served).model_version == "m2"
