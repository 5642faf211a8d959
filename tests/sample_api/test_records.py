from __future__ import annotations

import re
import unicodedata
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_api.genres import GENRES
from sample_api.listens import listen_records
from sample_api.pages import records_at, total_of
from sample_api.records import Record
from sample_api.settings import SampleSettings

DEFAULT = SampleSettings()
GENRE_NAMES = {genre.name for genre in GENRES}


def everything(settings: SampleSettings, kind: str) -> list[Record]:
    return records_at(settings, kind, np.arange(total_of(settings, kind)))


@pytest.fixture(scope="module")
def world() -> dict[str, list[Record]]:
    return {kind: everything(DEFAULT, kind) for kind in ("tracks", "users", "listen_history")}


World = dict[str, list[Record]]


def test_ids_are_unique_and_look_arbitrary(world: World) -> None:
    for kind, size in (("tracks", 2000), ("users", 1000)):
        ids = [record["id"] for record in world[kind]]
        assert len(set(ids)) == size
        assert all(10_000 <= number < 100_000 for number in ids)
        assert max(ids) - min(ids) > 80_000


def test_listens_name_known_users_and_different_known_tracks(world: World) -> None:
    users = {record["id"] for record in world["users"]}
    tracks = {record["id"] for record in world["tracks"]}
    for record in world["listen_history"]:
        assert record["user_id"] in users
        assert set(record["items"]) <= tracks
        assert len(record["items"]) == len(set(record["items"]))
        assert 3 <= len(record["items"]) <= 12


def test_no_user_starts_two_sessions_at_once(world: World) -> None:
    starts = {(record["user_id"], record["created_at"]) for record in world["listen_history"]}
    assert len(starts) == 20_000


def test_tracks_and_users_are_older_than_all_listening(world: World) -> None:
    listens = [record["created_at"] for record in world["listen_history"]]
    assert "2024-11-01" < min(listens) < "2024-11-03"
    assert "2026-10-30" < max(listens) < "2026-11-01"
    for kind in ("tracks", "users"):
        assert max(record["created_at"] for record in world[kind]) < min(listens)


def test_nothing_is_updated_before_it_is_created(world: World) -> None:
    for records in world.values():
        assert all(record["created_at"] <= record["updated_at"] for record in records)


def test_texts_are_well_formed(world: World) -> None:
    for track in world["tracks"]:
        assert re.fullmatch(r"\d\d:[0-5]\d", track["duration"])
        assert set(track["genres"].split(", ")) <= GENRE_NAMES
    for user in world["users"]:
        assert re.fullmatch(r"[a-z]+\.[a-z]+\d+@example\.(com|org|net)", user["email"])
        assert set(user["favorite_genres"].split(", ")) <= GENRE_NAMES
    for record in world["tracks"] + world["users"]:
        for text in (value for value in record.values() if isinstance(value, str)):
            assert text == unicodedata.normalize("NFC", text).strip() != ""


def test_artists_have_one_main_genre_and_albums_one_artist(world: World) -> None:
    genres: dict[str, set[str]] = {}
    for track in world["tracks"]:
        genres.setdefault(track["artist"], set()).add(track["genres"].split(", ")[0])
    assert len(genres) == pytest.approx(2000 / 12, rel=0.05)
    assert all(len(main) == 1 for main in genres.values())
    albums = {(track["artist"], track["album"]) for track in world["tracks"]}
    assert len(albums) == pytest.approx(200, rel=0.15)


def test_some_tracks_and_users_have_several_genres(world: World) -> None:
    tracks = [track["genres"].count(", ") for track in world["tracks"]]
    users = [user["favorite_genres"].count(", ") for user in world["users"]]
    assert set(tracks) == {0, 1}
    assert set(users) == {0, 1, 2}


def test_pages_of_any_size_show_the_same_records(world: World) -> None:
    for kind, records in world.items():
        by_seven = records_at(DEFAULT, kind, np.arange(700, 707))
        assert by_seven == records[700:707]


def test_another_seed_is_another_world(world: World) -> None:
    other = everything(SampleSettings(seed=43), "tracks")
    same = [one == two for one, two in zip(world["tracks"], other, strict=True)]
    assert not any(same)


def test_more_listens_keep_the_records_of_fewer(world: World) -> None:
    kept = listen_records(SampleSettings(listens=10**8), np.arange(20_000))
    key = str
    assert sorted(kept, key=key) == sorted(world["listen_history"], key=key)


def test_dates_follow_the_end() -> None:
    early = SampleSettings(end=datetime.fromisoformat("2020-02-29"))
    starts = [record["created_at"] for record in listen_records(early, np.arange(1000))]
    assert "2018-03" <= min(starts) < max(starts) < "2020-02-29"


@given(
    users=st.integers(1, 40),
    tracks=st.integers(1, 40),
    seed=st.integers(-5, 2**64),
    dirty=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_any_small_world_is_whole(users: int, tracks: int, seed: int, dirty: bool) -> None:
    small = SampleSettings(users=users, tracks=tracks, listens=50, seed=seed, dirty=dirty)
    assert len({record["id"] for record in everything(small, "users")}) == users
    assert len({record["id"] for record in everything(small, "tracks")}) == tracks
    lengths = [len(record["items"] or []) for record in everything(small, "listen_history")]
    assert max(lengths) <= min(12, tracks)
    assert dirty or min(lengths) >= min(3, tracks)
