"""What has landed: a manifest with each batch, never edited."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import msgspec

from ingest.storage import Bronze

MANIFEST = "_batch.json"


class Manifest(msgspec.Struct, kw_only=True):
    """One batch of one endpoint; times are UTC in ISO 8601. It grows as the batch is read.

    Of the `total` records read, `rows` and `rejected` landed, `unchanged` were known and `repeated`
    came twice; `held` is how many the last whole reading found. `cursor` is the newest timestamp
    seen, `reasons` count what is not landable. For the reading to go on: `number`, `announced` and
    `next` of the last page, `first` tells who stood on page 1, and `source` what was read how.
    """

    batch_id: str
    endpoint: str
    source: str
    source_url: str
    started_at: str
    finished_at: str = ""
    rows: int = 0
    rejected: int = 0
    unchanged: int = 0
    repeated: int = 0
    total: int = 0
    held: int = 0
    pages: int = 0
    bytes: int = 0
    retries: int = 0
    cursor: str | None = None
    number: int = 0
    announced: int | None = None
    next: int | str | None = None
    first: str = ""
    reasons: dict[str, int] = {}

    def place(self, below: str = "") -> str:
        """Where the batch is filed, relative to bronze."""
        day = self.started_at[:10]
        return f"{below}{self.endpoint}_raw/ingest_date={day}/batch={self.batch_id}"

    def text(self) -> str:
        """As JSON, for people too."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode() + "\n"


def decode(text: bytes) -> Manifest:
    """Read a manifest back."""
    return msgspec.json.decode(text, type=Manifest)


def visible(lake: Path | str, endpoint: str) -> list[Manifest]:
    """Every batch that a reader can see, oldest first."""
    return found(Bronze(lake), endpoint)


def latest(lake: Path | str, endpoint: str) -> Manifest | None:
    """Give the newest visible batch, if there is one."""
    return next(iter(reversed(visible(lake, endpoint))), None)


def found(bronze: Bronze, endpoint: str) -> list[Manifest]:
    """The manifests of the batches whose rows are there, oldest first."""
    files = [PurePosixPath(name) for name in bronze.files(f"{endpoint}_raw")]
    whole = {file.parent for file in files if file.suffix == ".parquet"}
    names = [str(file) for file in files if file.name == MANIFEST and file.parent in whole]
    return sorted(map(decode, map(bronze.read, names)), key=lambda m: (m.started_at, m.batch_id))
