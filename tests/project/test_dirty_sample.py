"""What silver and gold make of a service that sends what real ones send."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pipeline.gold import newest_evaluation
from tests.lake import count, rows


def test_every_landed_record_is_accounted_for(built: Path) -> None:
    for endpoint, records in {
        "tracks": "track_records",
        "users": "user_records",
        "listen_history": "listen_history_records",
    }.items():
        fates = Counter(row["fate"] for row in rows(built, f"silver/{records}"))
        assert count(built, f"bronze/{endpoint}_raw") == sum(fates.values())
        assert fates["superseded"] > 0
        assert set(fates) <= {"current", "superseded", "rejected"}


def test_rejects_have_their_reason_and_the_record_as_sent(built: Path) -> None:
    rejected = rows(built, "silver/rejected_records")
    reasons = Counter(row["reason"] for row in rejected)
    assert {"missing_id", "blank_name", "no_tracks"} <= set(reasons)
    assert all(row["payload"] and row["severity"] and row["remedy"] for row in rejected)


def test_orphans_are_kept_and_flagged(built: Path) -> None:
    fact = rows(built, "gold/fct_listen_history")
    assert len(fact) == count(built, "silver/listen_history")
    orphans = [row for row in fact if row["is_orphan_track"]]
    assert orphans
    assert {row["track_key"] for row in orphans} == {-1}
    assert all(row["track_id"] for row in orphans)


def test_updated_at_before_created_at_is_repaired_and_flagged(built: Path) -> None:
    tracks = rows(built, "silver/track")
    assert any(row["is_updated_at_repaired"] for row in tracks)
    assert all(row["updated_at"] >= row["created_at"] for row in tracks if row["created_at"])


def test_spellings_of_a_genre_are_one(built: Path) -> None:
    names = [row["genre_name"] for row in rows(built, "gold/dim_genre")]
    assert len(names) == len(set(names))
    assert "Hip Hop" in names
    assert not {"Hip-Hop", "hip hop", "hiphop"} & set(names)


def test_the_recommender_beats_popularity(built: Path) -> None:
    ndcg = {
        row["recommender"]: row["value"]
        for row in newest_evaluation(built)
        if row["metric"] == "ndcg"
    }
    assert ndcg["model"] > 1.2 * ndcg["popularity"] > 0
