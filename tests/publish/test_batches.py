"""What is done to batches of rows on their way, whatever the batches are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partialmethod
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish import gold
from publish.ahead import ahead
from publish.arrow import arrow_schema
from publish.fingerprint import hashes, profile
from publish.names import RECOMMENDED_NAMES, known_tracks, with_names
from publish.pgcopy import stream
from publish.schema import RECOMMENDATIONS, SIMILAR

NAMES = pa.array(["plain", None, "nul\0", "", "é"])
OTHERS = pa.array(["a", "b", None, "d", "e"])
ROWS = st.lists(
    st.tuples(st.sampled_from(["t1", "t2", "t3", None]), st.sampled_from([1, 2, 3, None])),
    max_size=20,
)


@pytest.mark.parametrize("by", [1, 2, 9])
def test_what_is_made_ahead_comes_in_order_and_fails_in_its_place(by: int) -> None:
    def pieces() -> Iterator[int]:
        yield from range(3)
        raise ValueError("the fourth")

    assert list(ahead([], by=by)) == []
    coming = ahead(pieces(), by=by)
    assert [next(coming) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="the fourth"):
        next(coming)


def test_dictionaries_are_copied_like_the_texts_they_stand_for() -> None:
    places: Any = pa.array([4, 0, None, 2, 1, 3, 2], pa.int32())
    apart: Any = pa.array([1, 1, 2, 2, None, 0, 0], pa.int32())
    columns = [
        pa.DictionaryArray.from_arrays(places, NAMES),
        pa.DictionaryArray.from_arrays(places, OTHERS),
        pa.DictionaryArray.from_arrays(apart, OTHERS),
        pa.array(range(7)),
        pa.DictionaryArray.from_arrays(apart, NAMES),
    ]
    plain = [column.dictionary_decode() if place != 3 else column
             for place, column in enumerate(columns)]  # fmt: skip
    names = list("abcde")
    batches = [pa.RecordBatch.from_arrays(c, names) for c in (columns, plain)]
    sliced = [b"".join(stream([batch[1:4], batch], 7, 8)) for batch in batches]
    assert sliced[0] == sliced[1]
    assert b"nul\xef\xbf\xbd" in sliced[0]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_rows_get_their_names_in_whatever_batches(
    lake: Any, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    because = {"t1": "Track 1", None: None, "t4": "Track 4", "gone": None}
    rows = [
        row | {"because_track_id": list(because)[place % 4]}
        for place, row in enumerate(lake.recommended(["u1", "u2", "u3"]))
    ]
    lake.write("recommendations", rows)
    read = gold.GoldTable.batches
    monkeypatch.setattr(gold.GoldTable, "batches", partialmethod(read, rows=size))
    batches = with_names(
        gold.open_table(lake.path, "recommendations"),
        tracks=known_tracks(lake.path),
        table=RECOMMENDATIONS,
        named=RECOMMENDED_NAMES,
    )
    found = [row for batch in batches for row in batch.to_pylist()]
    wanted = ("user_id", "rank", "track_id", "because_track_id")
    assert [[row[key] for key in wanted] for row in found] == [
        [row[key] for key in wanted] for row in rows
    ]
    assert all(row["track_name"] == f"Choice {row['rank']}" for row in found)
    assert all(row["because_track_name"] == because[row["because_track_id"]] for row in found)


@given(rows=ROWS, order=st.randoms(), size=st.integers(1, 20))
def test_lists_are_the_same_in_whatever_order_their_rows_come(
    rows: list[tuple[str | None, int | None]], order: Any, size: int
) -> None:
    def lists(some: list[Any]) -> list[Any]:
        columns = [{"track_id": track, "rank": rank, "score": 0.5} for track, rank in some]
        table = pa.Table.from_pylist(columns, arrow_schema(SIMILAR))
        found = profile(table.to_batches(max_chunksize=size), SIMILAR, hashes).to_pylist()
        return sorted(found, key=str)

    shuffled = list(rows)
    order.shuffle(shuffled)
    assert lists(rows) == lists(shuffled)
    assert {row["subject"] for row in lists(rows)} == {track for track, _ in rows}
    for row in lists(rows):
        ranks = [rank for track, rank in rows if track == row["subject"] and rank]
        assert row["length"] == len(ranks)
        if ranks:
            assert (row["first"], row["last"]) == (min(ranks), max(ranks))
