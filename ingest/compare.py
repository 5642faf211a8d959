"""What a reading brings that is new: each content once, and only what the last reading had not.

Keys are hashes of 64 bits (XXH3). They are compared a bucket at a time, so that memory does not
grow with the number of records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ingest.columns import Values, select
from ingest.stage import KEY, REJECTED, Stage
from ingest.storage import Bronze

BUCKET_KEYS, CHUNK_BYTES, SAMPLE = 100_000, 2**20, 8
KEPT, REPEATED, UNCHANGED, CONFLICTING, LOSER = range(5)
LOST = np.uint64(1)  # flipped in what lost a conflict, which may land when it is alone


@dataclass
class Comparison:
    """`fates` holds a byte for each record of each part.

    `suspects` are some pages that hold records which other pages hold too, and these records.
    """

    fates: list[Values]
    suspects: dict[int, set[int]] = field(default_factory=dict)

    def count(self, fate: int) -> int:
        """How many records have this fate."""
        return sum(int(np.count_nonzero(part == fate)) for part in self.fates)


def compare(stage: Stage, known: str | None, *, unique: bool) -> Comparison:
    """Settle each record's fate; `known` names the file of the contents of the last reading."""
    told = Comparison([np.zeros(len(stage.keys(part)), np.uint8) for part in range(stage.parts)])
    buckets = sum(map(len, told.fates)) // BUCKET_KEYS + 1
    for bucket in range(buckets):
        keys, where = _bucket(stage, "content", bucket, buckets)
        first = _first(keys["content"])
        fates = np.where(first == np.arange(len(keys)), KEPT, REPEATED)
        for old in contents_of(stage.bronze, known, bucket, buckets):
            fates[(fates == KEPT) & np.isin(keys["content"], old)] = UNCHANGED
            fates[(fates == KEPT) & np.isin(keys["content"] ^ LOST, old)] = LOSER
        moved = (keys["page"] != keys["page"][first]) & (keys["row"] < REJECTED)
        for at in np.flatnonzero(moved)[: SAMPLE - len(told.suspects)]:
            for page in (int(keys["page"][at]), int(keys["page"][first[at]])):
                told.suspects.setdefault(page, set()).add(int(keys["content"][at]))
        _spread(told.fates, where, fates)
    for bucket in range(buckets if unique else 0):
        keys, where = _bucket(stage, "version", bucket, buckets)
        fates = np.concatenate([np.empty(0, np.uint8), *(told.fates[p][at] for p, at in where)])
        once = np.flatnonzero(fates != REPEATED)
        once = once[np.argsort(fates[once] != UNCHANGED, kind="stable")]  # the known go first
        later = once[_first(keys["version"][once]) != np.arange(len(once))]
        for fate, becomes in ((KEPT, CONFLICTING), (LOSER, UNCHANGED)):
            fates[later[fates[later] == fate]] = becomes
        fates[fates == LOSER] = KEPT
        _spread(told.fates, where, fates)
    return told


def contents_of(
    bronze: Bronze, name: str | None, bucket: int = 0, buckets: int = 1
) -> Iterator[Values]:
    """The contents in a file of known ones that fall into a bucket, piece by piece."""
    if name:
        with bronze.fs.open_input_stream(bronze.path(name)) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                contents = np.frombuffer(chunk, "<u8")
                yield contents[_bucket_of(contents, buckets) == bucket]


def write_new(stage: Stage, told: Comparison, folder: str) -> None:
    """Write what is to land into a folder of its own: rows, and rejects."""
    stage.bronze.remove(folder)
    for part, fates in enumerate(told.fates):
        at = stage.keys(part)["row"]
        for kind, mine in (("rows", at < REJECTED), ("rejects", at >= REJECTED)):
            name, fate = f"{kind}/part-{part:05}.parquet", fates[mine]
            kept, first_rows = fate == KEPT, part == 0 and kind == "rows"
            if kept.all() and (len(kept) or first_rows):
                stage.bronze.copy(f"{stage.folder}/{name}", f"{folder}/{name}")
            elif kept.any() or first_rows:  # a batch has rows, be they none
                table = select(stage.bronze.table(f"{stage.folder}/{name}"), kept)
                stage.bronze.write_table(f"{folder}/{name}", table)
            if (odd := fate == CONFLICTING).any():
                table = select(stage.bronze.table(f"{stage.folder}/{name}"), odd)
                table = stage.rejects(table, ["conflicting_version"] * table.num_rows)
                stage.bronze.write_table(f"{folder}/rejects/part-{part:05}-odd.parquet", table)


def _bucket(
    stage: Stage, key: str, bucket: int, buckets: int
) -> tuple[Values, list[tuple[int, Values]]]:
    """The keys of a bucket, in the order read, and where they are: part and places in it."""
    whole = np.dtype((np.void, KEY.itemsize))  # copied as it is, not field by field
    found, where = [np.empty(0, whole)], []
    for part in range(stage.parts):
        keys = stage.keys(part)
        at = np.flatnonzero(_bucket_of(keys[key], buckets) == bucket)
        found.append(keys.view(whole)[at])
        where.append((part, at))
    return np.concatenate(found).view(KEY), where


def _bucket_of(values: Values, buckets: int) -> Values:
    return (values >> np.uint64(32)) % np.uint64(buckets)  # the low bits do not tell: see LOST


def _first(values: Values) -> Values:
    """Where each value stands for the first time."""
    ordered = np.sort(values)
    if (ordered[1:] != ordered[:-1]).all():
        return np.arange(len(values))
    _values, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return np.asarray(first[inverse])


def _spread(fates: list[Values], where: list[tuple[int, Values]], values: Values) -> None:
    ends = np.cumsum([len(at) for _part, at in where])
    for (part, at), mine in zip(where, np.split(values, ends[:-1]), strict=True):
        fates[part][at] = mine
