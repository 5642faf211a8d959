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
        2, "r2", "Choice 2", "Even", "First", 1.0, "als"
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


def test_grants_keys_and_notes_survive_a_swap(lake: Any, url: str, query: Query) -> None:
    publish(lake=lake.path, url=url)
    execute(
        url,
        'drop role if exists "front End"',
        'create role "front End"',
        'grant usage on schema medley to "front End"',
        'grant select on medley.recommendations to "front End" with grant option',
        "grant select on medley.generation to public",
    )
    for _ in range(2):
        publish(lake=lake.path, url=url)
    role = "'front End', 'medley."
    assert query(
        f"select has_table_privilege({role}recommendations',"
        f" 'select with grant option'), has_table_privilege({role}generation', 'select'),"
        f" has_table_privilege({role}popular_by_genre', 'select')",
    ) == [(True, True, False)]
    keys = query("select indexname from pg_indexes where schemaname = 'medley' order by 1")
    assert keys == [("popular_by_genre_pkey",), ("recommendations_pkey",)]
    notes = query("select obj_description('medley.recommendations'::regclass)")
    assert notes == [("One row per user and rank.",)]
    execute(url, 'drop owned by "front End"', 'drop role "front End"')


def test_a_table_that_others_depend_on_is_not_dropped(lake: Any, url: str, query: Query) -> None:
    publish(lake=lake.path, url=url)
    execute(url, "create view theirs as select * from medley.recommendations")
    with pytest.raises(PublicationFailedError, match="theirs"):
        publish(lake=lake.path, url=url)
    assert query("select count(*) from theirs") == [(9,)]
