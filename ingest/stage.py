"""What has been read of a batch: safe part by part, so that a killed reading goes on from there.

A part is up to three files, written in this order: the keys of its records, its rejects, its rows.
The rows' metadata is the manifest so far: how far the reading had come. With it the part counts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from xxhash import xxh3_64_intdigest

from ingest import batches
from ingest.batches import Manifest
from ingest.endpoints import Endpoint
from ingest.pages import Page, moment
from ingest.storage import Bronze

PART_ROWS, PART_BYTES, PART_SECONDS = 50_000, 8 * 2**20, 30.0
COLUMNS: list[tuple[str, pa.DataType]] = [
    ("payload", pa.string()),
    ("_batch_id", pa.string()),
    ("_page", pa.int32()),
    ("_position", pa.int32()),
    ("_source_url", pa.string()),
    ("_ingested_at", pa.timestamp("us", "UTC")),
]
ROWS = pa.schema(COLUMNS)
KEY = np.dtype([("version", "<u8"), ("content", "<u8"), ("page", "<u4"), ("row", "<u4")])
REJECTED = 2**31  # set in a key's row when that is a row of the rejects
Values = np.ndarray[Any, Any]


class Stage:
    """Takes pages in order and writes them in parts, in a thread of its own, one at a time."""

    def __init__(self, bronze: Bronze, folder: str, manifest: Manifest, endpoint: Endpoint) -> None:
        self.bronze, self.folder, self._endpoint = bronze, folder, endpoint
        self.manifest = msgspec.structs.replace(manifest)
        self.parts = len(names := [n for n in bronze.files(f"{folder}/rows") if "/part-" in n])
        for kind in ("keys", "rejects"):  # of a part whose rows never came
            for name in bronze.files(f"{folder}/{kind}")[::-1]:
                if int(name.rpartition("part-")[2][:5]) >= self.parts:
                    bronze.remove(name)
        if names:
            self.manifest = batches.decode(bronze.table(names[-1]).schema.metadata[b"manifest"])
        self._writer, self._writing = ThreadPoolExecutor(1), Future[None]()
        self._writing.set_result(None)
        self._pages: list[_Rows] = []
        self._records, self._bytes, self._since = 0, 0, time.monotonic()

    def add(self, page: Page) -> None:
        """Take the next page."""
        told = self.manifest
        if page.number <= told.pages:
            page.start = told.total  # read again: no two records of a batch are at one place
        told.pages, told.bytes = told.pages + 1, told.bytes + page.bytes
        told.retries, told.total = told.retries + page.retries, told.total + len(page.payloads)
        told.number, told.announced, told.next = page.number, page.total, page.next
        if self._endpoint.since:
            stamps = filter(None, (told.cursor, *page.stamps))
            told.cursor = max(stamps, default=None, key=moment)
        if page.reasons:
            told.reasons = Counter(told.reasons) + Counter(filter(None, page.reasons))
        if page.number == 1:
            told.first = page.who
        self._pages.append(_rows(page, unique=self._endpoint.unique))
        self._records, self._bytes = self._records + len(page.payloads), self._bytes + page.bytes
        full = self._records >= PART_ROWS or self._bytes >= PART_BYTES
        if full or time.monotonic() - self._since > PART_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Have what waits written, once what was being written is."""
        self._writing.result()
        if self._pages:
            self._writing = self._writer.submit(
                self._write, self._pages, self.parts, self.manifest.text()
            )
            self._pages, self.parts = [], self.parts + 1
            self._records, self._bytes, self._since = 0, 0, time.monotonic()

    def close(self) -> None:
        """Write all that waits."""
        try:
            self.flush()
            self._writing.result()
        finally:
            self._writer.shutdown()

    def keys(self, part: int) -> Values:
        """The keys of a part's records, in the order they were read."""
        return np.frombuffer(self.bronze.read(f"{self.folder}/keys/part-{part:05}"), KEY)

    def _write(self, pages: list[_Rows], part: int, manifest: str) -> None:
        sizes = np.array([len(page.lengths) for page in pages])
        total = int(sizes.sum())
        numbers = np.repeat(np.array([page.number for page in pages], np.int32), sizes)
        places = [np.arange(len(page.lengths), dtype=np.int32) + page.start for page in pages]
        started = datetime.fromisoformat(self.manifest.started_at).replace(tzinfo=None)
        table = pa.Table.from_arrays([
            pa.chunked_array([strings(page.lengths, page.payloads) for page in pages]),
            repeated([self.manifest.batch_id], [total]),
            fixed(numbers, pa.int32()), fixed(np.concatenate(places), pa.int32()),
            repeated([page.url for page in pages], sizes),
            fixed(np.full(total, np.datetime64(started, "us")), ROWS.types[5]),
        ], schema=ROWS)  # fmt: skip
        keys = np.empty(total, KEY)
        keys["page"], keys["row"] = numbers, np.arange(total)
        keys["content"] = np.concatenate([page.contents for page in pages])
        keys["version"] = np.concatenate([page.versions for page in pages])
        rejects = None
        if any(page.reasons for page in pages):
            reasons = [why for page in pages for why in page.reasons or [None] * len(page.lengths)]
            rejected = np.array([why is not None for why in reasons], bool)
            places = [rejected.cumsum() - 1 + REJECTED, (~rejected).cumsum() - 1]
            keys["row"] = np.where(rejected, *places)
            rejects = self.rejects(select(table, rejected), list(filter(None, reasons)))
            table = select(table, ~rejected)
        with self.bronze.writing(f"{self.folder}/keys/part-{part:05}") as stream:
            stream.write(keys.tobytes())
        if rejects:
            self.bronze.write_table(f"{self.folder}/rejects/part-{part:05}.parquet", rejects)
        table = table.replace_schema_metadata({"manifest": manifest})
        self.bronze.write_table(f"{self.folder}/rows/part-{part:05}.parquet", table)

    def rejects(self, table: pa.Table, reasons: list[str]) -> pa.Table:
        """Rows as rejects, each with its reason."""
        endpoint = repeated([self.manifest.endpoint], [len(reasons)])
        table = table.append_column("endpoint", endpoint)
        return table.append_column("reason", repeated(reasons, np.ones(len(reasons), np.int64)))


