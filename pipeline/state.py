"""What each step last did its work on, so that a step with nothing new is skipped."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from ingest.batches import visible
from ingest.endpoints import load_endpoints
from ingest.settings import ENDPOINTS_FILE

PROJECT_FILES = (
    "dbt_project.yml",
    "models",
    "macros",
    "seeds",
    "recommender",
    "profiles",
    "tests/data",
    "adapter",
)


LEARNED_FROM = (
    "fct_listen_history",
    "dim_user",
    "dim_track",
    "bridge_track_genre",
    "bridge_track_artist",
)
PUBLISHED = (
    "recommendations",
    "similar_tracks",
    *LEARNED_FROM,
    "dim_artist",
    "dim_album",
    "dim_genre",
)


def inputs_of_build(lake: Path, project: Path) -> str:
    """A digest of everything a build depends on: the visible batches and the project's files."""
    batches = [
        f"{endpoint.name}/{manifest.batch_id}"
        for endpoint in load_endpoints(ENDPOINTS_FILE)
        for manifest in visible(lake, endpoint.name)
    ]
    return digest([*sorted(batches), project_digest(project)])


def inputs_of_training(lake: Path, project: Path) -> str:
    """A digest of what the recommender is made from: versions of gold, and the project's files."""
    return digest([*_versions(lake, LEARNED_FROM), project_digest(project)])


def inputs_of_publication(lake: Path, url: str) -> str:
    """A digest of what is published and where to; the address may hold a secret."""
    return digest([*_versions(lake, PUBLISHED), url])


def _versions(lake: Path, tables: Iterable[str]) -> list[str]:
    """Which version of each gold table is the current one, whoever built it."""
    return [f"{table}/{(lake / 'gold' / table).resolve().name}" for table in tables]


def project_digest(project: Path) -> str:
    """A digest of the dbt project's code."""
    parts = []
    for name in PROJECT_FILES:
        top = project / name
        files = [top] if top.is_file() else sorted(top.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                parts.append(f"{file.relative_to(project)}:")
                parts.append(hashlib.sha256(file.read_bytes()).hexdigest())
    return digest(parts)


def done(lake: Path, step: str) -> str | None:
    """The inputs of a step's last success; None when there is none."""
    path = _path(lake, step)
    return str(json.loads(path.read_text())["inputs"]) if path.exists() else None


def remember(lake: Path, step: str, inputs: str) -> None:
    """Note that a step succeeded on these inputs."""
    path = _path(lake, step)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps({"inputs": inputs}))
    aside.replace(path)


def keep_manifest(lake: Path, project: Path) -> None:
    """Keep what dbt knew of the project when it was built, for `dbt ls -s state:modified`."""
    manifest = project / "target" / "manifest.json"
    if manifest.exists():
        kept = lake / "runs" / "state" / "manifest.json"
        aside = kept.with_suffix(".part")
        shutil.copyfile(manifest, aside)
        aside.replace(kept)


def forget(lake: Path, step: str) -> None:
    """Note that a step's result is in doubt, before it starts to work."""
    _path(lake, step).unlink(missing_ok=True)


def _path(lake: Path, step: str) -> Path:
    return lake / "runs" / "state" / f"{step}.json"


def digest(parts: Iterable[str]) -> str:
    """A digest of texts, in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
