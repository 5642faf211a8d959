"""Both DAGs in a real Airflow, on the sample API: `make test-airflow`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.record import past_runs
from sample_api.process import running as api_running
from sample_api.settings import SampleSettings
from tests.conftest import ROOT
from tests.lake import count
from tests.ops.airflow.standalone import BIN, Airflow, running, until
from tests.pipeline.notices.mailbox import opened

OPS = ROOT / "ops" / "airflow"
BUILD, TRAIN = "medley_ingest_and_build", "medley_train_and_publish"

pytestmark = pytest.mark.skipif(
    "MEDLEY_TEST_AIRFLOW" not in os.environ or not BIN.exists(),
    reason="takes minutes, and an environment of its own: `make test-airflow`",
)


def write_settings(home: Path, lake: Path, api: str, notify: str = "") -> None:
    text = f"MEDLEY_LAKE={lake}\nMEDLEY_API_URL={api}\nMEDLEY_NOTIFY='{notify}'\n"
    (home / "medley.env").write_text(text)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow") / "lake"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, lake: Path) -> Iterator[Airflow]:
    home = tmp_path_factory.mktemp("airflow-home")
    shutil.copytree(OPS, home / "ops")
    dags = home / "ops" / "dags" / "medley.py"
    patient = dags.read_text()
    dags.write_text(patient.replace("timedelta(minutes=5)", "timedelta(seconds=1)"))
    assert dags.read_text() != patient
    with api_running(SampleSettings(users=60, tracks=120, listens=600)) as api:
        write_settings(home, lake, api)
        places = {"MEDLEY_HOME": str(ROOT), "MEDLEY_SETTINGS": str(home / "medley.env")}
        with running(home, dags=dags.parent, **places) as started:
            until(lambda: len(started.get("dags")["dags"]) == 2, "the DAGs")
            yield started


def test_gold_starts_the_second_dag_although_a_build_was_killed(
    airflow: Airflow, lake: Path
) -> None:
    assert airflow.get("importErrors")["total_entries"] == 0
    for dag in (TRAIN, BUILD):
        airflow.unpause(dag)
    until(lambda: airflow.runs(BUILD), "the schedule to start the first DAG")
    [first] = airflow.runs(BUILD)
    assert first["run_type"] == "scheduled"
    until((lake / "silver" / "users").exists, "the build to be at work")
    os.kill(next(past_runs(lake / "runs")).pid, signal.SIGKILL)
    assert airflow.ended(BUILD, first["dag_run_id"]) == {"ingest": "success", "build": "success"}
    assert [run.status for run in past_runs(lake / "runs")][:3] == ["success", "died", "success"]

    until(lambda: airflow.runs(TRAIN), "the asset to start the second DAG")
    [second] = airflow.runs(TRAIN)
    assert second["run_type"] == "asset_triggered"
    states = airflow.ended(TRAIN, second["dag_run_id"])
    assert states == {"train": "success", "publish": "success"}
    assert count(lake, "gold/recommendations") == 60 * 20
    assert (lake / "serving" / "medley.db").exists()


def test_with_nothing_new_all_is_skipped_and_no_asset_is_updated(
    airflow: Airflow, lake: Path
) -> None:
    events = airflow.get("assets/events")["total_entries"]
    assert events == 2
    again = airflow.trigger(BUILD)
    assert airflow.ended(BUILD, again) == {"ingest": "skipped", "build": "skipped"}
    assert airflow.get("assets/events")["total_entries"] == events
    newest, before, *_ = past_runs(lake / "runs")
    assert [step.status for run in (newest, before) for step in run.steps] == ["skipped"] * 2


def test_whoever_is_to_be_told_is_told_of_a_task_that_was_killed_each_time(
    airflow: Airflow, lake: Path
) -> None:
    with opened() as (url, box), socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        write_settings(airflow.home, lake, f"http://127.0.0.1:{silent.getsockname()[1]}", url)
        run = airflow.trigger(BUILD)
        killed: set[int] = set()
        while len(killed) < 3:
            until(lambda: at_work(lake) not in (None, *killed), "an attempt")
            pid = at_work(lake)
            assert pid
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        states = airflow.ended(BUILD, run)
        assert states == {"ingest": "failed", "build": "upstream_failed"}
        until(lambda: box.mails, "a mail")
    assert "ingest died" in str(box.mails[-1]["Subject"])


def at_work(lake: Path) -> int | None:
    """The process of the run at work."""
    newest = next(past_runs(lake / "runs"))
    return newest.pid if newest.status == "running" and newest.steps else None
