"""Landed files of any size, as the loader writes them, in seconds; equal sizes, equal files.

Users and tracks are those of the sample API, flaws included, with guests on some tracks. Listening
records are drawn here, whole columns at a time, with the flaws of `sample_api.flaws` on as many of
them: one in a hundred each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sample_api.dirt import spoil
from sample_api.ids import issued_ids, stranger_limit
from sample_api.records import Record
from sample_api.settings import SampleSettings
from sample_api.tracks import track_records
from sample_api.users import user_records

FIRST_DAY = date(
    2024, 1, 16
)  # in the middle of a month, and so is the last: a day more is nothing special
DAYS = 730
TRACKS_PER_RECORD = 10
LISTENS_PER_USER, LISTENS_PER_TRACK = 500, 200
LATE_DAYS = 21  # how old what a day's increment corrects may be
GUESTS = 12  # one track in so many has a guest
ROW_GROUP = 50_000
DAY = 86_400_000_000  # microseconds
ENDPOINTS = ("tracks", "users", "listen_history")


def world(listens: int) -> SampleSettings:
    """Users and tracks for so many listens; both grow with them."""
    return SampleSettings(
        users=max(100, listens // LISTENS_PER_USER),
        tracks=max(200, listens // LISTENS_PER_TRACK),
        listens=listens // TRACKS_PER_RECORD,
        dirty=True,
    )


def write(lake: Path, listens: int) -> None:
    """Land users and tracks, and two years of listening records in a batch a month."""
    settings = world(listens)
    opening = _day(0)
    for name, records in (("tracks", track_records), ("users", user_records)):
        payloads = _texts(settings, name, records)
        _land(lake, name, opening.date(), "000000-initial", payloads)
    (lake / "bronze" / "_rejects").mkdir(parents=True)
    again = None
    for month, (first, last) in enumerate(_months()):
        sessions = _sessions(settings, first, last)
        batch = sessions if again is None else pa.concat_tables([sessions, again])
        _land(lake, "listen_history", _day(last).date(), f"{month:06}-month", _payloads(batch))
        again = _corrected(sessions, np.arange(10, len(sessions), 100))


def write_day(lake: Path, listens: int, day: int) -> int:
    """Land what the day (0, 1, ...) after those two years brings; returns its records.

    Most are the day's own; a few correct records of the weeks before.
    """
    settings = world(listens)
    today = DAYS + day
    sessions = _sessions(settings, today, today + 1)
    first, last = _months()[-1]
    old = _sessions(settings, first, last)
    late = pc.greater_equal(old["created_at"], _micros(last - LATE_DAYS))
    recent = np.flatnonzero(late.to_numpy(zero_copy_only=False))
    few = recent[day :: max(1, len(recent) // 20)]
    batch = pa.concat_tables([sessions, _corrected(old, few)])
    _land(lake, "listen_history", _day(today + 1).date(), f"{900_000 + day}-day", _payloads(batch))
    return len(batch)


def _months() -> list[tuple[int, int]]:
    """First day of each month and of the next, counted from FIRST_DAY."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    starts = [0, *(n for n, day in enumerate(days) if n and day.day == 1), DAYS]
    return list(pairwise(starts))


