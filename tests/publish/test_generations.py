"""Generations on both engines: seen at once, kept, gone back to; only what changed is written."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from publish.errors import NothingOlderError, NothingPublishedError, PublicationUnderWayError
from publish.reader import generation, popular, recommendations_for, similar
from publish.rollback import rollback
from publish.service import publish
from publish.url import engine_for

USERS = [f"u{number}" for number in range(1, 31)]
READERS = 4
LAST = 20
READS_BETWEEN = 12
ALL_TABLES = """
select
    (select generation from {0}generation), (select recommendation_count from {0}generation),
    (select count(*) from {0}recommendations), (select sum(score) from {0}recommendations),
    (select min(score) from {0}similar_tracks), (select max(score) from {0}similar_tracks),
    (select max(listener_count) from {0}popular_by_genre)
"""
ONE_LIST = "select score from {0}recommendations where user_id = {1} order by rank"
Ask = Callable[..., list[Any]]


@contextmanager
def kept_open(place: str) -> Iterator[Ask]:
    """A frontend's own connection with its own prepared statements; ours is not involved."""
    if place.startswith("sqlite"):
        path = place.removeprefix("sqlite:///")
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        try:
            yield lambda sql, *values: connection.execute(sql.format("", "?"), values).fetchall()
        finally:
            connection.close()
    else:
        with psycopg.connect(place, autocommit=True) as server:
            yield lambda sql, *values: server.execute(
                sql.format("medley.", "%s"), values, prepare=True
            ).fetchall()


def write(lake: Any, number: int) -> None:
    """Every second generation changes the list of u1 alone, the others all lists."""
    rows = lake.recommended(USERS, score=float(number - (number + 1) % 2))
    lake.write(
        "recommendations",
        [row | {"score": float(number)} if row["user_id"] == "u1" else row for row in rows],
    )
    lake.alike(["t1", "t2"], score=float(number))
    heard = [{"user_key": user, "track_key": 11, "play_count": 1} for user in range(number)]
    lake.write("fct_listen_history", heard)


def seen_of(number: int) -> tuple[Any, ...]:
    others = float(number - (number + 1) % 2)
    count = 3 * len(USERS)
    total = 3.0 * number + 3 * (len(USERS) - 1) * others
    return (number, count, count, total, float(number), float(number), number)


@pytest.fixture
def many(lake: Any) -> Any:
    lake.write(
        "dim_user", [{"user_key": key, "user_id": user} for key, user in enumerate(USERS, 1)]
    )
    lake.write("fct_listen_history", [])
    lake.recommend(USERS)
    return lake


def test_readers_never_see_none_half_or_a_mix(many: Any, place: str) -> None:
    """Four keep their connections and statements over 20 publications, and none has to wait."""
    seen: list[set[int]] = [set() for _ in range(READERS)]
    failures: list[BaseException] = []
    progress, stop = threading.Semaphore(0), threading.Event()
    fit = {number: seen_of(number) for number in range(1, LAST + 1)}

    def read_once(ask: Ask, numbers: set[int]) -> None:
        [row] = ask(ALL_TABLES)
        assert tuple(row) == fit[row[0]]
        numbers.add(row[0])
        scores = {score for (score,) in ask(ONE_LIST, "u1")}
        assert len(scores) == 1
        assert len(ask(ONE_LIST, "u7")) == 3
        with engine_for(place).reading() as query:
            first = query("select generation from generation")
            assert {n for (n,) in query("select score from similar_tracks")} == {first[0][0]}
            assert query("select generation from generation") == first

    def read_until_stopped(numbers: set[int]) -> None:
        try:
            with kept_open(place) as ask:
                while not stop.is_set():
                    read_once(ask, numbers)
                    progress.release()
                read_once(ask, numbers)
        except BaseException as error:
            failures.append(error)
            progress.release(10_000)

    write(many, 1)
    publish(lake=many.path, url=place)
    readers = [threading.Thread(target=read_until_stopped, args=[numbers]) for numbers in seen]
    for reader in readers:
        reader.start()
    for number in range(2, LAST + 1):
        for _ in range(READS_BETWEEN):
            progress.acquire()
        write(many, number)
        publish(lake=many.path, url=place)
    stop.set()
    for reader in readers:
        reader.join()

    assert not failures, failures[0]
    for numbers in seen:
        assert {1, LAST} <= numbers
        assert len(numbers) > LAST / 2


