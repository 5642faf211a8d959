"""When the recommender is trained anew, when its lists alone are made, and when nothing is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.contents import digest
from pipeline.gold import newest_evaluation
from pipeline.training import Plan, begin, done, plan
from pipeline.versions import choice, kept, listed, refusal, reservation

NOW = datetime.now(UTC).replace(tzinfo=None)
LISTENS: list[dict[str, Any]] = [
    {"user_key": 1, "track_key": 5, "play_count": 1, "listened_at": NOW, "listen_key": 1},
    {"user_key": 2, "track_key": 6, "play_count": 3, "listened_at": None, "listen_key": 2},
]
USERS: list[dict[str, Any]] = [
    {"user_key": 1, "user_id": "a", "favourite_genre_names": ["Pop", "Rock"], "updated_at": NOW},
    {"user_key": 2, "user_id": "b", "favourite_genre_names": [], "updated_at": NOW},
]
TRACKS: list[dict[str, Any]] = [
    {"track_key": 5, "track_id": "t", "artist_key": 7},
    {"track_key": 6, "track_id": "u", "artist_key": None},
]


def build(lake: Path, table: str, rows: list[dict[str, Any]], *, files: int = 1) -> None:
    """Build a gold table as dbt does: in a folder of its own, to which a link leads."""
    folder = lake / "versions" / "gold" / table
    version = folder / str(len(list(folder.glob("*"))))
    version.mkdir(parents=True)
    for number in range(files):
        part = pa.Table.from_pylist(rows[number::files], pa.Table.from_pylist(rows).schema)
        pq.write_table(part, version / f"{number}.parquet")
    link = lake / "gold" / table
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(version)


def version(name: str, **facts: Any) -> dict[str, Any]:
    return {
        "model_version": name,
        "wanted_at": datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=2),
        "is_kept": True,
        "is_accepted": True,
        "previous_version": None,
        "verdict": "passed",
        "user_count": 970,
        "ndcg": 0.25,
        "popularity_ndcg": 0.125,
        "previous_ndcg": None,
    } | facts


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake whose recommender has been trained on what gold holds."""
    lake = tmp_path / "lake"
    build(lake, "fct_listen_history", LISTENS)
    build(lake, "dim_user", USERS)
    build(lake, "dim_track", TRACKS)
    build(lake, "bridge_track_genre", [{"track_key": 5, "genre_key": 1}])
    build(lake, "recommendations", [{"model_version": "als-1"}])
    build(lake, "model_versions", [version("als-1")])
    project(lake)
    carry_out(lake, planned(lake))
    return lake


def project(lake: Path, *, hours: float = 0, seed: str = "genres") -> Path:
    """A dbt project that lets so many hours pass between trainings."""
    folder = lake.parent / "project"
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    (folder / "seeds" / "genres.csv").write_text(seed)
    (folder / "dbt_project.yml").write_text(f"vars: {{retrain_after_hours: {hours}}}")
    return folder


def planned(lake: Path, *, forced: bool = False, version: str | None = None) -> Plan:
    return plan(lake, lake.parent / "project", forced=forced, version=version)


def carry_out(lake: Path, plan: Plan) -> None:
    begin(lake, plan)
    done(lake, lake.parent / "project", plan)


def patient(lake: Path) -> None:
    """Make the project wait a day between trainings, and let it be trained since."""
    project(lake, hours=24)
    carry_out(lake, planned(lake))


NEW_LISTEN = [*LISTENS, {**LISTENS[0], "track_key": 6}]


def test_what_nothing_changed_for_is_left_alone(lake: Path) -> None:
    assert (planned(lake).work, planned(lake).word) == ("nothing", "nothing new")


def test_a_rebuild_of_the_same_content_costs_nothing(lake: Path) -> None:
    build(lake, "fct_listen_history", LISTENS[::-1], files=2)
    later = [{**user, "updated_at": NOW + timedelta(days=1)} for user in USERS]
    build(lake, "dim_user", later)
    build(lake, "dim_track", TRACKS, files=2)
    assert planned(lake).work == "nothing"


@pytest.mark.parametrize(
    "listens",
    [NEW_LISTEN, LISTENS[:1], [{**LISTENS[0], "play_count": 2}, LISTENS[1]]],
    ids=["a new listen", "one gone", "more plays"],
)
def test_new_listens_train(lake: Path, listens: list[dict[str, Any]]) -> None:
    build(lake, "fct_listen_history", listens)
    assert planned(lake).work == "train"
    carry_out(lake, planned(lake))
    assert planned(lake).work == "nothing"


def test_a_training_that_failed_is_due_again(lake: Path) -> None:
    build(lake, "fct_listen_history", NEW_LISTEN)
    begin(lake, planned(lake))
    assert planned(lake).work == "train"


