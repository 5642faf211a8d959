"""What a visitor without an account sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.heard import Listening
from publish.names import known_tracks, known_users
from publish.popular import popular_by_genre
from publish.reader import PopularTrack, popular
from publish.service import publish

LISTENS = st.lists(
    st.tuples(st.integers(-1, 4), st.sampled_from([-1, *range(11, 17)]), st.integers(1, 3)),
    max_size=40,
)
PAIRS = st.lists(st.tuples(st.sampled_from([-1, *range(11, 17)]), st.sampled_from([-1, 1, 2, 3])))


def test_overall_goes_by_listeners_then_plays(lake: Any) -> None:
    lake.write(
        "fct_listen_history",
        [
            {"user_key": 1, "track_key": 11, "play_count": 100},
            {"user_key": 1, "track_key": 11, "play_count": 100},
            {"user_key": 1, "track_key": 12, "play_count": 1},
            {"user_key": 2, "track_key": 12, "play_count": 2},
            {"user_key": 1, "track_key": 13, "play_count": 1},
            {"user_key": 2, "track_key": 13, "play_count": 1},
        ],
    )
    publish(lake=lake.path)
    assert popular(lake.served) == [
        PopularTrack(1, "t2", "Track 2", "Even", 2),
        PopularTrack(2, "t3", "Track 3", "Odd", 2),
        PopularTrack(3, "t1", "Track 1", "Odd", 1),
    ]


def test_a_genre_holds_its_own_tracks_only(lake: Any) -> None:
    publish(lake=lake.path)
    assert [row.track_id for row in popular(lake.served, genre="Rock", n=2)] == ["t2", "t1"]
    assert [row.track_id for row in popular(lake.served, genre="Jazz")] == ["t4"]
    assert popular(lake.served, genre="Unknown genre") == []


def test_lists_end_at_fifty(lake: Any) -> None:
    numbers = range(1, 71)
    lake.write(
        "dim_track",
        [
            {"track_key": n, "track_id": f"t{n}", "track_name": "x", "artist_key": 100}
            for n in numbers
        ],
    )
    lake.write("bridge_track_genre", [{"track_key": n, "genre_key": 1} for n in numbers])
    lake.write(
        "fct_listen_history", [{"user_key": 1, "track_key": n, "play_count": n} for n in numbers]
    )
    publish(lake=lake.path)
    for genre in ("all", "Rock"):
        rows = popular(lake.served, genre=genre, n=1000)
        assert [row.track_id for row in rows] == [f"t{n}" for n in range(70, 20, -1)]
        assert [row.rank for row in rows] == [*range(1, 51)]


def test_a_genre_called_all_gives_way_to_the_overall_list(lake: Any) -> None:
    lake.write("dim_genre", [{"genre_key": 2, "genre_name": "all"}])
    publish(lake=lake.path)
    assert len(popular(lake.served)) == 4


def test_without_listens_nothing_is_popular(lake: Any) -> None:
    lake.write("fct_listen_history", [])
    publish(lake=lake.path)
    assert popular(lake.served) == []


def expected(listens: list[tuple[int, int, int]], pairs: list[tuple[int, int]]) -> list[Any]:
    """The same lists in plain Python; tracks 11 to 15 are known, genre 3 shares 2's name."""
    names = {1: "Rock", 2: "Jazz", 3: "Jazz"}
    listeners, plays = defaultdict[int, set[int]](set), defaultdict[int, int](int)
    for user, track, count in listens:
        if user != -1 and 11 <= track <= 15:
            listeners[track].add(user)
            plays[track] += count
    genres = {("all", track) for track in listeners}
    genres |= {(names[genre], track) for track, genre in pairs if genre in names}
    lists = []
    for genre in sorted({name for name, _ in genres}):
        tracks = [track for name, track in genres if name == genre and track in listeners]
        tracks.sort(key=lambda track: (-len(listeners[track]), -plays[track], track))
        lists += [
            (genre, rank, f"t{track - 10}", len(listeners[track]))
            for rank, track in enumerate(tracks[:3], start=1)
        ]
    return lists


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(listens=LISTENS, pairs=PAIRS, at_once=st.integers(1, 50))
def test_lists_are_those_of_a_plain_count(
    make_lake: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
    listens: list[tuple[int, int, int]],
    pairs: list[tuple[int, int]],
    at_once: int,
) -> None:
    lake = make_lake(tmp_path_factory.mktemp("lakes") / "lake")
    genres = [(-1, "Unknown genre"), (1, "Rock"), (2, "Jazz"), (3, "Jazz")]
    lake.write("dim_genre", [{"genre_key": key, "genre_name": name} for key, name in genres])
    lake.write("bridge_track_genre", [{"track_key": t, "genre_key": g} for t, g in pairs])
    columns = ("user_key", "track_key", "play_count")
    lake.write("fct_listen_history", [dict(zip(columns, row, strict=True)) for row in listens])

    tracks = known_tracks(lake.path)
    with Listening(
        lake.path, tracks=tracks, users=known_users(lake.path), recommended=0, at_once=at_once
    ) as listening:
        heard = listening.heard
    found: pa.Table = popular_by_genre(lake.path, tracks=tracks, heard=heard, top=3)
    rows = found.select(["genre_name", "rank", "track_id", "listener_count"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == expected(listens, pairs)
