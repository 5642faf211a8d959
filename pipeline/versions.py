"""Versions of the recommender's model, as gold tells of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from pipeline.tables import rows_of
from pipeline.words import share


def versions(lake: Path) -> list[dict[str, Any]]:
    """The rows of `gold.model_versions`, the newest first; none before the first training."""
    found = rows_of(lake / "gold" / "model_versions")
    return sorted(found, key=lambda row: row["wanted_at"], reverse=True)


def kept(lake: Path) -> list[str]:
    """The versions whose factors are there, so that they can be served; the newest first."""
    return [row["model_version"] for row in versions(lake) if row["is_kept"]]


def listed(lake: Path) -> str | None:
    """The version that the lists in gold are made of; None when there are none."""
    folder = lake / "gold" / "recommendations"
    if not folder.is_dir():
        return None
    found = ds.dataset(folder, format="parquet").head(1, columns=["model_version"])
    return str(found["model_version"][0]) if len(found) else None


def choice(lake: Path) -> str | None:
    """The version that dbt makes lists of when it is not told which."""
    known = versions(lake)
    if not known:
        return None
    new = known[0]
    version: str | None = new["model_version"] if new["is_accepted"] else new["previous_version"]
    return version


def trained_at(lake: Path) -> datetime | None:
    """When data and parameters last asked for another version, UTC."""
    known = versions(lake)
    moment: datetime | None = known[0]["wanted_at"] if known else None
    return moment.replace(tzinfo=UTC) if moment else None


def reservation(lake: Path) -> str | None:
    """What a newest version that is served was not held against; None when it was against all."""
    known = versions(lake)
    new: dict[str, Any] = known[0] if known else {}
    if new.get("verdict") == "too_few_users":
        return f"too few users ({new['user_count']:,}) to tell how good it is"
    if new.get("verdict") == "not_comparable":
        return f"not compared with {new['previous_version']}, which held out another share"
    return None


def refusal(lake: Path) -> str | None:
    """Why the newest version is not served, in one line; None when it may be."""
    known = versions(lake)
    if not known or known[0]["is_accepted"] is not False:
        return None
    new, version = known[0], listed(lake)
    rival = f"{share(new['popularity_ndcg'])} of popularity"
    if new["verdict"] == "worse_than_before":
        rival = f"{share(new['previous_ndcg'])} of {new['previous_version']}"
    lists = f"those of {version}" if version in kept(lake) else "what is popular"
    return (
        f"{new['model_version']} is not served: NDCG {share(new['ndcg'])} against {rival},"
        f" on {new['user_count']:,} users; the lists are {lists}"
    )
