"""Readers see one generation or the next, whole, whatever happens to the publisher."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from publish.errors import (
    NothingPublishedError,
    PublicationFailedError,
    PublicationRefusedError,
    PublicationUnderWayError,
)
from publish.reader import generation
from publish.service import publish
from publish.url import engine_for

Query = Callable[[str], list[Any]]
USERS = ["u1", "u2", "u3"]
LAST = 6


@pytest.mark.parametrize("spoil", [{"rank": 1}, {"track_id": None}, {"rank": 9}])
def test_an_unfit_generation_leaves_the_served_one(
    lake: Any, url: str, query: Query, spoil: dict[str, Any]
) -> None:
    publish(lake=lake.path, url=url)
    before = generation(url)
    lake.recommend(USERS, version="m2")
    rows = pq.read_table(lake.folder("recommendations")).to_pylist()
    lake.write("recommendations", [rows[0] | spoil, *rows[1:]])
    with pytest.raises(PublicationRefusedError):
        publish(lake=lake.path, url=url)
    assert generation(url) == before
    assert query("select count(*) from pg_tables where tablename like '%next'") == [(0,)]


def test_readers_never_see_an_error_nor_a_mix(lake: Any, url: str) -> None:
    """Each generation has a length and a score of its own; readings must agree in both."""
    seen: set[tuple[Any, ...]] = set()
    failures: list[BaseException] = []
    progress, stop = threading.Semaphore(0), threading.Event()

    def swap_in(number: int) -> None:
        lake.recommend(USERS, length=number, version=f"m{number}", score=float(number))
        publish(lake=lake.path, url=url)

    def read_with_the_reader() -> None:
        with engine_for(url).reading() as ask:
            [(version, count)] = ask("select model_version, recommendation_count from generation")
            rows = ask("select min(score), max(score), count(*) from recommendations")
        seen.add((version, count, *rows[0]))

    def read_with_a_kept_connection(connection: psycopg.Connection[Any]) -> None:
        rows = connection.execute(
            "select score from medley.recommendations where user_id = %s", ["u2"]
        ).fetchall()
        assert {(float(len(rows)),)} == set(rows)

    def read_until_stopped() -> None:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                while not stop.is_set():
                    read_with_a_kept_connection(connection)
                    read_with_the_reader()
                    progress.release()
                read_with_the_reader()
        except BaseException as error:
            failures.append(error)
            progress.release(10_000)

    swap_in(1)
    readers = [threading.Thread(target=read_until_stopped) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(2, LAST + 1):
        for _ in range(15):
            progress.acquire()
        swap_in(number)
    stop.set()
    for reader in readers:
        reader.join()

    assert not failures, failures[0]
    assert seen <= {(f"m{n}", 3 * n, float(n), float(n), 3 * n) for n in range(1, LAST + 1)}
    assert {row[0] for row in seen} >= {"m1", f"m{LAST}"}


def test_a_reader_that_does_not_let_go_is_named_and_never_cancelled(
    lake: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(lake=lake.path, url=url)
    lake.recommend(USERS, length=2, version="m2")
    monkeypatch.setattr("publish.pgswap.LOCK_ATTEMPTS", 2)
    with engine_for(url).reading() as ask:
        with pytest.raises(PublicationFailedError, match="idle in transaction"):
            publish(lake=lake.path, url=url)
        assert ask("select count(*) from recommendations") == [(9,)]
    publish(lake=lake.path, url=url)
    assert generation(url).recommendation_count == 6


def test_two_publications_to_one_database_do_not_meet(lake: Any, url: str) -> None:
    with engine_for(url).building(), pytest.raises(PublicationUnderWayError):
        publish(lake=lake.path, url=url)
    with pytest.raises(NothingPublishedError):
        generation(url)
    publish(lake=lake.path, url=url)


def test_a_killed_publication_leaves_nothing(lake: Any, url: str, query: Query) -> None:
    publish(lake=lake.path, url=url)
    lake.recommend([*USERS, *(f"v{number}" for number in range(150_000))], version="m2")
    process = subprocess.Popen(
        [sys.executable, "-m", "publish", "--lake", str(lake.path), "--to", url],
        cwd=Path(__file__).parents[3],
    )
    copying = "select count(*) from pg_stat_progress_copy"
    while query(copying) == [(0,)] and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert generation(url).model_version == "m1"
    lock = "select count(*) from pg_locks where locktype = 'advisory'"
    while query(lock) != [(0,)]:  # the server has yet to notice
        time.sleep(0.01)
    lake.recommend(USERS, version="m3")
    publish(lake=lake.path, url=url)
    assert generation(url).model_version == "m3"
