"""An Airflow on 127.0.0.1: API server, DAG processor and scheduler, in a folder of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.conftest import ROOT

BIN = ROOT / ".venv-airflow" / "bin"
COMPONENTS = (("api-server", "--workers", "1"), ("dag-processor",), ("scheduler",))
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Airflow:
    """The running Airflow, spoken to over its REST API."""

    url: str
    home: Path
    session: requests.Session

    def get(self, path: str, **query: Any) -> Any:
        """Answer of a GET below /api/v2."""
        answer = self.session.get(f"{self.url}/api/v2/{path}", params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def unpause(self, dag: str) -> None:
        """Let a DAG run."""
        path = f"{self.url}/api/v2/dags/{dag}"
        self.session.patch(path, json={"is_paused": False}, timeout=30).raise_for_status()

    def trigger(self, dag: str) -> str:
        """Start a DAG; gives the id of its run."""
        path = f"{self.url}/api/v2/dags/{dag}/dagRuns"
        answer = self.session.post(path, json={"logical_date": None}, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """A DAG's runs, oldest first."""
        found: list[dict[str, Any]] = self.get(f"dags/{dag}/dagRuns", order_by="run_after")[
            "dag_runs"
        ]
        return found

    def ended(self, dag: str, run: str) -> dict[str, str]:
        """Wait for the end of a run; gives the state of each of its tasks."""
        path = f"dags/{dag}/dagRuns/{run}"
        until(lambda: self.get(path)["state"] in ("success", "failed"), f"{dag} to end")
        tasks = self.get(f"{path}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] for task in tasks}


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited {PATIENCE_SECONDS} s for {what}")
        time.sleep(0.3)


@contextmanager
def running(home: Path, *, dags: Path, **environment: str) -> Iterator[Airflow]:
    """Run Airflow for the length of a block; its logs are in `home`."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {key: value for key, value in os.environ.items() if "AIRFLOW" not in key} | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "DO_NOT_TRACK": "1",
        "NO_PROXY": "127.0.0.1",
        **environment,
    }
    program = str(BIN / "airflow")
    for words in (("db", "migrate"), ("pools", "import", str(dags.parent / "pools.json"))):
        subprocess.run([program, *words], env=settings, check=True, capture_output=True)
    with ExitStack() as stack:
        for words in COMPONENTS:
            log = stack.enter_context((home / f"{words[0]}.log").open("w"))
            process = subprocess.Popen([program, *words], env=settings, stdout=log, stderr=log)
            stack.callback(_stop, process)
        with requests.Session() as session:
            session.trust_env = False
            until(lambda: _healthy(session, url), "Airflow to be healthy")
            token = session.get(f"{url}/auth/token", timeout=30).json()["access_token"]
            session.headers["Authorization"] = f"Bearer {token}"
            yield Airflow(url, home, session)


def _healthy(session: requests.Session, url: str) -> bool:
    try:
        health = session.get(f"{url}/api/v2/monitor/health", timeout=30).json()
    except (requests.ConnectionError, ValueError):
        return False
    parts = ("metadatabase", "scheduler", "dag_processor")
    return all(health[part]["status"] == "healthy" for part in parts)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