class _Rows(NamedTuple):
    """A page as it is kept until it is written: few objects, however many records."""

    number: int
    start: int
    url: str
    payloads: bytes
    lengths: Values
    contents: Values
    versions: Values
    reasons: Sequence[str | None]


def _rows(page: Page, *, unique: bool) -> _Rows:
    payloads, count = page.payloads, len(page.payloads)
    contents = np.fromiter(map(xxh3_64_intdigest, payloads), np.uint64, count)
    versions = contents
    if unique:
        who = [
            f"{key!r} {stamp}".encode() for key, stamp in zip(page.ids, page.stamps, strict=True)
        ]
        versions = np.fromiter(map(xxh3_64_intdigest, who), np.uint64, count)
    for at, why in enumerate(page.reasons):  # known as a reject, with a right to land one day
        if why is not None:
            contents[at] = versions[at] = xxh3_64_intdigest(bytes(payloads[at]) + why.encode())
    lengths = np.fromiter(map(len, payloads), np.int32, count)
    data = b"".join(payloads)
    return _Rows(page.number, page.start, page.url, data, lengths, contents, versions, page.reasons)


# From buffers, since pyarrow asks pandas about anything else, and so imports it.


def strings(lengths: Values, data: bytes) -> pa.Array[Any]:
    """Texts in UTF-8, one after the other, as an array."""
    ends: Any = np.zeros(len(lengths) + 1, np.int32)
    lengths.cumsum(out=ends[1:])
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(ends), pa.py_buffer(data))


def repeated(texts: Sequence[str], times: Any) -> pa.Array[Any]:
    """Each text so many times, as an array."""
    encoded = [text.encode() for text in texts]
    each = strings(np.array([len(text) for text in encoded], np.int32), b"".join(encoded))
    return each.take(fixed(np.repeat(np.arange(len(encoded)), times), pa.int64()))


def fixed(values: Any, kind: pa.DataType) -> pa.Array[Any]:
    """Values of a fixed width as an array."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def select(table: pa.Table, mask: Values) -> pa.Table:
    """The rows of a table for which a mask is true."""
    return table.take(fixed(np.flatnonzero(mask), pa.int64()))
