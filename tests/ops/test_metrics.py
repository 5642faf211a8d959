"""Metrics reach a real Prometheus; a failing run erases nothing, and no absence fails a run."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from pipeline.metric_names import METRICS
from pipeline.metrics import registry
from pipeline.record import Run, past_runs, read_run
from tests.capture import replayed
from tests.conftest import ROOT, Command, Replay
from tests.ops.conftest import Watched
from tests.ops.prometheus import (
    eventually,
    free_port,
    get,
    needs_prometheus,
    pushgateway,
    started,
)

WATCHED = 'instance="night shift"'
LATE = "medley_step_last_success_timestamp_seconds"


def text_of(lake: Path) -> str:
    return generate_latest(registry(past_runs(lake / "runs"))).decode()


def test_the_manual_and_the_code_name_the_same() -> None:
    manual = (ROOT / "docs" / "metrics.md").read_text()
    rows = dict(re.findall(r"^\| `(medley_\w+)` \| ([^|]*) \|", manual, re.M))
    assert set(rows) == set(METRICS)
    for name, (_, labels) in METRICS.items():
        assert re.findall(r"`(\w+)`", rows[name]) == list(labels), name


def test_a_whole_run_gives_every_metric(replay: Replay) -> None:
    given = set(re.findall(r"^(medley_\w+)", text_of(replay.lake), re.M))
    assert set(METRICS) - given == set()


@needs_prometheus
def test_promtool_finds_no_fault_in_them(replay: Replay) -> None:
    said = subprocess.run(
        ["promtool", "check", "metrics"],
        input=text_of(replay.lake),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


@needs_prometheus
@pytest.mark.parametrize("name", METRICS)
def test_prometheus_answers_for_each(watched: Watched, name: str) -> None:
    answers = watched.ask(f"{name}{{{WATCHED}}}")
    assert answers
    assert {one["metric"]["job"] for one in answers} == {"medley"}


@needs_prometheus
def test_what_it_answers_is_what_the_record_says(watched: Watched) -> None:
    first = read_run(sorted(watched.lake.glob("runs/2*"))[0])
    build, train, publish = (first.step(name) for name in ("build", "train", "publish"))
    assert build
    assert train
    assert publish
    assert publish.publication
    rows = {node.name: node.rows for node in build.nodes}
    ndcg = next(
        one.value for one in train.quality if (one.recommender, one.metric) == ("model", "ndcg")
    )
    expected = {
        f'medley_model_rows{{{WATCHED}, model="fct_listen_history"}}': rows["fct_listen_history"],
        f'medley_step_seconds{{{WATCHED}, step="build"}}': build.seconds,
        f'medley_step_peak_memory_bytes{{{WATCHED}, step="train"}}': train.peak_memory_bytes,
        f'medley_step_cpu_seconds{{{WATCHED}, step="train"}}': train.cpu_seconds,
        f'medley_recommender_quality{{{WATCHED}, metric="ndcg", recommender="model"}}': ndcg,
        f"medley_publish_lag_seconds{{{WATCHED}}}": publish.publication.lag_seconds,
        f"sum(medley_rejected_records{{{WATCHED}}})": build.rows_rejected,
        f'medley_tests{{{WATCHED}, step="build", status="fail"}}': 0,
        f'medley_step_failed{{{WATCHED}, step="build"}}': 0,
    }
    for expression, value in expected.items():
        assert watched.value(expression) == pytest.approx(value), expression


@needs_prometheus
def test_a_failing_run_erases_nothing(
    replay: Replay, watched: Watched, tmp_path: Path, command: Command
) -> None:
    shutil.copytree(replay.lake / "runs", tmp_path / "runs")
    where = {"MEDLEY_PUSHGATEWAY": watched.gateway, "MEDLEY_INSTANCE": "failing"}
    with replayed() as url:
        said = command("medley", "ingest", "--api-url", f"{url}/v2", lake=tmp_path, **where)
    assert said.returncode == 1
    of = '{instance="failing", step="ingest"}'
    eventually(lambda: watched.ask(f"medley_step_failed{of} == 1"))
    before = read_run(replay.runs[1]).step("ingest")
    assert before
    assert before.ended_at
    ended = datetime.fromisoformat(before.ended_at).timestamp()
    assert watched.value(f"{LATE}{of}") == pytest.approx(ended)
    assert watched.value(f"medley_step_last_end_timestamp_seconds{of}") > ended
    assert len(watched.ask('medley_endpoint_failed{instance="failing"} == 1')) == 3
    assert len(watched.ask('medley_endpoint_records{instance="failing"} > 0')) == 3
    assert watched.value('medley_published_rows{instance="failing"}') == 20_000


def test_nobody_there_fails_no_run(tmp_path: Path, command: Command) -> None:
    gone = f"http://medley:hush@127.0.0.1:{free_port()}"
    where = {"MEDLEY_PUSHGATEWAY": gone, "MEDLEY_TEXTFILE": "/nowhere/medley.prom"}
    with replayed() as url:
        said = command("medley", "ingest", "users", "--api-url", url, lake=tmp_path, **where)
    assert said.returncode == 0, said.stderr
    faults = [line for line in said.stderr.splitlines() if line.startswith("!")]
    assert len(faults) == 2
    assert "/nowhere/medley.prom" in faults[1]
    run = next(past_runs(tmp_path / "runs"))
    assert run.status == "success"
    kept = run.log.read_text()
    assert "did not reach" in kept
    assert "hush" not in said.stderr + kept


def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path, command: Command) -> None:
    said = command("medley", "build", lake=tmp_path, MEDLEY_PUSHGATEWAY="localhost:9091")
    assert said.returncode == 2
    assert "MEDLEY_PUSHGATEWAY" in said.stderr


@needs_prometheus
def test_a_gateway_that_forgot_is_told_all_by_the_next_run(replay: Replay, tmp_path: Path) -> None:
    from pipeline.settings import Settings
    from pipeline.telemetry import send

    with pushgateway() as gateway:
        assert send(Settings(lake=replay.lake, pushgateway=gateway, instance="anew")) == []
        told = get(f"{gateway}/metrics")
    assert set(METRICS) - set(re.findall(r"^(medley_\w+)", told, re.M)) == set()


@pytest.mark.skipif(
    not shutil.which("prometheus-node-exporter"),
    reason="needs node_exporter: apt-get install prometheus-node-exporter",
)
def test_node_exporter_shows_the_text_file(replay: Replay, tmp_path: Path) -> None:
    from pipeline.settings import Settings
    from pipeline.telemetry import send

    file = tmp_path / "medley.prom"
    assert send(Settings(lake=replay.lake, textfile=file)) == []
    assert [path.name for path in tmp_path.iterdir()] == ["medley.prom"]
    address = f"127.0.0.1:{free_port()}"
    words = (
        "prometheus-node-exporter",
        "--collector.disable-defaults",
        "--collector.textfile",
        f"--collector.textfile.directory={tmp_path}",
        f"--web.listen-address={address}",
    )
    with started(*words, ready=f"http://{address}/metrics"):
        shown = get(f"http://{address}/metrics")
    assert set(METRICS) - set(re.findall(r"^(medley_\w+)", shown, re.M)) == set()
    assert "node_textfile_scrape_error 0" in shown


def test_no_runs_give_no_metrics(tmp_path: Path) -> None:
    assert generate_latest(registry([])) == b""
    run = Run.begin(tmp_path)
    assert b"medley_info" in generate_latest(registry([run]))
