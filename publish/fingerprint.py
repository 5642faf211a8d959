"""A number for each list, so that lists can be compared without reading them from the database.

A row's number mixes its columns in order, a list's is the sum of its rows'; so it does not matter
in which order, or in which file, the rows come. 64 bits: of 100 million lists that changed, the
chance that one goes unnoticed is 1 in 10^11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from publish.arrow import run_starts
from publish.schema import Table

Numbers = npt.NDArray[np.uint64]
Hashed = Callable[[Any], Numbers]
LISTS_AT_ONCE = 500_000
LISTS_TOLD_APART = 100_000
NOTHING = np.uint64(0x9E3779B97F4A7C15)  # stands for a null
COLUMNS = ["subject", "fingerprint", "length", "ranks"]
KINDS: list[Any] = [pa.string(), pa.uint64(), pa.int32(), pa.uint64()]
NO_LISTS = pa.schema(list(zip(COLUMNS, KINDS, strict=True))).empty_table()


class Profile:
    """Collects what `result` says of the lists of a table, from batches in any order.

    Memory grows with the lists, not with their rows. A null subject is a list as well. `hashed` is
    `hashes`, or that done once for each dictionary.
    """

    def __init__(self, table: Table, hashed: Hashed) -> None:
        self._table = table
        self._hashed = hashed
        self._totals: list[pa.Table] = []
        self._waiting: list[pa.Table] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows of the served table in."""
        if not len(batch):
            return
        numbers = _rows([batch.column(name) for name in self._table.names[1:]], self._hashed)
        self._waiting.append(
            _runs(batch.column(self._table.subject), batch.column("rank"), numbers)
        )
        if sum(map(len, self._waiting)) >= LISTS_AT_ONCE:
            self._totals.append(_added(self._waiting))
            self._waiting = []

    def seen(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches, each taken in on its way."""
        for batch in batches:
            self.add(batch)
            yield batch

    def result(self) -> pa.Table:
        """One row per list: subject, fingerprint, length, ranks.

        The length is how many rows have a rank, and `ranks` is `in_order` of it if those are
        1, 2, 3 ...
        """
        return _added([*self._totals, *self._waiting] or [NO_LISTS])


def profile(batches: Iterable[pa.RecordBatch], table: Table, hashed: Hashed) -> pa.Table:
    """What `Profile.result` says of these rows."""
    collected = Profile(table, hashed)
    for batch in batches:
        collected.add(batch)
    return collected.result()


def in_order(lengths: npt.NDArray[np.int32]) -> Numbers:
    """For lists of these lengths, the sum of the numbers of the ranks 1, 2, 3 ..."""
    numbers = _mixed(np.arange(lengths.max(initial=0) + 1, dtype=np.uint64))
    numbers[0] = 0
    sums: Numbers = np.cumsum(numbers)[lengths]
    return sums


def _runs(subject: pa.Array[Any], rank: Any, numbers: Numbers) -> pa.Table:
    """What `Profile.result` says of rows one after another that have the same subject."""
    starts = run_starts(subject)
    places: Any = pa.array(starts)
    ranked = rank.is_valid().to_numpy(zero_copy_only=False)
    ranks = _mixed(pc.fill_null(rank, 0).to_numpy().view(np.uint64)) * ranked
    columns: list[Any] = [
        subject.take(places),
        np.add.reduceat(numbers, starts),
        np.add.reduceat(ranked, starts, dtype=np.int32),
        np.add.reduceat(ranks, starts),
    ]
    return pa.table(columns, names=COLUMNS)


def _added(totals: list[pa.Table]) -> pa.Table:
    """One row per list; one whose rows came apart is in several.

    What tells the subjects apart is larger than they are, so it is made of a share of them at a
    time: of those that end with the same character.
    """
    lists = pa.concat_tables(totals)
    if len(lists) <= LISTS_TOLD_APART:
        return _summed(lists)
    subjects: Any = lists["subject"]
    ends: Any = pc.fill_null(pc.utf8_slice_codeunits(subjects, -1), "")
    return pa.concat_tables(_summed(lists.filter(pc.equal(ends, end))) for end in ends.unique())


def _summed(lists: pa.Table) -> pa.Table:
    subjects: Any = lists["subject"].combine_chunks().dictionary_encode(null_encoding="encode")
    places, count = subjects.indices.to_numpy(), len(subjects.dictionary)
    columns: list[Any] = [subjects.dictionary]
    for name in COLUMNS[1:]:
        values = lists[name].to_numpy()
        sums = np.zeros(count, values.dtype)
        np.add.at(sums, places, values)
        columns.append(sums)
    return pa.table(columns, names=COLUMNS)


def _rows(columns: Sequence[pa.Array[Any]], hashed: Hashed) -> Numbers:
    numbers = np.full(len(columns[0]), len(columns), dtype=np.uint64)
    for column in columns:
        numbers = _mixed(numbers ^ _values(column, hashed))
    return numbers


def _values(column: Any, hashed: Hashed) -> Numbers:
    if pa.types.is_string(column.type):
        column = column.dictionary_encode()
        numbers, places = hashes(column.dictionary), column.indices
    elif pa.types.is_dictionary(column.type):
        numbers, places = hashed(column.dictionary), column.indices
    else:
        plain = pc.fill_null(column, 0).to_numpy(zero_copy_only=False).view(np.uint64)
        return _without_nulls(plain, column)
    if not len(numbers):
        return np.full(len(column), NOTHING)
    return _without_nulls(numbers[pc.fill_null(places, 0).to_numpy()], places)


def _without_nulls(numbers: Numbers, column: Any) -> Numbers:
    if column.null_count:
        return np.where(pc.is_null(column).to_numpy(zero_copy_only=False), NOTHING, numbers)
    return numbers


def hashes(texts: pa.Array[Any]) -> Numbers:
    """A number for each text, the same in every process."""
    return np.fromiter(
        (
            NOTHING if text is None else xxhash.xxh3_64_intdigest(text.encode())
            for text in texts.to_pylist()
        ),
        dtype=np.uint64,
        count=len(texts),
    )


def _mixed(numbers: Numbers) -> Numbers:
    """The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every other."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
