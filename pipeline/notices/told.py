"""What has been told already: `<lake>/runs/state/told.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Trouble(msgspec.Struct, kw_only=True):
    """A step that fails: since which run, why, and when that was last told."""

    since: str
    run_id: str
    message: str
    told_at: str


class Told(msgspec.Struct, kw_only=True):
    """Up to which run all is told, the troubles there are, and when the last digest was."""

    run_id: str | None = None
    troubles: dict[str, Trouble] = {}
    digest_at: str | None = None


def read(runs: Path) -> Told:
    """What has been told; nothing when there is no such file, or it cannot be read."""
    try:
        return msgspec.json.decode(_path(runs).read_bytes(), type=Told)
    except (OSError, msgspec.DecodeError):
        return Told()


def write(runs: Path, told: Told) -> None:
    """Remember what has been told."""
    path = _path(runs)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_bytes(msgspec.json.encode(told))
    aside.replace(path)


def _path(runs: Path) -> Path:
    return runs / "state" / "told.json"
