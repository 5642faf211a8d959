"""What people listen to and what they are recommended: from gold, by Arrow alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from publish import gold
from publish.arrow import grouped, looked_up
from publish.names import UNKNOWN_KEY, known_tracks

PLAYS = "plays"
KNOWN = pc.field("track_key") != UNKNOWN_KEY


@dataclass(frozen=True)
class Ranked:
    """An entry of a ranking: `share` is of the first one's plays."""

    name: str
    detail: str
    plays: int
    share: float


@dataclass(frozen=True)
class Listener:
    """A user, what they hear most, and what they are recommended: (track, artist, reason)."""

    user_id: str
    heard: list[str]
    recommended: list[tuple[str, str, str]]


def top_tracks(lake: Path, *, n: int) -> list[Ranked]:
    """The tracks played most, with their artists."""
    plays = _plays(lake).slice(0, n)
    named = looked_up(plays["track_key"], known_tracks(lake), by="track_key")
    columns = (named["track_name"], named["artist_name"], plays[PLAYS])
    return _ranked(*(column.to_pylist() for column in columns))


def top_genres(lake: Path, *, n: int) -> list[Ranked]:
    """The genres played most; a track of two genres counts for both."""
    bridge = gold.open_table(lake, "bridge_track_genre").whole()
    joined = bridge.join(_plays(lake), "track_key", join_type="inner")
    plays = joined.group_by("genre_key").aggregate([(PLAYS, "sum")])
    plays = plays.filter(pc.field("genre_key") != UNKNOWN_KEY)
    plays = plays.sort_by([(f"{PLAYS}_sum", "descending"), ("genre_key", "ascending")]).slice(0, n)
    genres = gold.open_table(lake, "dim_genre").whole()
    named = looked_up(plays["genre_key"], genres, by="genre_key")
    counted = plays[f"{PLAYS}_sum"].to_pylist()
    return _ranked(named["genre_name"].to_pylist(), [""] * len(counted), counted)


def active_users(lake: Path, *, n: int) -> list[str]:
    """The users who listened most, among those known."""
    folder = lake / "gold" / "fct_listen_history"
    if not folder.exists():
        return []
    known = ~pc.field("is_orphan_user")
    listens = ds.dataset(folder).to_table(columns=["user_id"], filter=known)
    counts = listens.group_by("user_id").aggregate([([], "count_all")])
    first = counts.sort_by([("count_all", "descending"), ("user_id", "ascending")])
    return [str(user_id) for user_id in first.slice(0, n)["user_id"].to_pylist()]


def sample(lake: Path, *, users: int, tracks: int) -> list[Listener]:
    """What the most active users hear, and the top of their lists."""
    chosen = active_users(lake, n=users)
    names = known_tracks(lake)
    mine = pc.field("user_id").isin(chosen)
    lists = ds.dataset(lake / "gold" / "recommendations").to_table(
        ["user_id", "rank", "track_id", "reason"], filter=mine & (pc.field("rank") <= tracks)
    )
    lists = lists.sort_by([("user_id", "ascending"), ("rank", "ascending")])
    named = looked_up(lists["track_id"], names, by="track_id")
    columns = (lists["user_id"], named["track_name"], named["artist_name"], lists["reason"])
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    listed: dict[str, list[tuple[str, str, str]]] = {user: [] for user in chosen}
    for user, track, artist, reason in rows:
        listed[user].append((track or "?", artist or "?", reason))
    return [
        Listener(user, _heard(lake, user, names, n=3), found)
        for user, found in listed.items()
        if found
    ]


def _heard(lake: Path, user: str, names: pa.Table, *, n: int) -> list[str]:
    mine = (pc.field("user_id") == user) & KNOWN
    fact = ds.dataset(lake / "gold" / "fct_listen_history")
    heard = fact.to_table(columns=["track_key", "play_count"], filter=mine)
    plays = heard.group_by("track_key").aggregate([("play_count", "sum")])
    first = plays.sort_by([("play_count_sum", "descending"), ("track_key", "ascending")])
    named = looked_up(first.slice(0, n)["track_key"], names, by="track_key")
    pairs = zip(named["track_name"].to_pylist(), named["artist_name"].to_pylist(), strict=True)
    return [f"{track} by {artist}" for track, artist in pairs if track]


def _plays(lake: Path) -> pa.Table:
    """Plays of each known track, the most played first: track_key, plays."""
    fact = gold.open_table(lake, "fct_listen_history")
    plays = grouped(fact, keys=["track_key"], sums=[("play_count", "sum", PLAYS)], where=KNOWN)
    return plays.sort_by([(PLAYS, "descending"), ("track_key", "ascending")])


def _ranked(names: list[Any], details: list[Any], plays: list[Any]) -> list[Ranked]:
    most = max(plays, default=0) or 1
    return [
        Ranked(name or "?", detail or "", heard, heard / most)
        for name, detail, heard in zip(names, details, plays, strict=True)
    ]
