from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.__main__ import command
from tests.ingest.helpers import on, rows
from tests.ingest.server import Call, serving, some

DATA = some(25)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MEDLEY_API_URL", "MEDLEY_API_TOKEN", "MEDLEY_LAKE"):
        monkeypatch.delenv(name, raising=False)


def test_the_module_runs_and_tells_each_endpoint(tmp_path: Path) -> None:
    with serving(DATA) as api:
        line = [sys.executable, "-m", "ingest", "users", "tracks", "--api-url", api.url]
        line += ["--lake", str(tmp_path), "--page-size", "10", "--workers", "2"]
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
        again = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
        full = subprocess.run([*line, "--full"], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, again.returncode, full.returncode) == (0, "", 0, 0)
    assert done.stderr == "users: landed, 25 records\ntracks: landed, 25 records\n"
    assert again.stderr == "users: unchanged, 25 records\ntracks: unchanged, 25 records\n"
    assert [len(rows(tmp_path, name)) for name in DATA] == [50, 50, 0]


def test_a_failure_is_status_1_and_one_line(tmp_path: Path) -> None:
    def refuse(call: Call) -> None:
        call.status, call.body = 404, b""

    with serving(DATA, fault=on("tracks", 1, refuse)) as api:
        options = ["--api-url", api.url, "--lake", str(tmp_path)]
        done = CliRunner().invoke(command, ["tracks", *options])
    assert done.exit_code == 1
    errors = [line for line in done.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert errors[0].startswith("Error: tracks: GET ")
    assert "404" in errors[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ([], "MEDLEY_API_URL"),
        (["--api-url", "nonsense"], "http://"),
        (["--api-url", "http://127.0.0.1:9", "trakcs"], "no endpoint trakcs"),
        (["--api-url", "http://127.0.0.1:9", "--workers", "0"], "--workers"),
        (["--speed"], "--speed"),
    ],
)
def test_wrong_usage_is_status_2(line: list[str], told: str) -> None:
    done = CliRunner().invoke(command, line)
    assert done.exit_code == 2
    assert told in done.output
