"""What is done to batches of rows on their way, whatever the batches are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial, partialmethod
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish import gold
from publish.ahead import ahead
from publish.arrow import arrow_schema, found_in
from publish.fingerprint import hashes, in_order, profile
from publish.names import RECOMMENDED_NAMES, known_tracks, with_names
from publish.pgcopy import stream
from publish.schema import RECOMMENDATIONS, SIMILAR

NAMES = pa.array(["plain", None, "nul\0", "", "é"])
OTHERS = pa.array(["a", "b", None, "d", "e"])
ROWS = st.lists(
    st.tuples(st.sampled_from(["t1", "t2", "s1", "", None]), st.sampled_from([1, 2, 3, None])),
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


def profiled(rows: list[tuple[str | None, int | None]], *, size: int = 100) -> list[Any]:
    columns = [{"track_id": track, "rank": rank, "score": 0.5} for track, rank in rows]
    table = pa.Table.from_pylist(columns, arrow_schema(SIMILAR))
    found = profile(table.to_batches(max_chunksize=size), SIMILAR, hashes).to_pylist()
    return sorted(found, key=str)


@given(rows=ROWS, order=st.randoms(), size=st.integers(1, 20), apart=st.integers(0, 20))
def test_lists_are_the_same_in_whatever_order_their_rows_come(
    rows: list[tuple[str | None, int | None]], order: Any, size: int, apart: int
) -> None:
    lists = partial(profiled, size=size)
    shuffled = list(rows)
    order.shuffle(shuffled)
    with pytest.MonkeyPatch.context() as patch:
        whole = lists(rows)
        patch.setattr("publish.fingerprint.LISTS_TOLD_APART", apart)
        assert lists(rows) == whole
    assert lists(shuffled) == whole
    assert {row["subject"] for row in lists(rows)} == {track for track, _ in rows}
    for row in lists(rows):
        ranks = [rank for track, rank in rows if track == row["subject"] and rank]
        assert row["length"] == len(ranks)
        [wanted] = in_order(np.array([len(ranks)], np.int32))
        assert (row["ranks"] == wanted) == (sorted(ranks) == [*range(1, len(ranks) + 1)])


def test_a_rank_of_more_than_32_bits_is_a_gap() -> None:
    [found] = profiled([("t1", 1), ("t1", 2**32 + 2)])
    [wanted] = in_order(np.array([2], np.int32))
    assert found["length"] == 2
    assert found["ranks"] != wanted


@given(
    keys=st.lists(st.sampled_from("abcdefg") | st.none(), max_size=9),
    values=st.lists(st.sampled_from("abcdef") | st.none(), max_size=9),
)
def test_a_key_is_found_where_it_comes_first_in_whatever_parts(
    keys: list[str | None], values: list[str | None]
) -> None:
    wanted = [values.index(key) if key and key in values else None for key in keys]
    texts = pa.string()
    for at_once, parts in ((1, 8), (2, 3), (100, 8)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("publish.arrow.VALUES_AT_ONCE", at_once)
            patch.setattr("publish.arrow.MOST_PARTS", parts)
            found = found_in(pa.array(keys, texts), pa.array(values, texts))
        assert found.to_pylist() == wanted
