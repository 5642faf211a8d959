"""What has landed: a manifest per batch, written with it and never edited."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest import storage

MANIFEST = "_batch.json"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One batch of one endpoint; times are UTC in ISO 8601, `total` is what the API announced."""

    batch_id: str
    endpoint: str
    rows: int
    rejected: int
    pages: int
    total: int
    fingerprint: str
    started_at: str
    finished_at: str
    source_url: str


def visible(lake: Path, endpoint: str) -> list[Manifest]:
    """Every batch that a reader can see, oldest first."""
    return _read(storage.batch_folders(storage.rows_folder(lake, endpoint)))


def latest(lake: Path, endpoint: str) -> Manifest | None:
    """Give the newest visible batch, if there is one; reads the manifests of one day only."""
    folders = storage.batch_folders(storage.rows_folder(lake, endpoint))
    manifests = _read([folder for folder in folders if folder.parent == folders[-1].parent])
    return manifests[-1] if manifests else None


def find(lake: Path, endpoint: str, batch_id: str) -> tuple[Manifest, Path] | None:
    """Look up a visible batch by its id, whatever its day."""
    folders = storage.batch_folders(storage.rows_folder(lake, endpoint), batch_id)
    return (_read(folders)[0], folders[0]) if folders else None


def write(manifest: Manifest, folder: Path) -> None:
    """Put the manifest into a folder that is not visible yet."""
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")


def _read(folders: list[Path]) -> list[Manifest]:
    manifests = [Manifest(**json.loads((folder / MANIFEST).read_bytes())) for folder in folders]
    return sorted(manifests, key=lambda manifest: (manifest.started_at, manifest.batch_id))
