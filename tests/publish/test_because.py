"""The heard track that a recommendation comes from; databases from before it was served."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import psycopg
import pytest

from publish.errors import NothingPublishedError
from publish.reader import recommendations_for
from publish.rollback import rollback
from publish.service import publish
from publish.url import engine_for

NEW = ("because_track_id", "because_track_name", "because_artist_name")
BEFORE = """
create view {0}recommendations as
select user_id, rank, track_id, track_name, artist_name, album_title, score, reason
from {1} where since_generation <= {2} and (until_generation is null or until_generation > {2})
"""


def because(place: str, user: str) -> list[tuple[str | None, ...]]:
    return [tuple(getattr(row, name) for name in NEW) for row in recommendations_for(place, user)]


def test_a_list_says_because_of_what_it_is_as_far_as_that_is_known(lake: Any, place: str) -> None:
    reasons = {1: "t2", 2: None, 3: "gone"}
    rows = [row | {"because_track_id": reasons[row["rank"]]} for row in lake.recommended(["u1"])]
    rows += lake.recommended(["u2", "u3"])
    lake.write("recommendations", rows)
    publish(lake=lake.path, url=place)
    assert because(place, "u1") == [
        ("t2", "Track 2", "Even"),
        (None, None, None),
        ("gone", None, None),
    ]
    assert because(place, "u2") == [("t1", "Track 1", "Odd")] * 3


def go_back_in_time(place: str) -> None:
    """Make of the database what it was before these columns."""
    if place.startswith("sqlite"):
        with closing(sqlite3.connect(place.removeprefix("sqlite:///"))) as connection:
            connection.execute("drop view recommendations")
            for name in NEW:
                connection.execute(f"alter table recommendations_p1 drop column {name}")
            connection.execute(BEFORE.format("", "recommendations_p1", 1))
            connection.execute("delete from fingerprints")  # they were of fewer columns
            connection.execute("pragma user_version = 2")
            connection.commit()
        return
    with psycopg.connect(place) as server:
        server.execute("drop view medley.recommendations")
        for name in NEW:
            server.execute(f"alter table medley_data.recommendations drop column {name}")
        server.execute("delete from medley_data.fingerprints")
        number = "(select generation from medley_data.served)"
        server.execute(BEFORE.format("medley.", "medley_data.recommendations", number))
        server.execute("create view public.theirs as select rank from medley.recommendations")
        server.execute("grant select on medley.recommendations to public")


def test_a_database_from_before_gets_the_columns_with_the_next_publication(
    lake: Any, place: str
) -> None:
    publish(lake=lake.path, url=place)
    go_back_in_time(place)
    with pytest.raises(NothingPublishedError, match="run `medley publish`"):
        recommendations_for(place, "u1")
    assert publish(lake=lake.path, url=place).generation == 2
    assert because(place, "u1") == [("t1", "Track 1", "Odd")] * 3
    assert rollback(url=place) == 1
    assert because(place, "u1") == [(None, None, None)] * 3
    if place.startswith("postgresql"):
        with engine_for(place).reading() as query:
            assert query("select count(*) from public.theirs") == [(9,)]
            granted = "select has_table_privilege('public', 'medley.recommendations', 'select')"
            assert query(granted) == [(True,)]
