"""From what was read to what readers see: checked as a whole, then shown in one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from xxhash import xxh3_64_hexdigest

from ingest import batches
from ingest.batches import MANIFEST, Manifest
from ingest.compare import (
    CONFLICTING,
    KEPT,
    LOST,
    REPEATED,
    UNCHANGED,
    Comparison,
    contents_of,
    write_new,
)
from ingest.endpoints import Endpoint
from ingest.errors import BatchRefusedError
from ingest.gate import Gate
from ingest.moments import moment
from ingest.settings import IngestSettings
from ingest.stage import REJECTED, Stage
from ingest.storage import LOCKS, Bronze

SHRINKAGE = "share_of_last_reading"
FEW = 100  # news of less than so many records are judged as if they were as many
CHECKED = {
    "unparseable": ["invalid_json", "nested_too_deep", "not_an_object"],
    "missing_id": ["missing_id"],
    "wrong_type": ["wrong_type"],
    "implausible_timestamp": ["implausible_timestamp"],
    "ambiguous": ["duplicate_key", "conflicting_version"],
}


@dataclass
class Landing:
    """One endpoint's way into bronze.

    `newest` is the batch that landed last. `known` is the file of the contents that the API had
    then, 8 bytes each; `cursor`, where there is one, is what to ask for news since.
    """

    bronze: Bronze
    endpoint: Endpoint
    settings: IngestSettings

    def __post_init__(self) -> None:
        """Look up what there is."""
        self.folder = f"{LOCKS}/{self.endpoint.name}"
        self.newest = next(iter(reversed(batches.found(self.bronze, self.endpoint.name))), None)
        again = self.newest and not self.settings.full
        state = self._state(self.newest.batch_id) if self.newest else ""
        there = bool(state) and self.bronze.exists(state)
        self.known = state if there and again else None
        self.cursor = self.newest.cursor if self.newest and again and self.endpoint.since else None
        self.last_total = self.bronze.size(state) // 8 if there else 0
        if self.newest and self.endpoint.since:  # the state has older versions too
            self.last_total = 0 if self.cursor else self.newest.held

    def open(self, batch_id: str, *, given: bool, url: str) -> Manifest:
        """Take up a reading of the same source that was killed not long ago, or begin one."""
        told, file, now = self.settings, f"{self.folder}/{MANIFEST}", datetime.now(UTC)
        what = f"{url} {told.page_size} {self.cursor} {self.known} {self.endpoint}"
        source = xxh3_64_hexdigest(what.encode())
        if self.bronze.exists(file):
            old = batches.decode(self.bronze.read(file))
            age = now - datetime.fromisoformat(old.started_at)
            seen = self.newest and self.newest.batch_id == old.batch_id
            mine = old.source == source and (old.batch_id == batch_id or not given)
            if mine and not seen and age < timedelta(hours=told.window_hours):
                return old
        self.clear()
        started = now.isoformat(timespec="microseconds")
        new = Manifest(batch_id=batch_id, endpoint=self.endpoint.name, source=source,
                       source_url=url, started_at=started)  # fmt: skip
        self._write(file, new.text().encode())
        return new

    def clear(self) -> None:
        """Remove what is staged, and rejects whose batch never came."""
        self.bronze.remove(f"{self.folder}/{MANIFEST}")  # first, as without it nothing counts
        self.bronze.remove(self.folder)
        name = self.endpoint.name
        visible = {manifest.place("_rejects/") for manifest in batches.found(self.bronze, name)}
        files = self.bronze.files(f"_rejects/{name}_raw")
        for folder in {file.rpartition("/")[0] for file in files} - visible:
            self.bronze.remove(folder)

    def restart(self) -> None:
        """Remove what was read, to read it again."""
        for folder in ("rows", "rejects", "keys"):
            self.bronze.remove(f"{self.folder}/{folder}")

    def shrank(self, stage: Stage, told: Comparison) -> bool:
        """Whether more is gone since the last reading than may be."""
        return self._distinct(stage, told) < (1 - self.settings.max_shrinkage) * self.last_total

    def check(self, stage: Stage, told: Comparison, gate: Gate) -> None:
        """Ask the gate.

        Raises:
            BatchRefusedError: the batch, which is kept aside then, is not as expected.
        """
        batch = stage.manifest
        total = max(batch.total, FEW if self.cursor else 1)
        reasons = {**batch.reasons, "conflicting_version": told.count(CONFLICTING)}
        measures = {
            f"share_of_{kind}": sum(reasons.get(reason, 0) for reason in among) / total
            for kind, among in CHECKED.items()
        }
        limits: dict[str, Any] = dict.fromkeys(measures, (None, self.settings.max_rejected))
        if self.last_total and not self.settings.accept_shrinkage:
            measures[SHRINKAGE] = self._distinct(stage, told) / self.last_total
            limits[SHRINKAGE] = (1 - self.settings.max_shrinkage, None)
        name = f"{batch.endpoint} {batch.batch_id}"
        answer = gate.check(name=name, measures=measures, limits=limits)
        self._write(f"_checks/{batch.endpoint}/{batch.batch_id}.json", msgspec.json.encode(answer))
        if failed := answer["failed"]:
            wrong = ", ".join(f"{key} is {measures[key]:.0%}" for key in failed)
            if SHRINKAGE in failed:
                wrong += f" of its {self.last_total} records; --accept-shrinkage lands it"
            for below, folder in (("_refused/_rejects/", "rejects"), ("_refused/", "rows")):
                self.bronze.remove(f"{below}{batch.endpoint}_raw")
                if self.bronze.files(f"{self.folder}/{folder}"):
                    kept = self.bronze.show(f"{self.folder}/{folder}", batch.place(below))
            self.clear()
            raise BatchRefusedError(f"the batch is refused, {wrong}; it is kept aside in {kept}")

    def commit(self, stage: Stage, told: Comparison) -> None:
        """Set apart what is to land, and write down what that is: from here on, it will."""
        write_new(stage, told, f"{self.folder}/batch")
        rejects = sum(
            int(np.count_nonzero((fates == KEPT) & (stage.keys(part)["row"] >= REJECTED)))
            for part, fates in enumerate(told.fates)
        )
        batch = stage.manifest
        batch.rows, batch.rejected = told.count(KEPT) - rejects, rejects + told.count(CONFLICTING)
        batch.unchanged, batch.repeated = told.count(UNCHANGED), told.count(REPEATED)
        newest = max(filter(None, (batch.cursor, self.cursor)), default=None, key=moment)
        batch.cursor = min(newest, batch.started_at, key=moment) if newest else None
        held = self.newest.held if self.newest else 0
        batch.held = held if self.cursor else self._distinct(stage, told)
        batch.finished_at = datetime.now(UTC).isoformat(timespec="microseconds")
        self.remember(stage, told, batch.batch_id)
        self._write(f"{self.folder}/batch/rows/{MANIFEST}", batch.text().encode())

    def committed(self) -> bool:
        """Whether a batch is committed and not shown yet."""
        return self.bronze.exists(f"{self.folder}/batch/rows/{MANIFEST}")

    def show(self) -> Manifest:
        """Make the committed batch visible, its rejects first."""
        batch = batches.decode(self.bronze.read(f"{self.folder}/batch/rows/{MANIFEST}"))
        if self.bronze.files(f"{self.folder}/batch/rejects"):
            self.bronze.show(f"{self.folder}/batch/rejects", batch.place("_rejects/"))
        self.bronze.show(f"{self.folder}/batch/rows", batch.place())
        self.clear()
        for file in self.bronze.files(f"_state/{batch.endpoint}"):
            if file != self._state(batch.batch_id):
                self.bronze.remove(file)
        return batch

    def remember(self, stage: Stage, told: Comparison, batch_id: str) -> None:
        """Note what the API holds now; after news alone, what it held before too."""
        if self.cursor and batch_id == getattr(self.newest, "batch_id", ""):
            return
        with self.bronze.writing(self._state(batch_id)) as stream:
            for contents in contents_of(self.bronze, self.known if self.cursor else None):
                stream.write(contents.tobytes())
            for part, fates in enumerate(told.fates):
                contents = stage.keys(part)["content"] ^ np.where(fates == CONFLICTING, LOST, 0)
                stream.write(contents[fates != REPEATED].tobytes())

    def _distinct(self, stage: Stage, told: Comparison) -> int:
        return stage.manifest.total - told.count(REPEATED)

    def _state(self, batch_id: str) -> str:
        return f"_state/{self.endpoint.name}/{batch_id}.u64"

    def _write(self, name: str, text: bytes) -> None:
        with self.bronze.writing(name) as stream:
            stream.write(text)