def test_a_transaction_keeps_its_generation_and_holds_nothing_up(
    many: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publish.pgparts.WAIT", "200ms")
    monkeypatch.setattr("publish.pgreaders.WAIT_SECONDS", 0.1)
    monkeypatch.setattr("publish.sqlite.READERS_WAIT_MILLISECONDS", 200)
    write(many, 1)
    publish(lake=many.path, url=place)
    with engine_for(place).reading() as query:
        before = query(ALL_TABLES.format(""))
        for number in range(2, 7):
            write(many, number)
            publish(lake=many.path, url=place)
        assert query(ALL_TABLES.format("")) == before
        assert [tuple(row) for row in before] == [seen_of(1)]
    assert generation(place).generation == 6
    write(many, 7)
    publish(lake=many.path, url=place)
    for table in ("recommendations", "similar_tracks", "popular_by_genre"):
        assert len(stored(place, table)) <= 3


def stored(place: str, table: str) -> list[tuple[str, int]]:
    """The parts of a list that are in the database, with their rows."""
    pattern = f"{table}_p%"
    if place.startswith("sqlite"):
        with sqlite3.connect(place.removeprefix("sqlite:///")) as connection:
            names = connection.execute(
                "select name from sqlite_master where name like ? and type = 'table'", [pattern]
            ).fetchall()
            counts = [connection.execute(f"select count(*) from {n}").fetchone() for (n,) in names]
    else:
        with psycopg.connect(place) as server:
            names = server.execute(
                "select tablename from pg_tables where tablename like %s", [pattern]
            ).fetchall()
            counts = [
                server.execute(f"select count(*) from medley_data.{n}").fetchone() for (n,) in names
            ]
    return sorted((name, count) for (name,), (count,) in zip(names, counts, strict=True))


def test_only_changed_lists_are_written_when_they_are_few(many: Any, place: str) -> None:
    rows = many.recommended(USERS)
    many.write("recommendations", rows)
    first = publish(lake=many.path, url=place)
    assert first.rows_written == 90

    def change(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"score": 2.0, "reason": "popular"}

    two = [change(row) if row["user_id"] in ("u3", "u30") else row for row in rows]
    many.write("recommendations", two[::-1], files=5)
    assert publish(lake=many.path, url=place).rows_written == 6
    assert stored(place, "recommendations") == [("recommendations_p1", 96)]
    assert {row.score for row in recommendations_for(place, "u30")} == {2.0}
    assert {row.score for row in recommendations_for(place, "u1")} == {1.0}

    many.write("recommendations", [change(row) if row["user_id"] < "u12" else row for row in two])
    assert publish(lake=many.path, url=place).rows_written == 90
    parts = [name for name, _ in stored(place, "recommendations")]
    assert parts == ["recommendations_p1", "recommendations_p3"]


def test_names_that_changed_and_users_who_came_and_went_are_changes(many: Any, place: str) -> None:
    many.recommend(USERS)
    publish(lake=many.path, url=place)
    gone, new = USERS[0], "u31"
    known = [*USERS[1:], new]
    many.write("dim_user", [{"user_key": key, "user_id": user} for key, user in enumerate(known)])
    many.recommend(known)
    assert publish(lake=many.path, url=place).rows_written == 3
    assert recommendations_for(place, gone) == []
    assert len(recommendations_for(place, new)) == 3
    many.write("dim_artist", [{"artist_key": 101, "artist_name": "Odder"}])
    assert publish(lake=many.path, url=place).rows_written == 90
    assert recommendations_for(place, new)[0].artist_name == "Odder"


def test_what_is_served_already_is_not_published_again(many: Any, place: str) -> None:
    publish(lake=many.path, url=place)
    before = generation(place)
    again = publish(lake=many.path, url=place)
    assert (again.is_new, again.rows_written, again.generation) == (False, 0, 1)
    assert generation(place) == before
    later = many.generated_at + timedelta(hours=1)
    many.recommend(USERS, version="m2", at=later)
    same_lists = publish(lake=many.path, url=place)
    assert (same_lists.is_new, same_lists.rows_written) == (True, 0)
    assert generation(place).generated_at == later


def test_a_rollback_goes_back_and_the_next_publication_goes_on(many: Any, place: str) -> None:
    with pytest.raises(NothingPublishedError, match="medley publish"):
        rollback(url=place)
    for number in range(1, 6):
        write(many, number)
        publish(lake=many.path, url=place, keep=3)
    with kept_open(place) as ask:
        started = time.monotonic()
        assert rollback(url=place) == 4
        assert time.monotonic() - started < 5  # far from a publication that hangs
        assert [tuple(row) for row in ask(ALL_TABLES)] == [seen_of(4)]
        assert rollback(url=place) == 3
        assert [tuple(row) for row in ask(ALL_TABLES)] == [seen_of(3)]
        with pytest.raises(NothingOlderError, match="no generation older than 3"):
            rollback(url=place)
        write(many, 6)
        assert publish(lake=many.path, url=place).generation == 6
        assert [tuple(row) for row in ask(ALL_TABLES)] == [seen_of(6)]
        assert rollback(url=place) == 3
        assert [tuple(row) for row in ask(ALL_TABLES)] == [seen_of(3)]


def test_an_amended_generation_that_was_rolled_back_leaves_no_trace(many: Any, place: str) -> None:
    rows = many.recommended(USERS)
    for score in (1.0, 2.0, 3.0):
        many.write(
            "recommendations",
            [row | {"score": score} if row["user_id"] == "u5" else row for row in rows],
        )
        publish(lake=many.path, url=place)
    rollback(url=place)
    assert {row.score for row in recommendations_for(place, "u5")} == {2.0}
    many.write("recommendations", [r | {"score": 9.0} if r["user_id"] == "u6" else r for r in rows])
    assert publish(lake=many.path, url=place).rows_written == 6
    assert {row.score for row in recommendations_for(place, "u5")} == {1.0}
    assert {row.score for row in recommendations_for(place, "u6")} == {9.0}
    assert stored(place, "recommendations") == [("recommendations_p1", 99)]
    assert rollback(url=place) == 2
    assert {row.score for row in recommendations_for(place, "u5")} == {2.0}
    assert {row.score for row in recommendations_for(place, "u6")} == {1.0}


def test_generations_beyond_those_kept_leave_no_row(many: Any, place: str) -> None:
    rows = many.recommended(USERS)
    for score in range(1, 8):
        many.write(
            "recommendations",
            [row | {"score": float(score)} if row["user_id"] == "u5" else row for row in rows],
        )
        publish(lake=many.path, url=place, keep=2)
    assert stored(place, "recommendations") == [("recommendations_p1", 93)]
    for score in (8.0, 9.0, 10.0):
        many.recommend(USERS, score=score)
        publish(lake=many.path, url=place, keep=2)
    parts = [name for name, _ in stored(place, "recommendations")]
    assert parts == ["recommendations_p10", "recommendations_p9"]


def test_rows_that_go_are_found_without_reading_those_that_stay(lake: Any) -> None:
    publish(lake=lake.path)
    with closing(sqlite3.connect(lake.served)) as connection:
        plan = connection.execute(
            "explain query plan delete from recommendations_p1 where until_generation <= 1"
        ).fetchall()
    assert [row[3].split(" ")[0] for row in plan] == ["SEARCH"]


def test_similar_tracks_are_served_when_gold_has_them(many: Any, place: str) -> None:
    publish(lake=many.path, url=place)
    assert similar(place, "t1") == []
    many.alike(["t1", "unknown"], length=2, score=0.5)
    publish(lake=many.path, url=place)
    assert [
        (row.rank, row.track_id, row.track_name, row.score) for row in similar(place, "t1")
    ] == [
        (1, "r1", "Choice 1", 0.5),
        (2, "r2", "Choice 2", 0.5),
    ]
    assert len(similar(place, "unknown")) == 2
    assert generation(place).similar_track_count == 4
    many.folder("similar_tracks").unlink()
    publish(lake=many.path, url=place)
    assert similar(place, "t1") == []
    assert popular(place) == []


def test_two_publications_to_one_place_do_not_meet(many: Any, place: str) -> None:
    with engine_for(place).publishing(), pytest.raises(PublicationUnderWayError):
        publish(lake=many.path, url=place)
    with pytest.raises(NothingPublishedError):
        generation(place)
    publish(lake=many.path, url=place)
    with engine_for(place).publishing(), pytest.raises(PublicationUnderWayError):
        rollback(url=place)
    assert generation(place).generation == 1
