"""Both DAGs in a real Airflow, on the sample API: `make test-airflow`."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.record import past_runs
from sample_api.process import running as api_running
from sample_api.settings import SampleSettings
from tests.conftest import ROOT
from tests.lake import count
from tests.ops.airflow.standalone import BIN, Airflow, running, until

OPS = ROOT / "ops" / "airflow"
BUILD, TRAIN = "medley_ingest_and_build", "medley_train_and_publish"

pytestmark = pytest.mark.skipif(
    "MEDLEY_TEST_AIRFLOW" not in os.environ or not BIN.exists(),
    reason="takes minutes, and an environment of its own: `make test-airflow`",
)


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
    settings = home / "medley.env"
    with api_running(SampleSettings(users=60, tracks=120, listens=600)) as api:
        settings.write_text(f"MEDLEY_LAKE={lake}\nMEDLEY_API_URL={api}\n")
        places = {"MEDLEY_HOME": str(ROOT), "MEDLEY_SETTINGS": str(settings)}
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
