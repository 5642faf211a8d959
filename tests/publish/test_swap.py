"""Readers see one generation or the next, whole, whatever happens to the publisher."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from publish import gold
from publish.errors import PublicationUnderWayError
from publish.reader import generation, recommendations_for
from publish.service import publish
from publish.sqlite import SqliteEngine
from publish.swap import built_beside

USERS = ["u1", "u2", "u3"]
READERS = 4
READS_BETWEEN_SWAPS = 25
LAST = 8
PAIR = """
select generation.model_version, generation.recommendation_count, count(*), min(score), max(score)
from generation, recommendations
"""


def test_readers_never_see_an_error_nor_a_mix(lake: Any) -> None:
    """Every generation has a length and a score of its own; a reading must agree in all."""
    fit = {(f"m{g}", 3 * g, 3 * g, float(g), float(g)) for g in range(1, LAST + 1)}
    seen: set[tuple[Any, ...]] = set()
    failures: list[BaseException] = []
    progress, stop = threading.Semaphore(0), threading.Event()

    def read_once() -> None:
        with SqliteEngine(lake.served).reading() as query:
            [first] = query(PAIR)
            lists = [
                query("select score from recommendations where user_id = ?", [u]) for u in USERS
            ]
            [second] = query(PAIR)
        assert first == second
        assert [len(rows) for rows in lists] == [first[1] / 3] * 3
        seen.add(first)
        scores = {row.score for row in recommendations_for(lake.served, "u1", n=100)}
        assert len(scores) == 1

    def read_until_stopped() -> None:
        try:
            while not stop.is_set():
                read_once()
                progress.release()
            read_once()
        except BaseException as error:
            failures.append(error)
            progress.release(10_000)

    def swap_in(number: int) -> None:
        lake.recommend(USERS, length=number, version=f"m{number}", score=float(number))
        publish(lake=lake.path)

    swap_in(1)
    readers = [threading.Thread(target=read_until_stopped) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for number in range(2, LAST + 1):
        for _ in range(READS_BETWEEN_SWAPS):
            progress.acquire()
        swap_in(number)
    stop.set()
    for reader in readers:
        reader.join()

    assert not failures, failures[0]
    assert seen <= fit
    assert {row[0] for row in seen} >= {"m1", f"m{LAST}"}


def test_an_open_connection_stays_on_its_generation(lake: Any) -> None:
    publish(lake=lake.path)
    with SqliteEngine(lake.served).reading() as query:
        before = query(PAIR)
        lake.recommend(USERS, length=5, version="m2", score=2.0)
        publish(lake=lake.path)
        assert query(PAIR) == before
    assert generation(lake.served).recommendation_count == 15


def test_a_reader_cannot_write(lake: Any) -> None:
    publish(lake=lake.path)
    with pytest.raises(Exception, match="readonly"), SqliteEngine(lake.served).reading() as query:
        query("delete from recommendations")
    assert len(recommendations_for(lake.served, "u1")) == 3


def test_a_killed_publication_changes_nothing_and_the_next_one_works(lake: Any) -> None:
    publish(lake=lake.path)
    before = lake.served.read_bytes()
    lake.recommend([*USERS, *(f"v{number}" for number in range(150_000))], version="m2")

    process = subprocess.Popen(
        [sys.executable, "-m", "publish", "--lake", str(lake.path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    unfinished = lake.served.with_name(f"medley.db.building-{process.pid}")
    while not unfinished.exists() and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)

    assert process.wait() == -signal.SIGKILL
    assert unfinished.exists()
    assert lake.served.read_bytes() == before
    assert len(recommendations_for(lake.served, "u1")) == 3

    lake.recommend(USERS, length=2, version="m3")
    publish(lake=lake.path)
    assert generation(lake.served).model_version == "m3"
    assert not unfinished.exists()


def test_leftovers_of_other_targets_are_not_touched(lake: Any) -> None:
    lake.served.parent.mkdir()
    ours = lake.served.with_name("medley.db.building-7")
    theirs = lake.served.with_name("other.db.building-7")
    ours.touch()
    theirs.touch()
    publish(lake=lake.path)
    assert not ours.exists()
    assert theirs.exists()


def test_two_publications_to_one_place_do_not_meet(lake: Any) -> None:
    publish(lake=lake.path)
    with built_beside(lake.served) as other:
        other.touch()
        with pytest.raises(PublicationUnderWayError, match=str(lake.served)):
            publish(lake=lake.path)
        assert other.exists()
    publish(lake=lake.path)


def test_permissions_of_the_served_file_are_kept(lake: Any) -> None:
    publish(lake=lake.path)
    for mode in (0o640, 0o604):
        lake.served.chmod(mode)
        publish(lake=lake.path)
        assert lake.served.stat().st_mode & 0o777 == mode


def test_a_link_stays_a_link(lake: Any) -> None:
    target, link = lake.path / "disk" / "real.db", lake.path / "medley.db"
    link.symlink_to(target)
    publish(lake=lake.path, url=f"sqlite:///{link}")
    publish(lake=lake.path, url=f"sqlite:///{link}")
    assert link.is_symlink()
    assert target.is_file()
    assert recommendations_for(link, "u1") == recommendations_for(target, "u1") != []


def test_a_gold_link_switched_while_publishing_does_not_mix(lake: Any) -> None:
    """What is opened is one version: the next one only counts when opened again."""
    opened = gold.open_table(lake.path, "recommendations")
    lake.recommend(USERS, length=5, version="m2")
    assert {row["model_version"] for batch in opened.batches() for row in batch.to_pylist()} == {
        "m1"
    }
    assert os.path.realpath(lake.folder("recommendations")).endswith("-2")
