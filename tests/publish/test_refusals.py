"""What is not fit to be seen is refused, and what was served before still is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publish import gold
from publish.errors import (
    GoldTableError,
    NotAServingDatabaseError,
    NothingPublishedError,
    PublicationFailedError,
    PublicationRefusedError,
)
from publish.heard import Listening
from publish.names import RECOMMENDED_NAMES, known_tracks, known_users, with_names
from publish.reader import generation, recommendations_for
from publish.schema import RECOMMENDATIONS, Table
from publish.service import publish
from publish.sqlitedb import SqliteDatabase

Spoil = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

UNFIT: dict[str, tuple[Spoil, str]] = {
    "empty": (lambda _: [], "is empty"),
    "starts at 2": (lambda rows: [r for r in rows if r["rank"] > 1], "ranks of 3 lists"),
    "gap": (lambda rows: [r for r in rows if (r["user_id"], r["rank"]) != ("u2", 2)], "'u2'"),
    "repeated": (lambda rows: [*rows, rows[0]], "'u1'"),
    "repeated rank": (
        lambda rows: [r | {"rank": 1 if r["rank"] == 2 else r["rank"]} for r in rows],
        "the ranks of 3 lists",
    ),
    "no user": (lambda rows: [*rows, rows[0] | {"user_id": None}], "missing"),
    "no rank": (lambda rows: [*rows, rows[0] | {"rank": None}], "missing"),
    "no track": (lambda rows: [*rows[1:], rows[0] | {"track_id": None}], "missing"),
    "short": (lambda rows: [r for r in rows if (r["user_id"], r["rank"]) != ("u2", 3)], "'u2'"),
    "heard": (
        lambda rows: [r | {"track_id": "t2"} if r["rank"] == 3 else r for r in rows],
        "track 't2', heard already",
    ),
    "two models": (
        lambda rows: [*rows, rows[0] | {"rank": 4, "model_version": "m0"}],
        "mixes the models m0, m2",
    ),
    "nameless model": (lambda rows: [r | {"model_version": None} for r in rows], "which model"),
    "left out": (lambda rows: [r for r in rows if r["user_id"] != "u3"], "'u3'"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_an_unfit_generation_leaves_the_served_one(lake: Any, case: str) -> None:
    publish(lake=lake.path)
    before, inode = dump(lake.served), lake.served.stat().st_ino
    spoil, message = UNFIT[case]
    lake.recommend(["u1", "u2", "u3"], version="m2")
    lake.write("recommendations", spoil(pq.read_table(lake.folder("recommendations")).to_pylist()))

    with pytest.raises(PublicationRefusedError, match=message):
        publish(lake=lake.path)

    assert dump(lake.served) == before
    assert lake.served.stat().st_ino == inode
    assert {path.name for path in lake.served.parent.iterdir()} <= {"medley.db", "medley.db.lock"}

    lake.recommend(["u1", "u2", "u3"], version="m3")
    publish(lake=lake.path)
    assert generation(lake.served).model_version == "m3"


def dump(path: Path) -> list[str]:
    """All that is in the file, whether readers see it or not."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_what_has_gaps_is_refused_in_every_list(lake: Any) -> None:
    lake.alike(["t1", "t2"])
    rows = pq.read_table(lake.folder("similar_tracks")).to_pylist()
    lake.write("similar_tracks", [row for row in rows if row["rank"] != 2])
    with pytest.raises(PublicationRefusedError, match="similar_tracks: the ranks of 2 lists"):
        publish(lake=lake.path)


