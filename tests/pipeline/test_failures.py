"""What a run says and leaves when something fails."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from pathlib import Path
from subprocess import DEVNULL, Popen

from pipeline.lock import held
from pipeline.record import Run, past_runs
from tests.capture import replayed
from tests.conftest import BIN, ROOT, Command, Replay, environment


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


def test_a_second_run_waits_for_the_first_if_told_to(tmp_path: Path) -> None:
    with replayed() as url, (tmp_path / "said").open("w+") as said:
        words = [BIN / "medley", "ingest", "users", "--api-url", url]
        with held(tmp_path):
            second = Popen(words, env=environment(tmp_path, MEDLEY_WAIT="600"), stderr=said)
            while f"waiting for a run with pid {os.getpid()}" not in Path(said.name).read_text():
                assert second.poll() is None, Path(said.name).read_text()
                time.sleep(0.1)
            assert not list(tmp_path.glob("runs/*"))
        assert second.wait(600) == 0, Path(said.name).read_text()


def test_who_holds_the_lake_is_told_with_host_and_time(tmp_path: Path, command: Command) -> None:
    with held(tmp_path):
        said = command("medley", "build", lake=tmp_path, MEDLEY_WAIT="1")
    assert said.returncode == 1
    assert f"held by a run with pid {os.getpid()} on {socket.gethostname()} since" in said.stderr


def test_a_wait_that_is_no_number_is_wrong_usage(tmp_path: Path, command: Command) -> None:
    said = command("medley", "status", lake=tmp_path, MEDLEY_WAIT="a while")
    assert said.returncode == 2
    assert "MEDLEY_WAIT" in said.stderr


def test_a_run_that_was_killed_says_so_with_its_last_sign_of_life(
    tmp_path: Path, command: Command
) -> None:
    with replayed() as url:
        words = [BIN / "medley", "ingest", "--api-url", url, "--requests-per-second", "2"]
        process = Popen(words, env=environment(tmp_path), cwd=ROOT, stderr=DEVNULL)
        while not list(tmp_path.glob("runs/*/log.jsonl")):
            time.sleep(0.1)
        time.sleep(2)
        process.kill()
        process.wait()
        said = command("medley", "ingest", "users", "--api-url", url, lake=tmp_path)
    assert said.returncode == 0, said.stderr
    after, dead = past_runs(tmp_path / "runs")
    assert (dead.status, dead.steps[0].status) == ("died", "died")
    assert dead.message == dead.steps[0].message == f"the process {process.pid} died"
    assert dead.seconds
    assert dead.ended_at
    assert dead.ended_at < after.started_at
    assert after.resumes == dead.run_id