@pytest.mark.parametrize(
    "users",
    [
        [*USERS, {**USERS[0], "user_key": 3}],
        [{**USERS[0], "favourite_genre_names": ["Pop"]}, USERS[1]],
    ],
    ids=["a new user", "another genre"],
)
def test_new_users_get_lists_without_a_training(lake: Path, users: list[dict[str, Any]]) -> None:
    build(lake, "dim_user", users)
    found = planned(lake)
    assert (found.work, found.version, found.word) == ("lists", None, "lists alone")
    carry_out(lake, found)
    assert planned(lake).work == "nothing"


def test_a_change_of_the_project_and_force_train(lake: Path) -> None:
    assert planned(lake, forced=True).work == "train"
    project(lake, seed="more genres")
    assert planned(lake).work == "train"


def test_a_lake_without_lists_is_trained(lake: Path) -> None:
    (lake / "gold" / "recommendations").unlink()
    assert planned(lake).work == "train"


def test_new_listens_wait_for_their_hour_and_are_not_forgotten(lake: Path) -> None:
    patient(lake)
    build(lake, "fct_listen_history", NEW_LISTEN)
    found = planned(lake)
    assert found.work == "lists"
    assert found.word
    assert found.word.startswith("lists alone, the next training is due in 22.")
    carry_out(lake, found)
    found = planned(lake)
    assert found.work == "nothing"
    assert found.word
    assert found.word.startswith("the next training is due in")
    build(lake, "model_versions", [version("als-1", wanted_at=NOW - timedelta(hours=25))])
    assert planned(lake).work == "train"


def test_new_lists_stay_with_the_version_that_was_chosen_by_hand(lake: Path) -> None:
    older = version("als-0", wanted_at=NOW - timedelta(days=1))
    build(lake, "model_versions", [older, version("als-1")])
    build(lake, "recommendations", [{"model_version": "als-0"}])
    build(lake, "dim_user", USERS[:1])
    assert (planned(lake).work, planned(lake).version) == ("lists", "als-0")
    build(lake, "model_versions", [older | {"is_kept": False}, version("als-1")])
    assert planned(lake).version is None


def test_lists_of_a_version_are_made_whatever_else_is_new(lake: Path) -> None:
    build(lake, "fct_listen_history", NEW_LISTEN)
    found = planned(lake, version="als-0")
    assert (found.work, found.version, found.word) == ("lists", "als-0", "lists of als-0")
    carry_out(lake, found)
    assert planned(lake).work == "train"


def test_a_version_that_passed_says_nothing(lake: Path) -> None:
    assert refusal(lake) is None
    assert (listed(lake), choice(lake), kept(lake)) == ("als-1", "als-1", ["als-1"])


def test_a_version_that_is_refused_says_why(lake: Path) -> None:
    refused = version(
        "als-2",
        wanted_at=NOW,
        is_accepted=False,
        previous_version="als-1",
        previous_ndcg=0.3,
        verdict="worse_than_before",
    )
    build(lake, "model_versions", [version("als-1"), refused])
    assert choice(lake) == "als-1"
    assert refusal(lake) == (
        "als-2 is not served: NDCG 0.250 against 0.300 of als-1, on 970 users;"
        " the lists are those of als-1"
    )
    build(lake, "model_versions", [refused | {"verdict": "no_better_than_popularity"}])
    build(lake, "recommendations", [{"model_version": "none"}])
    assert refusal(lake) == (
        "als-2 is not served: NDCG 0.250 against 0.125 of popularity, on 970 users;"
        " the lists are what is popular"
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("passed", None),
        ("too_few_users", "too few users (970) to tell how good it is"),
        ("not_comparable", "not compared with als-0, which held out another share"),
    ],
)
def test_what_a_version_was_not_held_against_is_said(
    lake: Path, verdict: str, said: str | None
) -> None:
    newest = version("als-1", verdict=verdict, previous_version="als-0")
    build(lake, "model_versions", [version("als-0", wanted_at=NOW - timedelta(days=1)), newest])
    assert reservation(lake) == said
    assert refusal(lake) is None


def test_of_all_evaluations_the_newest_is_told(lake: Path) -> None:
    old = {"model_version": "als-1", "measured_at": NOW - timedelta(days=1), "value": 0.1}
    build(lake, "recommendation_metrics", [old, {**old, "measured_at": NOW, "value": 0.2}])
    assert [row["value"] for row in newest_evaluation(lake)] == [0.2]


def test_a_digest_of_no_table_and_of_an_empty_one_differ(tmp_path: Path) -> None:
    build(tmp_path, "dim_user", USERS)
    (tmp_path / "gold" / "empty").mkdir()
    pq.write_table(
        pa.table({"user_key": pa.array([], pa.int64())}), tmp_path / "gold/empty/0.parquet"
    )
    digests = {digest(tmp_path, name) for name in ("dim_user", "empty", "nothing")}
    assert len(digests) == 3
