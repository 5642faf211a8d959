"""A real rsyslogd ships a run's logs: every line once, whole, also when the other end was away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Replay
from tests.ops.bulk_server import taking

CONFIGURATION = ROOT / "ops" / "logs" / "rsyslog.conf"
MODULES = list(Path("/usr/lib").glob("*/rsyslog/omelasticsearch.so"))
PATIENCE_SECONDS = 30
INDEX = "logs-medley-default"

pytestmark = pytest.mark.skipif(
    not (shutil.which("rsyslogd") and MODULES),
    reason="needs rsyslogd: apt-get install rsyslog rsyslog-elasticsearch",
)


def line(**more: object) -> str:
    return json.dumps({"@timestamp": "2026-11-24T03:17:00.000Z", "message": "x", **more})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run in a lake."""
    folder = tmp_path / "lake" / "runs" / "20261124T031700000000Z"
    folder.mkdir(parents=True)
    return folder


@contextmanager
def rsyslogd(folder: Path, url: str) -> Iterator[None]:
    """Run rsyslogd on our configuration, with its places below a folder."""
    work = folder / "spool"
    work.mkdir(exist_ok=True)
    text = CONFIGURATION.read_text()
    text = text.replace("/var/lib/medley/lake", str(folder / "lake"))
    text = text.replace("/var/log", str(work)).replace('resumeInterval="10"', 'resumeInterval="1"')
    configuration = work / "rsyslog.conf"
    configuration.write_text(f'global(workDirectory="{work}")\n{text}')
    environment = {
        **os.environ,
        "ELASTICSEARCH_URL": url,
        "ELASTICSEARCH_USER": "medley",
        "ELASTICSEARCH_PASSWORD": "hush",
    }
    words = ["rsyslogd", "-n", "-f", str(configuration), "-i", str(work / "pid")]
    with (work / "said").open("ab") as said:
        checked = subprocess.run([*words, "-N1"], env=environment, capture_output=True, check=False)
        assert checked.returncode == 0, checked.stderr.decode()
        assert b"error" not in checked.stderr.lower(), checked.stderr.decode()
        process = subprocess.Popen(words, env=environment, stdout=said, stderr=said)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def wait_for(happened: Callable[[], bool], what: Callable[[], Any]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < until, what()
        time.sleep(0.1)


def test_a_real_run_arrives_line_by_line(replay: Replay, tmp_path: Path, run: Path) -> None:
    lines = []
    for log in replay.runs[0].glob("*.jsonl"):
        shutil.copy(log, run)
        lines += log.read_text().splitlines()
    assert len(lines) > 100
    with taking() as stream, rsyslogd(tmp_path, stream.url):
        wait_for(lambda: len(stream.documents) >= len(lines), lambda: len(stream.documents))
    assert stream.faults == []
    assert {index for index, _ in stream.documents} == {INDEX}
    arrived = sorted(json.dumps(one, sort_keys=True) for one in stream.documents.values())
    assert arrived == sorted(json.dumps(json.loads(text), sort_keys=True) for text in lines)
    assert stream.authorizations == {"Basic bWVkbGV5Omh1c2g="}


def test_long_and_foreign_lines_are_not_cut(tmp_path: Path, run: Path) -> None:
    long = line(error={"stack_trace": 'at "x"\n\t' * 20_000})
    foreign = json.dumps({**json.loads(line()), "message": "Sigur Rós \\ 東京"}, ensure_ascii=False)
    (run / "log.jsonl").write_text(f"{long}\n{foreign}\n")
    with taking() as stream, rsyslogd(tmp_path, stream.url):
        wait_for(lambda: len(stream.documents) == 2, lambda: stream.faults)
    assert stream.faults == []
    assert json.loads(long) in stream.documents.values()
    assert json.loads(foreign) in stream.documents.values()


def test_while_the_other_end_is_away_lines_wait(tmp_path: Path, run: Path) -> None:
    log = run / "log.jsonl"
    log.write_text("".join(line(number=number) + "\n" for number in range(50)))
    with taking() as stream:
        url, port = stream.url, int(stream.url.rpartition(":")[2])
    with rsyslogd(tmp_path, url):
        time.sleep(2)  # it finds nobody there
        with taking(port) as stream:
            wait_for(lambda: len(stream.documents) == 50, lambda: len(stream.documents))
            with log.open("a") as more:
                more.write(line(number=50) + "\n")
            wait_for(lambda: len(stream.documents) == 51, lambda: len(stream.documents))
    assert {one["number"] for one in stream.documents.values()} == set(range(51))


def test_what_is_sent_twice_is_kept_once(tmp_path: Path, run: Path) -> None:
    (run / "log.jsonl").write_text("".join(line(number=number) + "\n" for number in range(20)))
    with taking() as stream:
        for _ in range(2):
            with rsyslogd(tmp_path, stream.url):
                wait_for(lambda: len(stream.documents) == 20, lambda: len(stream.documents))
            for state in (tmp_path / "spool").glob("imfile-state*"):
                state.unlink()
        with rsyslogd(tmp_path, stream.url):
            wait_for(lambda: len(stream.sent) >= 40, lambda: len(stream.sent))
        assert len(stream.documents) == 20
        assert stream.faults == []
