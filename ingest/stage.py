"""What has been read of a batch: safe part by part, so that a killed reading goes on from there.

A part is up to three files, written in this order: the keys of its records, its rejects, its rows.
The rows' metadata is the manifest so far: how far the reading had come. With it the part counts.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa

from ingest import batches
from ingest.batches import Manifest
from ingest.columns import Values, fixed, repeated, select, strings
from ingest.endpoints import Endpoint
from ingest.judge import Judge
from ingest.moments import moment
from ingest.pages import Page
from ingest.rows import Rows, gathered, rows_of
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
_Page = tuple[int, int, str, Rows]  # with its number, its first record's place and its address
REJECTED = 2**31  # set in a key's row when that is a row of the rejects


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
        self._writer, self._writing = ThreadPoolExecutor(1), deque[Future[None]]()
        self._pages: list[_Page] = []
        self._reasons = Counter(self.manifest.reasons)
        self._judge = None if endpoint.judged_on_arrival else Judge(endpoint)
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
        if page.number == 1:
            told.first = page.who
        rows = rows_of(page, unique=self._endpoint.unique)
        self._pages.append((page.number, page.start, page.url, rows))
        self._records, self._bytes = self._records + len(page.payloads), self._bytes + page.bytes
        full = self._records >= PART_ROWS or self._bytes >= PART_BYTES
        if full or time.monotonic() - self._since > PART_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Have what waits written; while one part is being written, another may wait."""
        self._settle(1)
        if self._pages:
            told = msgspec.structs.replace(self.manifest)
            writing = self._writer.submit(self._write, self._pages, self.parts, told)
            self._writing.append(writing)
            self._pages, self.parts = [], self.parts + 1
            self._records, self._bytes, self._since = 0, 0, time.monotonic()

    def close(self) -> None:
        """Write all that waits."""
        try:
            self.flush()
            self._settle(0)
            self.manifest.reasons = dict(self._reasons)
        finally:
            self._writer.shutdown()

    def _settle(self, waiting: int) -> None:
        while len(self._writing) > waiting:
            self._writing.popleft().result()

    def keys(self, part: int) -> Values:
        """The keys of a part's records, in the order they were read."""
        return np.frombuffer(self.bronze.read(f"{self.folder}/keys/part-{part:05}"), KEY)

    def _write(self, pages: list[_Page], part: int, manifest: Manifest) -> None:
        numbers, starts, urls, rows = zip(*pages, strict=True)
        sizes = np.array([len(page.lengths) for page in rows])
        data, lengths, contents, versions, refused = gathered(rows, self._judge)
        del rows, pages[:]  # or they would be held until all is written
        total, rejected = len(lengths), np.zeros(len(lengths), bool)
        rejected[list(refused)] = True
        self._reasons.update(refused.values())
        manifest.reasons = dict(self._reasons)
        keys = np.empty(total, KEY)
        keys["content"], keys["version"] = contents, versions
        keys["page"] = np.repeat(numbers, sizes)
        keys["row"] = np.where(rejected, rejected.cumsum() - 1 + REJECTED, (~rejected).cumsum() - 1)
        places = np.arange(total) + np.repeat(np.array(starts) - sizes.cumsum() + sizes, sizes)
        started = datetime.fromisoformat(manifest.started_at).replace(tzinfo=None)
        table = pa.Table.from_arrays([
            strings(data, lengths), repeated([manifest.batch_id], [total]),
            fixed(keys["page"].astype(np.int32), pa.int32()),
            fixed(places.astype(np.int32), pa.int32()), repeated(urls, sizes),
            fixed(np.full(total, np.datetime64(started, "us")), ROWS.types[5]),
        ], schema=ROWS)  # fmt: skip
        with self.bronze.writing(f"{self.folder}/keys/part-{part:05}") as stream:
            stream.write(keys.tobytes())
        if refused:
            reasons = [refused[at] for at in sorted(refused)]
            rejects = self.rejects(select(table, rejected), reasons)
            self.bronze.write_table(f"{self.folder}/rejects/part-{part:05}.parquet", rejects)
            table = select(table, ~rejected)
        table = table.replace_schema_metadata({"manifest": manifest.text()})
        self.bronze.write_table(f"{self.folder}/rows/part-{part:05}.parquet", table)

    def rejects(self, table: pa.Table, reasons: list[str]) -> pa.Table:
        """Rows as rejects, each with its reason."""
        endpoint = repeated([self.manifest.endpoint], [len(reasons)])
        table = table.append_column("endpoint", endpoint)
        return table.append_column("reason", repeated(reasons, np.ones(len(reasons), np.int64)))