def _sessions(settings: SampleSettings, first: int, last: int) -> pa.Table:
    """Listening records of the days `first` to before `last`: user, items, two moments."""
    chance = np.random.default_rng([settings.seed, first])
    count = round(settings.listens * (last - first) / DAYS)
    created = np.sort(chance.integers(_micros(first), _micros(last), count))
    updated = created + chance.integers(1, 3_600_000_000, count)
    user = (settings.users * chance.random(count) ** 2).astype(np.int64)
    sizes = chance.integers(5, 2 * TRACKS_PER_RECORD - 4, count)
    ends = np.cumsum(sizes)
    track = (settings.tracks * chance.random(int(sizes.sum())) ** 3).astype(np.int64)

    kind = np.arange(count) % 100  # the flaws, in the order of sample_api.flaws
    updated[kind == 0] = created[kind == 0] - DAY
    strangers = chance.integers(0, stranger_limit(settings, "tracks"), count)
    track[(ends - sizes)[kind == 1]] = settings.tracks + strangers[kind == 1]
    nobody = chance.integers(0, stranger_limit(settings, "users"), count)
    user[kind == 2] = settings.users + nobody[kind == 2]
    ids = pc.cast(pa.array(issued_ids(settings, "users", user)), pa.string())
    items = pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], ends]), pa.int32()),
        pc.cast(pa.array(issued_ids(settings, "tracks", track)), pa.string()),
    )
    lists = pc.binary_join_element_wise("[", pc.binary_join(items, ", "), "]", "")
    lists = pc.if_else(pa.array(kind == 5), "[]", pc.if_else(pa.array(kind == 4), "null", lists))
    return pa.table(
        {
            "user_id": pc.if_else(pa.array(kind == 3), "null", ids),
            "items": lists,
            "created_at": created,
            "updated_at": updated,
        }
    )


def _corrected(sessions: pa.Table, which: np.ndarray) -> pa.Table:
    """Later versions of some of the records: with the items of their neighbours."""
    chosen = sessions.take(which)
    items = sessions["items"].take((which + 1) % len(sessions))
    later = pc.add(pc.max_element_wise(chosen["created_at"], chosen["updated_at"]), DAY)
    return chosen.set_column(1, "items", items).set_column(3, "updated_at", later)


def _payloads(sessions: pa.Table) -> pa.Array:
    created, updated = (
        np.datetime_as_string(sessions[name].to_numpy().astype("datetime64[us]")).tolist()
        for name in ("created_at", "updated_at")
    )
    parts = ['{"user_id": ', sessions["user_id"], ', "items": ', sessions["items"]]
    parts += [', "created_at": "', pa.array(created), '", "updated_at": "', pa.array(updated)]
    return pc.binary_join_element_wise(*parts, '"}', "").combine_chunks()


def _texts(
    settings: SampleSettings,
    name: str,
    records_of: Callable[[SampleSettings, np.ndarray], list[Record]],
) -> Sequence[str]:
    index = np.arange(getattr(settings, name))
    records = records_of(settings, index)
    if name == "tracks":
        for place in range(0, len(records) - 1, GUESTS):
            guest = records[(place * 7 + 5) % len(records)]["artist"]
            records[place]["artist"] += f" feat. {guest}"
    spoil(settings, name, index, records)
    return [json.dumps(record, ensure_ascii=False) for record in records]


def _land(
    lake: Path, endpoint: str, day: date, name: str, payloads: Sequence[str] | pa.Array
) -> None:
    """One batch, visible at once as nobody reads yet."""
    folder = lake / f"bronze/{endpoint}_raw/ingest_date={day}/batch={name}"
    folder.mkdir(parents=True)
    count = len(payloads)
    place = np.arange(count)
    landed = datetime(day.year, day.month, day.day, 3)  # noqa: DTZ001 - the type has the zone
    columns = {
        "payload": payloads,
        "_batch_id": pa.repeat(name, count),
        "_page": pa.array(place // 100 + 1, pa.int32()),
        "_position": pa.array(place % 100, pa.int32()),
        "_source_url": pa.repeat("http://127.0.0.1/", count),
        "_ingested_at": pa.repeat(pa.scalar(landed, pa.timestamp("us", "UTC")), count),
    }
    words = ["_batch_id", "_source_url"]
    pq.write_table(
        pa.table(columns),
        folder / "part-00000.parquet",
        compression="zstd",
        use_dictionary=words,
        row_group_size=ROW_GROUP,
    )


def _day(number: int) -> datetime:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day) + timedelta(days=number)  # noqa: DTZ001


def _micros(day: int) -> int:
    return int(np.datetime64(_day(day), "us").astype(np.int64))
