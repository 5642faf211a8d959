"""The whole way on answers of a live server: every record accounted for."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from pipeline.record import past_runs
from pipeline.versions import kept
from tests.capture import ENDPOINTS, records
from tests.conftest import Command, Replay
from tests.lake import count, rows

CURRENT = {"tracks": "track", "users": "users"}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_record_landed_as_it_was_sent(replay: Replay, endpoint: str) -> None:
    landed = rows(replay.lake, f"bronze/{endpoint}_raw", ["payload"])
    assert [json.loads(row["payload"]) for row in landed] == records(endpoint)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_landed_is_silver_plus_superseded_plus_rejected(replay: Replay, endpoint: str) -> None:
    singular = {"tracks": "track", "users": "user"}.get(endpoint, endpoint)
    fates = Counter(row["fate"] for row in rows(replay.lake, f"silver/{singular}_records"))
    rejected = [
        row for row in rows(replay.lake, "silver/rejected_records") if row["endpoint"] == endpoint
    ]
    if endpoint in CURRENT:
        current = count(replay.lake, f"silver/{CURRENT[endpoint]}")
    else:
        listens = rows(replay.lake, "silver/listen_history", ["listening_key"])
        current = len({row["listening_key"] for row in listens})
    assert len(records(endpoint)) == current + fates["superseded"] + len(rejected)
    assert (current, len(rejected)) == (fates["current"], fates["rejected"])


def test_every_listened_track_is_in_the_fact(replay: Replay) -> None:
    sent = Counter(
        (str(record["user_id"]), str(track))
        for record in records("listen_history")
        for track in record["items"]  # type: ignore[attr-defined]
    )
    fact: Counter[tuple[str, str]] = Counter()
    for row in rows(replay.lake, "gold/fct_listen_history"):
        fact[row["user_id"], row["track_id"]] += row["play_count"]
    assert fact == sent


def test_every_user_has_a_full_list_of_tracks_not_heard(replay: Replay) -> None:
    heard = {
        (row["user_id"], row["track_id"]) for row in rows(replay.lake, "gold/fct_listen_history")
    }
    lists: dict[str, list[str]] = {}
    for row in sorted(rows(replay.lake, "gold/recommendations"), key=lambda row: row["rank"]):
        lists.setdefault(row["user_id"], []).append(row["track_id"])
    assert set(lists) == {str(user["id"]) for user in records("users")}
    assert {len(tracks) for tracks in lists.values()} == {20}
    assert all(len(set(tracks)) == 20 for tracks in lists.values())
    assert not heard & {(user, track) for user, tracks in lists.items() for track in tracks}


def test_the_screen_tells_volumes_rejects_quality_lists_and_places(replay: Replay) -> None:
    screen = replay.first.stdout
    for word in ("fct_listen_history", "5,000", "popularity", "ndcg", "recommended", "medley.db"):
        assert word in screen
    assert "static_index.html" in screen
    assert "log.jsonl" in screen


def test_output_is_quiet(replay: Replay) -> None:
    said = (replay.first.stdout + replay.first.stderr).lower()
    for noise in ("warn", "derby", "log4j", "incubator", "using an existing", "traceback"):
        assert noise not in said


def test_a_second_run_does_no_work_twice(replay: Replay) -> None:
    assert replay.second.returncode == 0, replay.second.stderr
    record = json.loads((replay.runs[1] / "run.json").read_text())
    steps = {step["name"]: step["status"] for step in record["steps"]}
    assert set(steps.values()) == {"skipped"}
    assert list(steps) == ["ingest", "build", "train", "publish", "docs"]


def test_a_build_keeps_what_a_change_is_compared_with(replay: Replay) -> None:
    kept = json.loads((replay.lake / "runs" / "state" / "manifest.json").read_text())
    assert kept["nodes"]["model.medley.dim_track"]["relation_name"] == "gold.dim_track"


def test_the_log_is_ecs_and_names_run_step_and_model(replay: Replay) -> None:
    first = replay.runs[0]
    lines = [json.loads(line) for line in (first / "log.jsonl").read_text().splitlines()]
    assert all({"@timestamp", "log.level", "message", "ecs.version"} <= set(line) for line in lines)
    assert {line["trace"]["id"] for line in lines} == {first.name}
    datasets = {line.get("event", {}).get("dataset") for line in lines}
    assert {"ingest", "dbt", "pipeline"} <= datasets
    assert any(line.get("dbt", {}).get("node") == "fct_listen_history" for line in lines)


def test_recommend_reads_what_was_published(replay: Replay, command: Command) -> None:
    user = str(records("users")[0]["id"])
    said = command("medley", "recommend", user, "--n", "3", lake=replay.lake)
    lines = [line.split("\t") for line in said.stdout.splitlines()]
    ranked = {
        row["rank"]: row["track_id"]
        for row in rows(replay.lake, "gold/recommendations")
        if row["user_id"] == user
    }
    names = {row["track_id"]: row["track_name"] for row in rows(replay.lake, "gold/dim_track")}
    assert [line[1] for line in lines] == [names[ranked[rank]] for rank in (1, 2, 3)]


def test_a_version_that_is_not_kept_is_wrong_usage(replay: Replay, command: Command) -> None:
    said = command("medley", "publish", "--version", "als-0", lake=replay.lake)
    assert said.returncode == 2
    (version,) = kept(replay.lake)
    assert f"there is no version als-0; those kept are: {version}" in said.stderr


def test_status_and_runs_are_views_of_the_record(replay: Replay, command: Command) -> None:
    status = command("medley", "status", lake=replay.lake)
    assert status.returncode == 0, status.stderr
    newest = next(past_runs(replay.lake / "runs"))
    assert f"{newest.run_id}: {newest.status}" in status.stdout
    assert newest.steps[0].name in status.stdout
    said = command("medley", "runs", "--n", "100", lake=replay.lake).stdout.splitlines()
    for run in replay.runs:
        (line,) = [line for line in said if run.name in line]
        assert "success" in line
