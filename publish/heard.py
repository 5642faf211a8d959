"""What users have heard: how many heard each track, and nobody is recommended what they heard.

A listen, and a recommendation, is a number made of its user's place and its track's. The numbers
are put aside on disk, in files of a share of the users each, and compared a share at a time: so
both tables are read once, and memory grows neither with the one nor with the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import found_in, gathered, one_array, run_starts
from publish.names import UNKNOWN_KEY
from publish.shares import MOST_SHARES, Numbers, Shares, common_of

Places = npt.NDArray[np.int32]
PAIRS_AT_ONCE = 250_000
ROWS_AT_ONCE = 250_000
LISTS_AT_ONCE = 250_000
NO_USERS = pa.table({"user_key": pa.array([], pa.int64()), "user_id": pa.array([], pa.string())})


@dataclass(frozen=True)
class Heard:
    """For each known track how many known users heard it, and how often they did."""

    listeners: Numbers
    plays: Numbers


@dataclass(frozen=True)
class _Offered:
    """Recommendations in a row: whose, how many of each, and the places of their tracks."""

    users: pa.Array[Any]
    lengths: Numbers
    tracks: Places


class Listening:
    """Reads what known users heard of known tracks, in a thread, and compares it with their lists.

    Args:
        lake: The folder that holds `gold/`.
        tracks: What `publish.names.known_tracks` returns.
        users: What `publish.names.known_users` returns.
        recommended: How many recommendations there are.
        at_once: About how many listens, and recommendations, are held in memory, 8 bytes each;
            as much is on disk as there are, in the system's folder for temporary files.

    Raises:
        GoldTableError: a table is missing or lacks a column.
    """

    def __init__(
        self,
        lake: Path,
        *,
        tracks: pa.Table,
        users: pa.Table | None,
        recommended: int,
        at_once: int = PAIRS_AT_ONCE,
    ) -> None:
        self._tracks = tracks
        self._users = NO_USERS if users is None else users
        self._listens = gold.open_table(lake, "fct_listen_history")
        most = max(self._listens.dataset.count_rows(), recommended)
        count = min(MOST_SHARES, most // at_once + 1)
        with ExitStack() as stack:
            self._heard, self._offered = Shares(stack, count), Shares(stack, count)
            self._aside = stack.enter_context(ThreadPoolExecutor(1))
            self._read = self._aside.submit(self._listened)
            self._stack = stack.pop_all()
        self._compared: Future[tuple[str, str] | None] | None = None

    def __enter__(self) -> Listening:
        """Is reading already."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove what was put aside."""
        self._stack.close()

    @property
    def heard(self) -> Heard:
        """What was found, once it is."""
        return self._read.result()

    @property
    def repeated(self) -> tuple[str, str] | None:
        """A user_id and the track_id that is recommended to this user, who has heard it.

        None is right, and what a lake without dim_user has.

        Raises:
            RuntimeError: the batches of `offer` were not read to their end.
        """
        if self._compared is None:
            raise RuntimeError("not all recommendations have been offered")
        return self._compared.result()

    def offer(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The recommendations as `publish.names.with_names` has them, all noted on their way."""
        waiting: list[_Offered] = []
        for batch in batches:
            starts = run_starts(batch.column("user_id"))
            firsts: Any = pa.array(starts)
            users = batch.column("user_id").take(firsts)
            lengths = np.diff(starts, append=len(batch))
            waiting.append(_Offered(users, lengths, self._track_places(batch.column("track_id"))))
            if sum(len(offered.users) for offered in waiting) >= LISTS_AT_ONCE:
                self._note(waiting)
                waiting = []
            yield batch
        self._note(waiting)
        self._compared = self._aside.submit(self._compare)

    def _track_places(self, track: Any) -> Places:
        if not pa.types.is_dictionary(track.type):
            return _places(track, one_array(self._tracks["track_id"])).astype(np.int32)
        places: Places = pc.fill_null(track.indices, -1).to_numpy()
        return places

    def _note(self, waiting: list[_Offered]) -> None:
        if not waiting:
            return
        ids: Any = pa.concat_arrays([offered.users for offered in waiting])
        users = _places(ids, one_array(self._users["user_id"]))
        ends = np.cumsum([len(offered.users) for offered in waiting])
        for offered, mine in zip(waiting, np.split(users, ends[:-1]), strict=True):
            user = np.repeat(mine, offered.lengths)
            track = offered.tracks.astype(np.int64)
            known = (user >= 0) & (track >= 0)
            self._offered.add(user[known], track[known], tracks=len(self._tracks))

    def _listened(self) -> Heard:
        """Put what was heard aside, each pair of a user and a track once, in order."""
        count = len(self._tracks)
        listeners, plays = np.zeros((2, count), np.int64)
        users = one_array(self._users["user_key"])
        tracks = one_array(self._tracks["track_key"])
        batches = self._listens.batches(["user_key", "track_key", "play_count"])
        for some in gathered(batches, rows=ROWS_AT_ONCE):  # each looks the values up in new tables
            rows = pa.Table.from_batches(some)
            keys = one_array(rows["user_key"])
            user = _places(keys, users)
            if len(strangers := _known(keys.filter(pa.array(user < 0)).unique())):
                users = pa.concat_arrays([users, strangers])  # dim_user lacks them
                user = _places(keys, users)
            track = _places(one_array(rows["track_key"]), tracks)
            known = (user >= 0) & (track >= 0)
            self._heard.add(user[known], track[known], tracks=count)
            played: Any = rows["play_count"]
            times: Any = pc.fill_null(played, 0)
            plays += np.bincount(track[known], times.to_numpy()[known], count).astype(np.int64)
        for share in range(len(self._heard)):
            pairs = np.sort(self._heard.read(share))
            pairs = pairs[np.diff(pairs, prepend=-1) != 0]
            listeners += np.bincount(pairs % max(count, 1), minlength=count)
            self._heard.write(share, pairs)
        return Heard(listeners, plays)

    def _compare(self) -> tuple[str, str] | None:
        for share in range(len(self._offered)):
            common = common_of(self._heard.read(share), np.sort(self._offered.read(share)))
            if len(common):
                who, what = divmod(int(common[0]), len(self._tracks))
                user: str = self._users["user_id"][who].as_py()
                return user, self._tracks["track_id"][what].as_py()
        return None


def _known(keys: Any) -> Any:
    is_known: Any = pc.not_equal(keys, pa.scalar(UNKNOWN_KEY))
    return keys.filter(pc.fill_null(is_known, False))


def _places(column: Any, values: Any) -> Numbers:
    """Where in `values` each value is; -1: nowhere. What follows itself is looked up once."""
    starts = run_starts(column)
    found = found_in(column.take(pa.array(starts)), values)
    places: Any = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return np.repeat(places, np.diff(starts, append=len(column)))
