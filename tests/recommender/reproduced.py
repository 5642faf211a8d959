"""Lists of a small model; `python -m tests.recommender.reproduced MASTER` prints them."""

from __future__ import annotations

import json
import sys
from typing import Any

from recommender.blending import Mix
from recommender.lists import best_unheard
from recommender.training import Parameters, train

SMALL = Parameters(
    rank=8,
    iterations=5,
    regularization=0.1,
    alpha=4.0,
    seed=7,
    blocks=2,
    neighbours=5,
    ridge=1.0,
    popularity_ridge=1.0,
    neighbour_shares=(0.5,),
    recent_shares=(0.1,),
    recent_tracks=5.0,
    heaviest_listener=1000,
)
SCHEMA = "user_key long, track_key long, user_index int, track_index int, strength double"


def lists(session: Any) -> list[tuple[int, int, int, float]]:
    """User, rank, track and score of each place."""
    pairs = [(user, (user * 7 + step * step) % 40) for user in range(60) for step in range(9)]
    rows = [(user, track, user, track, 1.0 + user % 3) for user, track in sorted(set(pairs))]
    frame = session.createDataFrame(rows, SCHEMA)
    listed = best_unheard(frame, train(frame, SMALL), length=5, mix=Mix(0.5)).collect()
    return sorted((row.user_key, row.rank, row.track_key, row.score) for row in listed)


def main(master: str) -> None:
    """Print the lists that a session of its own makes."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "3").getOrCreate()
    sys.stdout.write(json.dumps(lists(session)))


if __name__ == "__main__":
    main(sys.argv[1])
