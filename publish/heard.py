"""What users have heard: how many heard each track, and nobody is recommended what they heard.

A listen, and a recommendation, is a number made of its user's place and its track's. The numbers
are put aside on disk, in files of a share of the users each, and compared a share at a time: so
both tables are read once, and memory grows neither with the one nor with the other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import grouped, looked_up, run_starts
from publish.names import UNKNOWN_KEY

Numbers = npt.NDArray[np.int64]
PAIRS_AT_ONCE = 1_000_000
ROWS_AT_ONCE = 500_000
MOST_SHARES = 200  # two open files each
USER_KNOWN = pc.field("user_key") != UNKNOWN_KEY
BOTH_KNOWN = (pc.field("track_key") != UNKNOWN_KEY) & USER_KNOWN


@dataclass(frozen=True)
class Heard:
    """What `listening` found.

    Attributes:
        listeners: How many known users heard it, for each known track.
        plays: How often they did, likewise.
        repeated: A user_id and the track_id that is recommended to this user, who has heard it;
            None is right, and what a lake without dim_user has.
    """

    listeners: Numbers
    plays: Numbers
    repeated: tuple[str, str] | None


def listening(
    lake: Path,
    recommended: gold.GoldTable,
    *,
    tracks: pa.Table,
    at_once: int = PAIRS_AT_ONCE,
) -> Heard:
    """Read what known users heard of the known tracks, and compare it with what they are offered.

    Args:
        lake: The folder that holds `gold/`.
        recommended: user_id and track_id.
        tracks: What `publish.names.known_tracks` returns.
        at_once: About how many listens, and recommendations, are held in memory, 8 bytes each;
            as much is on disk as there are, in the system's folder for temporary files.
    """
    listens = gold.open_table(lake, "fct_listen_history")
    users = _listeners(lake, listens)
    most = max(table.dataset.count_rows() for table in (listens, recommended))
    count = min(MOST_SHARES, most // at_once + 1)
    listeners, plays = np.zeros((2, len(tracks)), np.int64)
    repeated = None
    with ExitStack() as stack:
        heard, offered = _Shares(stack, count), _Shares(stack, count)
        columns = ["user_key", "track_key", "play_count"]
        for user, track, [played] in _placed(listens, columns, users=users, tracks=tracks):
            heard.add(user, track, tracks=len(tracks))
            times: Any = pc.fill_null(played, 0)
            plays += np.bincount(track, times.to_numpy(), len(tracks)).astype(np.int64)
        for user, track, _ in _placed(
            recommended, ["user_id", "track_id"], users=users, tracks=tracks
        ):
            offered.add(user, track, tracks=len(tracks))
        for pairs, others in zip(heard.each(), offered.each(), strict=True):
            pairs = pairs[np.diff(pairs, prepend=-1) != 0]
            listeners += np.bincount(pairs % max(len(tracks), 1), minlength=len(tracks))
            common = _common(pairs, others)
            if len(common) and repeated is None:
                who, what = divmod(int(common[0]), len(tracks))
                repeated = users["user_id"][who].as_py(), tracks["track_id"][what].as_py()
    return Heard(listeners, plays, repeated)


def _listeners(lake: Path, listens: gold.GoldTable) -> pa.Table:
    """One row per user who heard something: user_key, and user_id as far as dim_user knows it."""
    keys = grouped(listens, keys=["user_key"], where=USER_KNOWN)["user_key"]
    if gold.exists(lake, "dim_user"):
        known = gold.open_table(lake, "dim_user").whole()
        ids: Any = looked_up(keys, known, by="user_key")["user_id"]
    else:
        ids = pa.nulls(len(keys), pa.string())
    return pa.table([keys, ids], names=["user_key", "user_id"]).combine_chunks()


def _placed(
    table: gold.GoldTable, columns: list[str], *, users: pa.Table, tracks: pa.Table
) -> Iterator[tuple[Numbers, Numbers, list[Any]]]:
    """Of the rows with known users and known tracks the places of these, and the other columns.

    Args:
        table: What to read.
        columns: The user's, the track's, and others.
        users: Has the first of the columns.
        tracks: Has the second.
    """
    for rows in _larger(table.batches(columns)):
        user, track = (
            _places(rows[name].combine_chunks(), places[name].combine_chunks())
            for name, places in zip(columns, (users, tracks), strict=False)
        )
        known = (user >= 0) & (track >= 0)
        yield user[known], track[known], [rows[name].filter(known) for name in columns[2:]]


def _larger(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Fewer tables of the same rows: to look values up costs a hash table each time."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _places(column: Any, values: Any) -> Numbers:
    """Where in `values` each value is; -1: nowhere. What follows itself is looked up once."""
    starts = run_starts(column)
    found: Any = pc.index_in(column.take(pa.array(starts)), value_set=values, skip_nulls=True)
    places = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return np.repeat(places, np.diff(starts, append=len(column)))


class _Shares:
    """Numbers of pairs of a user and a track, in a temporary file for each share of the users."""

    def __init__(self, stack: ExitStack, count: int) -> None:
        made = (tempfile.TemporaryFile() for _ in range(count))  # noqa: SIM115 - closed by stack
        self._files: list[IO[bytes]] = [stack.enter_context(file) for file in made]

    def add(self, user: Numbers, track: Numbers, *, tracks: int) -> None:
        """Put pairs of places aside."""
        pairs, shares = user * tracks + track, user % len(self._files)
        for share, file in enumerate(self._files):
            file.write(pairs[shares == share].data)

    def each(self) -> Iterator[Numbers]:
        """The pairs of one share after the other, in order."""
        for file in self._files:
            file.seek(0)
            yield np.sort(np.fromfile(file, np.int64))


def _common(heard: Numbers, offered: Numbers) -> Numbers:
    """Which of `offered` are in `heard`; both are sorted."""
    if not len(heard):
        return heard
    places = np.searchsorted(heard, offered)
    common: Numbers = offered[heard[np.minimum(places, len(heard) - 1)] == offered]
    return common


def unheard_count(lake: Path, user_ids: pa.Array[Any], *, users: pa.Table, tracks: int) -> Numbers:
    """For each user, how many of the `tracks` known tracks there are left to hear."""
    keys = looked_up(user_ids, users, by="user_id")["user_key"]
    listens = gold.open_table(lake, "fct_listen_history")
    theirs = BOTH_KNOWN & pc.field("user_key").isin(keys.drop_null())
    pairs = grouped(listens, keys=["user_key", "track_key"], where=theirs)
    heard = pairs.group_by("user_key").aggregate([([], "count_all")])
    counts: Any = looked_up(keys, heard, by="user_key")["count_all"]
    left: Numbers = tracks - pc.fill_null(counts, 0).to_numpy()
    return left
