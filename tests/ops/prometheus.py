"""Real Prometheus, Pushgateway and node_exporter for tests, with the settings of `ops/`."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from tests.conftest import ROOT

SETTINGS = ROOT / "ops" / "prometheus"
PATIENCE_SECONDS = 30

needs_prometheus = pytest.mark.skipif(
    not all(map(shutil.which, ("prometheus", "promtool", "prometheus-pushgateway"))),
    reason="needs Prometheus: apt-get install prometheus prometheus-pushgateway",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(url: str) -> str:
    with urlopen(url, timeout=5) as answer:
        text: str = answer.read().decode()
        return text


def eventually(happened: Callable[[], Any]) -> Any:
    """What a call gives, once it gives something; the last error if it never does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if result := happened():
                return result
            error: Exception = AssertionError("it did not happen")
        except OSError as caught:
            error = caught
        if time.monotonic() > until:
            raise error
        time.sleep(0.1)


@contextmanager
def started(*words: str, ready: str) -> Iterator[None]:
    """Run a server while a block runs, from when an address of it answers."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: get(ready) or True)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@contextmanager
def pushgateway() -> Iterator[str]:
    """A Pushgateway; gives its URL."""
    address = f"127.0.0.1:{free_port()}"
    # Debian keeps what is pushed in /var/lib, where the next run would find it.
    in_memory = "--persistence.file="
    words = ("prometheus-pushgateway", f"--web.listen-address={address}", in_memory)
    with started(*words, ready=f"http://{address}/-/ready"):
        yield f"http://{address}"


@contextmanager
def prometheus(folder: Path, gateway: str) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """A Prometheus on our settings, scraping a Pushgateway; gives what answers PromQL."""
    text = (SETTINGS / "prometheus.yml").read_text()
    text = text.replace("localhost:9091", gateway.removeprefix("http://")).replace("30s", "1s")
    (folder / "prometheus.yml").write_text(text)
    shutil.copy(SETTINGS / "medley.rules.yml", folder)
    address = f"127.0.0.1:{free_port()}"
    words = (
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    )

    def ask(expression: str) -> list[dict[str, Any]]:
        answer = json.loads(get(f"http://{address}/api/v1/query?query={quote(expression)}"))
        assert answer["status"] == "success"
        found = answer["data"]["result"]
        if answer["data"]["resultType"] == "scalar":
            return [{"metric": {}, "value": found}]
        result: list[dict[str, Any]] = found
        return result

    with started(*words, ready=f"http://{address}/-/ready"):
        yield ask
