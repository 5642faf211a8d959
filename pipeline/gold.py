"""What the tables themselves say of a run: what was set aside, and how good the recommender is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from pipeline.record import Quality, Reject
from pipeline.tables import rows_of

REASONS = ["endpoint", "reason", "severity"]


def rejects(lake: Path) -> list[Reject]:
    """Count the records set aside, by endpoint and reason; the most frequent first."""
    folder = lake / "silver" / "rejected_records"
    if not folder.exists():
        return []
    found = ds.dataset(folder, format="parquet").to_table(columns=REASONS)
    counts = found.group_by(REASONS).aggregate([([], "count_all")])
    ordered = counts.sort_by(
        [("count_all", "descending"), *((key, "ascending") for key in REASONS)]
    )
    return [
        Reject(
            endpoint=str(row["endpoint"]),
            reason=str(row["reason"]),
            severity=str(row["severity"]),
            records=row["count_all"],
        )
        for row in ordered.to_pylist()
    ]


def quality(lake: Path) -> list[Quality]:
    """The values of the newest evaluation; those that could not be measured are left out."""
    return [
        Quality(
            model_version=row["model_version"],
            recommender=row["recommender"],
            metric=row["metric"],
            value=float(row["value"]),
            depth=row.get("depth"),
            users=row.get("user_count"),
        )
        for row in newest_evaluation(lake)
        if row["value"] is not None
    ]


def newest_evaluation(lake: Path) -> list[dict[str, Any]]:
    """The rows of `gold.recommendation_metrics` that were measured last."""
    rows = rows_of(lake / "gold" / "recommendation_metrics")
    last = max((row["measured_at"] for row in rows), default=None)
    return [row for row in rows if row["measured_at"] == last]
