"""PostgreSQL serves what SQLite serves, to whom it was granted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from publish.errors import (
    DatabaseUnreachableError,
    NothingPublishedError,
    PublicationFailedError,
    PublicationRefusedError,
    ServingUrlError,
)
from publish.postgresql import PostgresqlEngine
from publish.reader import Recommendation, generation, popular, recommendations_for
from publish.service import publish

Query = Callable[[str], list[Any]]
PASSWORD = "s3cret"
USERS = ["u1", "u2", "u3"]


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement)


def test_it_serves_what_sqlite_serves(lake: Any, url: str) -> None:
    result = publish(lake=lake.path, url=url)
    publish(lake=lake.path)

    assert (result.users, result.rows, result.model_version) == (3, 9, "m1")
    assert recommendations_for(url, "u1")[1] == Recommendation(
        2, "r2", "Choice 2", "Even", "First", 1.0, "als", "t1", "Track 1", "Odd"
    )
    for user in (*USERS, "nobody", "\udcff"):
        assert recommendations_for(url, user) == recommendations_for(lake.served, user)
    for genre in ("all", "Rock", "none"):
        assert popular(url, genre=genre) == popular(lake.served, genre=genre)
    ours, theirs = generation(url), generation(lake.served)
    assert ours.generated_at == theirs.generated_at
    assert (ours.user_count, ours.recommendation_count) == (3, 9)


def test_the_password_stays_out_of_sight(lake: Any, url: str, server: str) -> None:
    assert PASSWORD not in publish(lake=lake.path, url=url).location
    assert PASSWORD not in repr(PostgresqlEngine(url))
    with pytest.raises(ServingUrlError) as malformed:
        publish(lake=lake.path, url=f"postgresql://medley:{PASSWORD}%zz@{server}/x")
    with pytest.raises(DatabaseUnreachableError) as absent:
        recommendations_for(f"postgresql://medley:{PASSWORD}@{server}/absent", "u1")
    with pytest.raises(DatabaseUnreachableError) as wrong:
        publish(lake=lake.path, url=f"postgresql://medley:{PASSWORD}x@{server}/postgres")
    assert PASSWORD not in f"{malformed.value} {absent.value} {wrong.value}"


def test_before_the_first_publication_a_reader_learns_what_to_run(url: str) -> None:
    with pytest.raises(NothingPublishedError, match="run `medley publish`"):
        recommendations_for(url, "u1")


def test_odd_text_arrives(lake: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    users = ["a\0b", "tab\there", "\\N", "\\.", "quote'\"", "новый", "", "line\nbreak"]
    lake.write("dim_user", [{"user_key": 1, "user_id": users[0]}])
    lake.recommend(users)
    rows = pq.read_table(lake.folder("dim_track")).to_pylist()
    lake.write("dim_track", [row | {"track_name": "x\0\\N\n\\.\n音楽"} for row in rows])
    publish(lake=lake.path, url=url)
    for user in users:
        assert [row.rank for row in recommendations_for(url, user)] == [1, 2, 3]
    assert recommendations_for(url, "u1") == []
    assert popular(url)[0].track_name == "x\ufffd\\N\n\\.\n音楽"


def test_users_that_only_a_nul_tells_apart_are_not_mixed(lake: Any, url: str) -> None:
    lake.recommend(["a\0b", "a\ufffdb"])
    with pytest.raises(PublicationRefusedError, match="several user_id are 'a\ufffdb'"):
        publish(lake=lake.path, url=url)
    with pytest.raises(NothingPublishedError):
        recommendations_for(url, "a\0b")
    others = [*USERS, *map(str, range(20))]
    lake.recommend(["a\0b", *others], version="m2")
    publish(lake=lake.path, url=url)
    lake.recommend(["a\0b", "a\ufffdb", *others], version="m3")
    with pytest.raises(PublicationRefusedError, match="several user_id"):
        publish(lake=lake.path, url=url)
    assert [row.rank for row in recommendations_for(url, "a\0b")] == [1, 2, 3]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_repeated_rank_leaves_the_served_generation(
    lake: Any, url: str, *, is_first: bool
) -> None:
    """The first generation is written before its profile is known, others after it."""
    if not is_first:
        publish(lake=lake.path, url=url)
    lake.recommend(USERS, version="m2")
    rows = pq.read_table(lake.folder("recommendations")).to_pylist()
    ranks = {1: 1, 2: 1, 3: 3}
    lake.write("recommendations", [row | {"rank": ranks[row["rank"]]} for row in rows])
    with pytest.raises(PublicationRefusedError, match="ranks of 3 lists are not 1, 2, 3"):
        publish(lake=lake.path, url=url)
    if is_first:
        with pytest.raises(NothingPublishedError):
            generation(url)
        return
    assert generation(url).model_version == "m1"
    assert [row.rank for row in recommendations_for(url, "u1")] == [1, 2, 3]


def test_grants_and_notes_survive_publications(lake: Any, url: str, query: Query) -> None:
    publish(lake=lake.path, url=url)
    execute(
        url,
        'drop role if exists "front End"',
        'create role "front End"',
        'grant usage on schema medley to "front End"',
        'grant select on all tables in schema medley to "front End"',
    )
    for number in range(2, 6):
        lake.recommend(USERS, score=float(number))
        publish(lake=lake.path, url=url)
    with psycopg.connect(url) as connection:
        connection.execute('set role "front End"')
        sql = "select max(score), (select max(generation) from medley.generation)"
        row = connection.execute(f"{sql} from medley.recommendations").fetchone()
        assert row == (5.0, 5)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from medley_data.recommendations")
    notes = query("select obj_description('medley.recommendations'::regclass)")
    assert notes == [("One row per user and rank.",)]
    notes = query("select col_description('medley.recommendations'::regclass, 2)")
    assert notes == [("1 is best; no gaps",)]
    execute(url, 'drop owned by "front End"', 'drop role "front End"')


def test_what_others_build_on_a_view_goes_on_working(lake: Any, url: str, query: Query) -> None:
    publish(lake=lake.path, url=url)
    execute(url, "create view theirs as select * from medley.recommendations")
    for number in range(2, 7):
        lake.recommend(USERS, score=float(number))
        publish(lake=lake.path, url=url, keep=1)
    assert query("select count(*), max(score) from theirs") == [(9, 6.0)]


@pytest.mark.parametrize("table", ["recommendations", "similar_tracks"])
def test_a_lookup_reads_the_list_in_one_part(lake: Any, url: str, query: Query, table: str) -> None:
    for number in range(1, 4):
        names = [f"u{n}" for n in range(1, 5_000)]
        lake.recommend(names, score=float(number))
        lake.alike(names, score=float(number))
        publish(lake=lake.path, url=url)
    subject = {"recommendations": "user_id", "similar_tracks": "track_id"}[table]
    lines = query(
        f"explain (analyze, costs off, timing off) select * from medley.{table}"
        f" where {subject} = 'u77' and rank <= 10 order by rank"
    )
    parts = [line for (line,) in lines if f" on {table}_p" in line]
    executed = [line for line in parts if "never executed" not in line]
    assert executed
    assert all(f"{table}_p3" in line and "rows=3" in line for line in executed)
    plan = "\n".join(line for (line,) in lines)
    assert plan.count(f"Index Cond: ({subject} = 'u77'::text)") == 3
    assert f"Seq Scan on {table}" not in plan


EARLIER = (
    "create schema medley",
    "create table medley.generation (model_version text, generated_at timestamptz,"
    " published_at timestamptz, user_count integer, recommendation_count integer)",
    "create table medley.recommendations (user_id text, rank integer, primary key (user_id, rank))",
    "create table medley.popular_by_genre (genre_name text, rank integer)",
    "insert into medley.generation values ('m0', now(), now(), 1, 1)",
    "insert into medley.recommendations values ('u1', 1)",
)


def test_tables_of_the_earlier_version_give_way_and_their_grants_go_over(
    lake: Any, url: str, query: Query
) -> None:
    execute(
        url,
        *EARLIER,
        "drop role if exists frontend",
        "create role frontend",
        "grant select on medley.recommendations to frontend with grant option",
        "grant select on medley.generation to public",
    )
    with pytest.raises(NothingPublishedError, match="run `medley publish`"):
        recommendations_for(url, "u1")
    publish(lake=lake.path, url=url)
    assert len(recommendations_for(url, "u1")) == 3
    assert generation(url).generation == 1
    assert query(
        "select has_table_privilege('frontend', 'medley.recommendations',"
        " 'select with grant option'), has_table_privilege('frontend', 'medley.generation',"
        " 'select'), has_table_privilege('frontend', 'medley.popular_by_genre', 'select')"
    ) == [(True, True, False)]
    execute(url, "drop owned by frontend", "drop role frontend")


def test_a_reader_of_earlier_tables_is_named_and_never_cancelled(
    lake: Any, url: str, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(url, *EARLIER)
    monkeypatch.setattr("publish.pglayout.LOCK_ATTEMPTS", 2)
    with psycopg.connect(url) as reader:
        reader.execute("select * from medley.recommendations")
        with pytest.raises(PublicationFailedError, match="idle in transaction"):
            publish(lake=lake.path, url=url)
        assert reader.execute("select * from medley.recommendations").fetchall() == [("u1", 1)]
    assert query("select model_version from medley.generation") == [("m0",)]
    publish(lake=lake.path, url=url)
    assert generation(url).model_version == "m1"


def test_nulls_and_numbers_arrive(lake: Any, url: str) -> None:
    rows = lake.recommended(USERS)
    values = [None, -0.0, 1e300, float("inf"), 0.1, -1.5, None, 5e-324, 3.0]
    for row, value in zip(rows, values, strict=True):
        row["score"] = value
    lake.write("recommendations", rows)
    tracks = pq.read_table(lake.folder("dim_track")).to_pylist()
    lake.write("dim_track", [row for row in tracks if row["track_id"] != "r2"])
    publish(lake=lake.path, url=url)
    publish(lake=lake.path)
    for user in USERS:
        assert recommendations_for(url, user) == recommendations_for(lake.served, user) != []
    assert recommendations_for(url, "u1")[1].track_name is None


def test_a_publication_that_is_over_is_not_in_the_way(lake: Any, url: str) -> None:
    """However long the server takes to clear up behind its connection."""
    publish(lake=lake.path, url=url)
    with PostgresqlEngine(url).publishing() as database:
        for number in range(100):
            database.query(f"create temporary table clutter_{number} (x text primary key)")
        database.commit()
    with PostgresqlEngine(url).publishing():
        pass