def test_a_row_that_did_not_arrive_is_noticed(lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(lake=lake.path)
    lake.recommend(["u1", "u2", "u3"], version="m2", score=2.0)
    write = SqliteDatabase.insert

    def lossy(self: SqliteDatabase, table: Table, *args: Any, batches: Any, **kwargs: Any) -> int:
        return write(self, table, *args, batches=(batch[1:] for batch in batches), **kwargs)

    monkeypatch.setattr(SqliteDatabase, "insert", lossy)
    with pytest.raises(PublicationRefusedError, match="of 9 rows were written"):
        publish(lake=lake.path)
    assert generation(lake.served).model_version == "m1"


def test_an_older_generation_is_refused_unless_it_is_wanted(lake: Any) -> None:
    publish(lake=lake.path)
    before = lake.generated_at - timedelta(seconds=1)
    lake.recommend(["u1", "u2", "u3"], version="m0", at=before)
    with pytest.raises(PublicationRefusedError, match="--allow-older"):
        publish(lake=lake.path)
    assert generation(lake.served).model_version == "m1"
    assert publish(lake=lake.path, allow_older=True).generation == 2
    assert generation(lake.served).generated_at == before


@pytest.mark.parametrize("at_once", [1, 7, 100, 1_000])
def test_one_heard_track_among_many_is_found(
    lake: Any, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """However many listens, lists, rows or batches there are at once."""
    users = [f"u{number}" for number in range(1, 101)]
    rows = [{"user_key": key, "user_id": user} for key, user in enumerate(users, start=1)]
    lake.write("dim_user", rows)
    lake.recommend(users)
    lake.write("fct_listen_history", [{"user_key": 77, "track_key": 203, "play_count": 1}])
    monkeypatch.setattr("publish.heard.LISTS_AT_ONCE", at_once)
    read = gold.GoldTable.batches
    monkeypatch.setattr(gold.GoldTable, "batches", partialmethod(read, rows=at_once))
    tracks, opened = known_tracks(lake.path), gold.open_table(lake.path, "recommendations")
    recommended = with_names(opened, tracks=tracks, table=RECOMMENDATIONS, named=RECOMMENDED_NAMES)
    count, known = 3 * len(users), known_users(lake.path)
    with Listening(
        lake.path, tracks=tracks, users=known, recommended=count, at_once=at_once
    ) as listening:
        with pytest.raises(RuntimeError, match="not all"):
            _ = listening.repeated
        assert sum(map(len, listening.offer(recommended))) == count
        assert listening.repeated == ("u77", "r3")


def test_the_first_generation_is_checked_too(lake: Any) -> None:
    lake.write("recommendations", [])
    with pytest.raises(PublicationRefusedError):
        publish(lake=lake.path)
    assert not lake.served.exists()


def test_a_repeated_rank_is_refused_where_nothing_is_served(lake: Any) -> None:
    rows = pq.read_table(lake.folder("recommendations")).to_pylist()
    lake.write("recommendations", UNFIT["repeated rank"][0](rows))
    with pytest.raises(PublicationRefusedError, match="key is repeated"):
        publish(lake=lake.path)
    assert not lake.served.exists()


def test_the_unknown_user_needs_no_list_and_a_lake_without_dim_user_serves(lake: Any) -> None:
    lake.write("dim_user", [{"user_key": -1, "user_id": "unknown"}])
    assert publish(lake=lake.path).users == 3
    lake.folder("dim_user").unlink()
    assert publish(lake=lake.path).users == 3


TABLES = [
    *("recommendations", "dim_track", "dim_artist", "dim_album", "dim_genre"),
    *("bridge_track_genre", "fct_listen_history"),
]


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_table_is_named_with_its_remedy(lake: Any, name: str) -> None:
    lake.folder(name).unlink()
    with pytest.raises(GoldTableError, match=r"(run|then) `medley train`") as caught:
        publish(lake=lake.path)
    assert str(lake.folder(name)) in str(caught.value)


@pytest.mark.parametrize("name", TABLES)
def test_a_folder_without_parquet_is_named(lake: Any, name: str) -> None:
    for part in lake.folder(name).glob("part-*"):
        part.unlink()
    with pytest.raises(GoldTableError, match="holds no Parquet file") as caught:
        publish(lake=lake.path)
    assert str(lake.folder(name)) in str(caught.value)


def test_a_missing_column_is_named(lake: Any) -> None:
    folder = lake.folder("dim_album").resolve()
    shutil.rmtree(folder)
    folder.mkdir()
    pq.write_table(pa.table({"album_key": [1], "title": ["x"]}), folder / "part-0.parquet")
    with pytest.raises(GoldTableError, match="dim_album lacks the column album_title"):
        publish(lake=lake.path)


@pytest.mark.parametrize("keep", [0, 500])
def test_a_damaged_file_is_named_and_nothing_changes(lake: Any, keep: int) -> None:
    publish(lake=lake.path)
    lake.recommend([f"u{number}" for number in range(1, 2000)], version="m2")
    for part in lake.folder("recommendations").glob("part-*"):
        part.write_bytes(part.read_bytes()[:keep])
    with pytest.raises(GoldTableError, match="recommendations"):
        publish(lake=lake.path)
    assert generation(lake.served).model_version == "m1"


def test_a_column_of_another_kind_is_named(lake: Any) -> None:
    folder = lake.folder("recommendations")
    table = pq.read_table(folder)
    spoilt = pa.array(["one"] * len(table))
    table = table.set_column(table.schema.get_field_index("rank"), "rank", spoilt)
    for part in folder.glob("part-*"):
        part.unlink()
    pq.write_table(table, folder / "part-0.parquet")
    with pytest.raises(GoldTableError, match="recommendations"):
        publish(lake=lake.path)


def test_a_database_of_somebody_else_is_not_replaced(lake: Any) -> None:
    path = lake.path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table precious (x)")
    before = path.read_bytes()
    for url in (f"sqlite:///{path}", f"sqlite:///{lake.path}"):
        with pytest.raises(NotAServingDatabaseError, match="--to"):
            publish(lake=lake.path, url=url)
    assert path.read_bytes() == before
    with pytest.raises(NotAServingDatabaseError):
        recommendations_for(path, "u1")


def test_a_text_file_is_not_replaced_but_an_empty_one_is(lake: Any) -> None:
    path = lake.path / "notes.txt"
    path.write_text("not a database " * 100)
    with pytest.raises(NotAServingDatabaseError):
        publish(lake=lake.path, url=f"sqlite:///{path}")
    path.write_text("")
    assert publish(lake=lake.path, url=f"sqlite:///{path}").rows == 9


def test_a_folder_that_cannot_be_made_is_named(lake: Any) -> None:
    (lake.path / "file").touch()
    with pytest.raises(PublicationFailedError, match="file/below"):
        publish(lake=lake.path, url=f"sqlite:///{lake.path}/file/below/medley.db")


def test_before_the_first_publication_a_reader_learns_what_to_run(lake: Any) -> None:
    with pytest.raises(NothingPublishedError, match="run `medley publish`"):
        recommendations_for(lake.served, "u1")
    assert not lake.served.exists()


@pytest.mark.parametrize(("left", "fit"), [(0, True), (1, False)])
def test_only_who_has_heard_everything_may_be_without_a_list(
    lake: Any, left: int, fit: bool
) -> None:
    users = [{"user_key": number, "user_id": f"u{number}"} for number in (1, 2, 3, 4)]
    lake.write("dim_user", users)
    tracks = pq.read_table(lake.folder("dim_track"))["track_key"].to_pylist()
    listens = [{"user_key": 4, "track_key": key, "play_count": 1} for key in tracks[left + 1 :]]
    lake.write("fct_listen_history", [*listens, *listens, {"user_key": 4, "track_key": -1}])
    if fit:
        assert publish(lake=lake.path).users == 3
    else:
        with pytest.raises(PublicationRefusedError, match="'u4'"):
            publish(lake=lake.path)


def test_a_list_of_all_that_is_left_to_hear_is_full(lake: Any) -> None:
    tracks = pq.read_table(lake.folder("dim_track")).to_pylist()
    heard = [row["track_key"] for row in tracks if row["track_id"] not in (None, "r1", "r2")]
    rows = [{"user_key": 3, "track_key": key, "play_count": 1} for key in heard]
    lake.write("fct_listen_history", rows)
    lists = pq.read_table(lake.folder("recommendations")).to_pylist()
    lake.write(
        "recommendations", [row for row in lists if (row["user_id"], row["rank"]) != ("u3", 3)]
    )
    assert publish(lake=lake.path).rows == 8


def test_a_column_that_one_file_lacks_is_told(lake: Any) -> None:
    part = sorted(lake.folder("recommendations").glob("part-*"))[-1]
    pq.write_table(pq.read_table(part).drop_columns(["score"]), part)
    with pytest.raises(GoldTableError, match=r"cannot read .*score"):
        publish(lake=lake.path)
