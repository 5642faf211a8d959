"""Small gold folders, written with pyarrow as Spark would leave them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.postgresql import query, server, url  # noqa: F401 - fixtures

GENERATED_AT = datetime(2026, 11, 2, 3, 4, 5, 678_901, tzinfo=UTC)
TYPES: dict[str, pa.DataType] = {
    "rank": pa.int32(),
    "score": pa.float64(),
    "generated_at": pa.timestamp("us", tz="UTC"),
    "play_count": pa.int32(),
    "duration_seconds": pa.int32(),
}
UNHEARD = 60
Rows = Iterable[Mapping[str, Any]]


def schema_of(columns: Sequence[str]) -> pa.Schema:
    def type_of(name: str) -> pa.DataType:
        return TYPES.get(name, pa.int64() if name.endswith("_key") else pa.string())

    return pa.schema([(name, type_of(name)) for name in columns])


COLUMNS = {
    "recommendations": [
        *("user_id", "rank", "track_id", "score", "reason", "because_track_id"),
        *("model_version", "generated_at"),
    ],
    "similar_tracks": [
        *("track_id", "rank", "similar_track_id", "score", "model_version", "generated_at")
    ],
    "dim_user": ["user_key", "user_id"],
    "dim_track": [
        *("track_key", "track_id", "track_name", "artist_key", "album_key", "duration_seconds")
    ],
    "dim_artist": ["artist_key", "artist_name"],
    "dim_album": ["album_key", "album_title"],
    "dim_genre": ["genre_key", "genre_name"],
    "bridge_track_genre": ["track_key", "genre_key"],
    "fct_listen_history": ["user_key", "track_key", "play_count"],
}


@dataclass
class Lake:
    """A lake whose gold tables a test writes and overwrites."""

    path: Path
    written: dict[str, int] = field(default_factory=dict)
    generated_at: datetime = GENERATED_AT

    @property
    def served(self) -> Path:
        return self.path / "serving" / "medley.db"

    def folder(self, name: str) -> Path:
        return self.path / "gold" / name

    def write(self, name: str, rows: Rows, *, files: int = 2) -> None:
        """Replace a table by these rows, a version folder behind a link, in several files."""
        version = self.written[name] = self.written.get(name, 0) + 1
        folder = self.path / "gold" / "_versions" / f"{name}-{version}"
        folder.mkdir(parents=True)
        table = pa.Table.from_pylist([dict(row) for row in rows], schema_of(COLUMNS[name]))
        size = max(1, -(-len(table) // files))
        for start in range(0, max(1, len(table)), size):
            pq.write_table(table.slice(start, size), folder / f"part-{start:05}.zstd.parquet")
        (folder / "_SUCCESS").touch()
        (folder / ".part-00000.crc").write_bytes(b"not Parquet")
        link = self.folder(name)
        link.unlink(missing_ok=True)
        link.symlink_to(folder)

    @staticmethod
    def recommended(users: Iterable[str], *, score: float = 1.0) -> list[dict[str, Any]]:
        return recommended(users, score=score)

    def recommend(
        self,
        users: Iterable[str],
        *,
        length: int = 3,
        version: str = "m1",
        score: float = 1.0,
        at: datetime = GENERATED_AT,
    ) -> None:
        """Recommend r1, r2 ... to every user."""
        rows = recommended(users, length, version, score)
        self.write("recommendations", [row | {"generated_at": at} for row in rows])

    def alike(
        self, tracks: Iterable[str], *, length: int = 3, version: str = "m1", score: float = 1.0
    ) -> None:
        """Let r1, r2 ... be like every track."""
        self.write(
            "similar_tracks",
            [
                {
                    "track_id": track,
                    "rank": rank,
                    "similar_track_id": f"r{rank}",
                    "score": score,
                    "model_version": version,
                    "generated_at": GENERATED_AT,
                }
                for rank in range(1, length + 1)
                for track in tracks
            ],
        )


def recommended(
    users: Iterable[str], length: int = 3, version: str = "m1", score: float = 1.0
) -> list[dict[str, Any]]:
    return [
        {
            "user_id": user,
            "rank": rank,
            "track_id": f"r{rank}",
            "score": score,
            "reason": "als",
            "because_track_id": "t1",
            "model_version": version,
            "generated_at": GENERATED_AT,
        }
        for rank in range(length, 0, -1)
        for user in users
    ]


@pytest.fixture(scope="session")
def make_any_lake() -> Callable[[Path], Lake]:
    def make(path: Path) -> Lake:
        """Tracks t1 to t5, of which u1 to u3 heard some, and r1 to r60, which nobody has heard."""
        lake = Lake(path)
        lake.write(
            "dim_user",
            [{"user_key": -1}]
            + [{"user_key": number, "user_id": f"u{number}"} for number in (1, 2, 3)],
        )
        lake.write(
            "dim_track",
            [{"track_key": -1, "artist_key": -1, "album_key": -1}]
            + [
                {
                    "track_key": 10 + number,
                    "track_id": f"t{number}",
                    "track_name": f"Track {number}",
                    "artist_key": 100 + number % 2,
                    "album_key": 1000 if number < 5 else -1,
                    "duration_seconds": 200,
                }
                for number in range(1, 6)
            ]
            + [
                {
                    "track_key": 200 + number,
                    "track_id": f"r{number}",
                    "track_name": f"Choice {number}",
                    "artist_key": 100 + number % 2,
                    "album_key": 1000 if number < 5 else -1,
                    "duration_seconds": 200,
                }
                for number in range(1, UNHEARD + 1)
            ],
        )
        lake.write(
            "dim_artist",
            [
                {"artist_key": -1, "artist_name": "Unknown artist"},
                {"artist_key": 100, "artist_name": "Even"},
                {"artist_key": 101, "artist_name": "Odd"},
            ],
        )
        lake.write(
            "dim_album",
            [
                {"album_key": -1, "album_title": "Unknown album"},
                {"album_key": 1000, "album_title": "First"},
            ],
        )
        lake.write(
            "dim_genre",
            [
                {"genre_key": -1, "genre_name": "Unknown genre"},
                {"genre_key": 1, "genre_name": "Rock"},
                {"genre_key": 2, "genre_name": "Jazz"},
            ],
        )
        lake.write(
            "bridge_track_genre",
            [
                {"track_key": 10 + number, "genre_key": 1 if number < 4 else 2}
                for number in range(1, 6)
            ],
        )
        lake.write(
            "fct_listen_history",
            [
                {"user_key": user, "track_key": 10 + track, "play_count": user * track}
                for user in (1, 2, 3)
                for track in range(1, user + 2)
            ],
        )
        lake.recommend(["u1", "u2", "u3"])
        return lake

    return make


@pytest.fixture
def make_lake(tmp_path: Path, make_any_lake: Callable[[Path], Lake]) -> Callable[..., Lake]:
    return lambda name="lake": make_any_lake(tmp_path / name)


@pytest.fixture
def lake(make_lake: Callable[..., Lake]) -> Lake:
    return make_lake()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, lake: Lake) -> str:
    """The URL of an empty serving database, of each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{lake.served}"
    found: str = request.getfixturevalue("url")
    return found
