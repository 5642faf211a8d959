"""Pages into Parquet, a row group at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest import storage
from ingest.pages import Page

ROW_GROUP_ROWS = 50_000
ROW_GROUP_BYTES = 64 * 2**20
COLUMNS: list[tuple[str, pa.DataType]] = [
    ("payload", pa.string()),
    ("_batch_id", pa.string()),
    ("_page", pa.int32()),
    ("_position", pa.int32()),
    ("_source_url", pa.string()),
    ("_ingested_at", pa.timestamp("us", tz="UTC")),
]
ROWS = pa.schema(COLUMNS)
REJECTS = pa.schema([*COLUMNS, ("endpoint", pa.string()), ("reason", pa.string())])


@dataclass
class Part:
    """A Parquet file that grows by row groups; its folder appears with the first of them."""

    folder: Path
    schema: pa.Schema
    rows: int = 0
    _waiting: list[pa.Table] = field(default_factory=list)
    _writer: Any = None

    def add(self, columns: list[list[Any]]) -> None:
        """Take rows, given as columns in the order of the schema."""
        arrays = [
            pa.array(values, kind) for values, kind in zip(columns, self.schema.types, strict=True)
        ]
        self._waiting.append(pa.Table.from_arrays(arrays, schema=self.schema))
        self.rows += len(columns[0])
        rows = sum(table.num_rows for table in self._waiting)
        if rows >= ROW_GROUP_ROWS or sum(t.nbytes for t in self._waiting) >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what waits, and the footer."""
        if self._waiting:
            self._flush()
        if self._writer:
            self._writer.close()

    def _flush(self) -> None:
        self._writer = self._writer or storage.open_part(self.folder, self.schema)
        self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting.clear()


class Landing:
    """One batch being written: rows and rejects apart, counted and fingerprinted on the way."""

    def __init__(self, folder: Path, endpoint: str, batch_id: str, started: datetime) -> None:
        self.endpoint, self.batch_id, self.started = endpoint, batch_id, started
        self.rows = Part(folder / batch_id, ROWS)
        self.rejects = Part(folder / f"{batch_id}.rejects", REJECTS)
        self.pages = self.bytes = self.retries = self._digest = 0

    def add(self, page: Page) -> None:
        """Sort the records of a page into rows and rejects."""
        self.rows.add(self._columns(page, [at for at, why in enumerate(page.reasons) if not why]))
        if rejected := [at for at, why in enumerate(page.reasons) if why]:
            reasons = [page.reasons[at] for at in rejected]
            names = [self.endpoint] * len(rejected)
            self.rejects.add([*self._columns(page, rejected), names, reasons])
        for payload in page.payloads:
            digest = blake2b(payload.encode(), digest_size=16).digest()
            self._digest = (self._digest + int.from_bytes(digest)) % 2**128
        self.pages += 1
        self.bytes += page.bytes
        self.retries += page.retries

    def close(self) -> None:
        """Finish the files; close the first even if the second cannot be."""
        try:
            self.rejects.close()
        finally:
            self.rows.close()

    @property
    def total(self) -> int:
        """Records so far, rejects included."""
        return self.rows.rows + self.rejects.rows

    @property
    def fingerprint(self) -> str:
        """The same for the same payloads in any order; its memory does not grow with them."""
        return f"{self.total}-{self._digest:032x}"

    def _columns(self, page: Page, at: list[int]) -> list[list[Any]]:
        same = [[value] * len(at) for value in (self.batch_id, page.page, page.url, self.started)]
        return [[page.payloads[row] for row in at], same[0], same[1], at, same[2], same[3]]
