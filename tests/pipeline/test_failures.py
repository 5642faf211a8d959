"""What a run says and leaves when something fails."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

from pipeline.record import Run, past_runs
from tests.capture import replayed
from tests.conftest import Command, Replay


def last_run(lake: Path) -> Run:
    return next(past_runs(lake / "runs"))


def test_without_an_address_the_usage_is_wrong(tmp_path: Path, command: Command) -> None:
    said = command("medley", "run", lake=tmp_path / "lake")
    assert said.returncode == 2
    assert "MEDLEY_API_URL" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_server_that_is_down_fails_the_step_in_one_line(tmp_path: Path, command: Command) -> None:
    lake = tmp_path / "lake"
    with replayed() as url:
        pass
    said = command("medley", "ingest", "tracks", "--api-url", url, lake=lake)
    assert said.returncode == 1
    (line,) = [line for line in said.stderr.splitlines() if line.startswith("Error:")]
    assert "ingest failed" in line
    assert "log.jsonl" in line
    run = last_run(lake)
    assert (run.status, run.steps[0].status) == ("failed", "failed")
    logged = [json.loads(text) for text in run.log.read_text().splitlines()]
    assert any("stack_trace" in entry.get("error", {}) for entry in logged)


def test_a_second_run_on_a_lake_says_who_holds_it(tmp_path: Path, command: Command) -> None:
    with (tmp_path / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("a run with pid 4242")
        held.flush()
        said = command("medley", "build", lake=tmp_path)
    assert said.returncode == 1
    assert "pid 4242" in said.stderr


def test_a_run_that_died_is_marked_by_the_next(tmp_path: Path, command: Command) -> None:
    dead = Run.begin(tmp_path / "runs")
    assert last_run(tmp_path).status == "running"
    command("medley", "ingest", "--api-url", "http://127.0.0.1:9", lake=tmp_path)
    runs = {run.run_id: run.status for run in past_runs(tmp_path / "runs")}
    assert len(runs) == 2
    assert runs[dead.run_id] == "died"


def test_nothing_to_show_is_said_so(tmp_path: Path, command: Command) -> None:
    said = command("medley", "status", lake=tmp_path)
    assert said.returncode == 1
    assert "medley run" in said.stderr
    said = command("medley", "recommend", "7", lake=tmp_path)
    assert said.returncode == 1
    assert "medley publish" in said.stderr


def test_a_serving_url_of_no_engine_is_wrong_usage(replay: Replay, command: Command) -> None:
    said = command("medley", "publish", "--to", "foo://bar", lake=replay.lake)
    assert said.returncode == 2
    assert "sqlite" in said.stderr


def test_what_is_missing_is_made_again(replay: Replay, command: Command) -> None:
    (replay.lake / "serving" / "medley.db").unlink()
    said = command("medley", "publish", lake=replay.lake)
    assert said.returncode == 0, said.stderr
    assert "20,000 rows" in said.stderr
    assert "nothing new" in command("medley", "publish", lake=replay.lake).stderr


def test_no_secret_of_the_serving_url_is_kept(replay: Replay, command: Command) -> None:
    url = "postgresql://medley:hush-hush@127.0.0.1:9/music"
    said = command("medley", "publish", "--to", url, lake=replay.lake)
    assert said.returncode == 1
    kept = [path for path in (replay.lake / "runs").rglob("*") if path.is_file()]
    assert "hush-hush" not in said.stdout + said.stderr
    assert not [path for path in kept if b"hush-hush" in path.read_bytes()]
