"""What must hold before a generation becomes visible."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import grouped
from publish.engine import Building
from publish.errors import PublicationRefusedError
from publish.names import UNKNOWN_KEY
from publish.schema import RECOMMENDATIONS

logger = logging.getLogger(__name__)

STAYS = "what is served stays as it is"
TALLY = """
select count(*), coalesce(sum(size), 0), coalesce(sum(is_gapped), 0), min(gapped_user_id)
from (
    select
        count(*) as size,
        case when min(rank) <> 1 or max(rank) <> count(*) then 1 else 0 end as is_gapped,
        case when min(rank) <> 1 or max(rank) <> count(*) then user_id end as gapped_user_id
    from {recommendations}
    group by user_id
) as lists
"""


@dataclass(frozen=True)
class Origin:
    """Which model made the recommendations in gold, when, and how many."""

    model_version: str
    generated_at: datetime
    rows: int


@dataclass(frozen=True)
class Tally:
    """What was written."""

    users: int
    rows: int


def origin_of(recommendations: gold.GoldTable) -> Origin:
    """The one generation that gold holds.

    Raises:
        PublicationRefusedError: gold holds no recommendations, or those of several models.
    """
    models = grouped(
        recommendations,
        keys=["model_version"],
        sums=[("generated_at", "max", "generated_at")],
    ).to_pylist()
    where = recommendations.folder
    if not models:
        raise PublicationRefusedError(f"{where} is empty; run `medley train`; {STAYS}")
    if len(models) > 1:
        versions = ", ".join(sorted(str(model["model_version"]) for model in models))
        raise PublicationRefusedError(
            f"{where} mixes the models {versions}; run `medley train`; {STAYS}"
        )
    model = models[0]
    if model["model_version"] is None or model["generated_at"] is None:
        raise PublicationRefusedError(
            f"{where} does not say which model made it, and when; run `medley train`; {STAYS}"
        )
    rows = recommendations.dataset.count_rows()
    return Origin(model["model_version"], model["generated_at"], rows)


def refuse_users_without_rows(lake: Path, recommendations: gold.GoldTable) -> None:
    """Every known user with a track left to hear has recommendations.

    Not checked in a lake without dim_user.

    Raises:
        PublicationRefusedError: names one of the users who would get nothing.
    """
    if not gold.exists(lake, "dim_user"):
        logger.warning("no dim_user: users without recommendations go unnoticed")
        return
    users = gold.open_table(lake, "dim_user").whole().filter(pc.field("user_key") != UNKNOWN_KEY)
    served = grouped(recommendations, keys=["user_id"])["user_id"].combine_chunks()
    left_out = users.filter(pc.invert(pc.is_in(users["user_id"], value_set=served)))
    if not len(left_out):
        return
    done = pc.is_in(left_out["user_key"], value_set=_heard_everything(lake))
    wronged = left_out.filter(pc.invert(done))["user_id"]
    if len(wronged):
        raise PublicationRefusedError(
            f"{len(wronged)} known users have no recommendations, {wronged[0].as_py()!r} among"
            f" them; run `medley train`; {STAYS}"
        )


def _heard_everything(lake: Path) -> pa.Array[Any]:
    """Keys of the users who have heard every track there is."""
    known = pc.field("track_key") != UNKNOWN_KEY
    tracks = gold.open_table(lake, "dim_track").dataset.count_rows(filter=known)
    listens = gold.open_table(lake, "fct_listen_history")
    pairs = grouped(listens, keys=["user_key", "track_key"], where=known)
    heard = pairs.group_by("user_key").aggregate([([], "count_all")])
    keys: pa.Array[Any] = heard.filter(pc.field("count_all") >= tracks)["user_key"].combine_chunks()
    return keys


def tally_of(building: Building, *, expected_rows: int) -> Tally:
    """Count what was written.

    Raises:
        PublicationRefusedError: rows are missing, or the ranks of a user are not 1, 2, 3...
    """
    [(users, rows, gapped, example)] = building.query(
        TALLY.format(recommendations=building.name_of(RECOMMENDATIONS))
    )
    if rows != expected_rows:
        raise PublicationRefusedError(
            f"{rows} of {expected_rows} recommendations were written; {STAYS}"
        )
    if gapped:
        raise PublicationRefusedError(
            f"the ranks of {gapped} users have gaps, {example!r} among them;"
            f" run `medley train`; {STAYS}"
        )
    return Tally(users=users, rows=int(rows))
