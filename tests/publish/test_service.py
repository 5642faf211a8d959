"""Publish, then read back as the frontend would."""

from __future__ import annotations

import sqlite3
import string
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.reader import Generation, Recommendation, generation, popular, recommendations_for
from publish.service import publish

BECAUSE = ("t1", "Track 1", "Odd")


def test_a_user_gets_the_list_in_order_with_names(lake: Any) -> None:
    result = publish(lake=lake.path)

    assert (result.users, result.rows, result.model_version) == (3, 9, "m1")
    assert result.location == str(lake.served)
    assert recommendations_for(lake.served, "u2") == [
        Recommendation(1, "r1", "Choice 1", "Odd", "First", 1.0, "als", *BECAUSE),
        Recommendation(2, "r2", "Choice 2", "Even", "First", 1.0, "als", *BECAUSE),
        Recommendation(3, "r3", "Choice 3", "Odd", "First", 1.0, "als", *BECAUSE),
    ]


def test_n_limits_the_list(lake: Any) -> None:
    publish(lake=lake.path)
    assert [row.rank for row in recommendations_for(lake.served, "u1", n=2)] == [1, 2]


def test_url_and_path_read_the_same(lake: Any) -> None:
    publish(lake=lake.path, url=f"sqlite:///{lake.path}/elsewhere.db")
    path = lake.path / "elsewhere.db"
    rows = recommendations_for(path, "u1")
    assert rows
    assert rows == recommendations_for(f"sqlite:///{path}", "u1")
    assert rows == recommendations_for(str(path), "u1")
    assert not lake.served.exists()


def test_generation_says_what_is_served(lake: Any) -> None:
    before = datetime.now(UTC)
    publish(lake=lake.path)
    served = generation(lake.served)
    assert served == Generation(
        generation=1,
        model_version="m1",
        generated_at=datetime(2026, 11, 2, 3, 4, 5, 678_901, tzinfo=UTC),
        published_at=served.published_at,
        user_count=3,
        recommendation_count=9,
        similar_track_count=0,
        popular_count=8,
    )
    assert before <= served.published_at <= datetime.now(UTC)


def test_a_plain_folder_serves_like_a_link(lake: Any) -> None:
    link = lake.folder("recommendations")
    target = link.resolve()
    link.unlink()
    target.rename(link)
    assert publish(lake=lake.path).rows == 9


@pytest.mark.parametrize("older", [{"use_deprecated_int96_timestamps": True}, {"version": "2.4"}])
def test_times_without_a_zone_are_utc(lake: Any, older: dict[str, Any]) -> None:
    folder = lake.folder("recommendations")
    table = pq.read_table(folder)
    naive = table["generated_at"].cast(pa.timestamp("us"))
    for part in folder.glob("part-*"):
        part.unlink()
    column = table.schema.get_field_index("generated_at")
    table = table.set_column(column, "generated_at", naive)
    pq.write_table(table, folder / "part-0.parquet", **older)

    publish(lake=lake.path)
    at = generation(lake.served).generated_at
    assert at == datetime(2026, 11, 2, 3, 4, 5, 678_901, tzinfo=UTC)


def test_an_unknown_track_is_served_without_a_name(lake: Any) -> None:
    rows = pq.read_table(lake.folder("dim_track")).to_pylist()
    lake.write("dim_track", [row for row in rows if row["track_id"] != "r2"])
    publish(lake=lake.path)
    names = [row.track_name for row in recommendations_for(lake.served, "u1")]
    assert names == ["Choice 1", None, "Choice 3"]


def test_an_unknown_artist_and_album_have_the_name_gold_gives_them(lake: Any) -> None:
    rows = pq.read_table(lake.folder("dim_track")).to_pylist()
    lake.write("dim_track", [row | {"artist_key": -1, "album_key": -1} for row in rows])
    publish(lake=lake.path)
    first = recommendations_for(lake.served, "u1")[0]
    assert (first.artist_name, first.album_title) == ("Unknown artist", "Unknown album")


def test_a_repeated_dimension_row_repeats_no_recommendation(lake: Any) -> None:
    rows = pq.read_table(lake.folder("dim_artist")).to_pylist()
    lake.write("dim_artist", rows + rows)
    assert publish(lake=lake.path).rows == 9


@pytest.mark.parametrize("name", ["Beyoncé - «Déjà» 音楽 🎷", 'O\'Hara "Live"; drop table x--', ""])
def test_names_arrive_as_they_are(lake: Any, name: str) -> None:
    rows = pq.read_table(lake.folder("dim_track")).to_pylist()
    lake.write("dim_track", [row | {"track_name": name} for row in rows])
    publish(lake=lake.path)
    assert [row.track_name for row in recommendations_for(lake.served, "u1")] == [name] * 3
    assert [row.track_name for row in popular(lake.served, n=1)] == [name]


ODD = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(string.printable + "%_\0")))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(users=st.sets(ODD, min_size=1, max_size=8))
def test_every_user_id_finds_exactly_its_own_list(
    make_lake: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory, users: set[str]
) -> None:
    lake = make_lake(tmp_path_factory.mktemp("lakes") / "lake")
    ordered = sorted(users)
    lake.write("dim_user", [{"user_key": i, "user_id": user} for i, user in enumerate(ordered)])
    rows = lake.recommended(ordered)
    lake.write(
        "recommendations", [row | {"score": float(ordered.index(row["user_id"]))} for row in rows]
    )
    publish(lake=lake.path)
    for number, user in enumerate(ordered):
        assert [row.score for row in recommendations_for(lake.served, user)] == [number] * 3


def test_an_unknown_user_gets_nothing(lake: Any) -> None:
    publish(lake=lake.path)
    assert recommendations_for(lake.served, "nobody") == []
    assert recommendations_for(lake.served, "U1") == []
    assert recommendations_for(lake.served, "\udcff") == []


def test_a_folder_with_odd_characters_serves(make_lake: Callable[..., Any]) -> None:
    lake = make_lake("a ?#%20'ü [x]")
    publish(lake=lake.path)
    publish(lake=lake.path)
    assert len(recommendations_for(f"sqlite:///{lake.served}", "u1")) == 3


def test_many_batches_are_all_written(lake: Any) -> None:
    users = [f"u{number}" for number in range(1, 50_001)]
    lake.recommend(users)
    assert publish(lake=lake.path).rows == 150_000
    assert len(recommendations_for(lake.served, "u50000")) == 3


def test_the_file_explains_itself(lake: Any) -> None:
    publish(lake=lake.path)
    with closing(sqlite3.connect(lake.served)) as connection:
        ddl = dict(connection.execute("select name, sql from sqlite_master"))
    assert "-- One row per user and rank." in ddl["recommendations"]
    assert "-- 1 is best; no gaps" in ddl["recommendations"]
    assert ddl["recommendations_p1"].endswith(
        "primary key (user_id, rank, since_generation)\n) without rowid"
    )
