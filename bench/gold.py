"""A lake's gold tables of any size, as a build and a training would leave them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TRACKS = 100_000
LENGTH = 10
GENRES = 50
FILE_ROWS = 250_000
USERS_AT_ONCE = 25_000


def write_gold(lake: Path, *, rows: int) -> None:
    """A tenth as many users as rows, as many listens as rows, and recommendations of model 1."""
    users = rows // LENGTH
    keys = np.arange(1, users + 1)
    _write(lake, "dim_user", {"user_key": keys, "user_id": _ids("user-", keys)})
    tracks = np.arange(1, TRACKS + 1)
    names = {
        "track_key": tracks,
        "track_id": _ids("track-", tracks),
        "track_name": np.char.mod("Keen Marigold no. %d", tracks),
        "artist_key": tracks // 20,
        "album_key": tracks // 10,
    }
    _write(lake, "dim_track", names)
    artists, albums, genres = np.unique(tracks // 20), np.unique(tracks // 10), np.arange(GENRES)
    _write(lake, "dim_artist", {"artist_key": artists, "artist_name": _ids("Bramble ", artists)})
    _write(lake, "dim_album", {"album_key": albums, "album_title": _ids("Upland ", albums)})
    _write(lake, "dim_genre", {"genre_key": genres, "genre_name": _ids("Genre ", genres)})
    pairs = {"track_key": tracks, "genre_key": tracks % GENRES}
    _write(lake, "bridge_track_genre", pairs)
    heard = {
        "user_key": np.repeat(keys, LENGTH),
        "track_key": _tracks(keys, parity=0).ravel(),
        "play_count": np.ones(users * LENGTH, dtype=np.int32),
    }
    _write(lake, "fct_listen_history", heard)
    write_recommendations(lake, users=users, model=1)


def write_recommendations(
    lake: Path, *, users: int, model: int, before: int = 0, changed_share: float = 1.0
) -> None:
    """Ten for each user, users shuffled over files; a share of them have scores of this model.

    The others have those of the model before.
    """
    folder = _emptied(lake, "recommendations")
    tracks = _ids("track-", np.arange(1, TRACKS + 2))
    random = np.random.default_rng(7)
    order = random.permutation(users) + 1
    for number, start in enumerate(range(0, users, USERS_AT_ONCE)):
        keys = order[start : start + USERS_AT_ONCE]
        is_changed = np.repeat(keys % 1000 < changed_share * 1000, LENGTH)
        count = len(keys) * LENGTH
        score = (
            0.5 + np.repeat(keys, LENGTH) / (users * 3) + np.where(is_changed, model, before) / 100
        )
        of_popular = np.repeat(keys, LENGTH) % 10 == 0
        because = np.repeat(_tracks(keys, parity=0)[:, :1], LENGTH)
        columns = {
            "user_id": np.repeat(_ids("user-", keys), LENGTH),
            "rank": np.tile(np.arange(1, LENGTH + 1, dtype=np.int32), len(keys)),
            "track_id": tracks[_tracks(keys, parity=1).ravel() - 1],
            "score": score,
            "reason": np.where(of_popular, "popular", "als"),
            "because_track_id": pa.array(tracks[because - 1], mask=of_popular),
            **_made(count, model),
        }
        pq.write_table(pa.table(columns), folder / f"part-{number:05}.zstd.parquet")


def _tracks(keys: Any, *, parity: int) -> Any:
    """Ten tracks a user; those of one parity are never among those of the other."""
    even = (keys[:, None] * 7_918 + np.arange(LENGTH) * 9_998) % TRACKS
    return even + 1 + parity


def _made(count: int, model: int) -> dict[str, Any]:
    moment = datetime(2026, 11, 1, model, tzinfo=UTC)
    return {
        "model_version": pa.repeat(f"m{model}", count),
        "generated_at": pa.repeat(pa.scalar(moment, pa.timestamp("us", tz="UTC")), count),
    }


def _ids(prefix: str, numbers: Any) -> Any:
    return np.char.add(prefix, np.char.mod("%07d", numbers))


def _emptied(lake: Path, name: str) -> Path:
    folder = lake / "gold" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _write(lake: Path, name: str, columns: dict[str, Any]) -> None:
    folder, table = _emptied(lake, name), pa.table(columns)
    for number, start in enumerate(range(0, len(table), FILE_ROWS)):
        part = table.slice(start, FILE_ROWS)
        pq.write_table(part, folder / f"part-{number:05}.zstd.parquet", compression="zstd")
