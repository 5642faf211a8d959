"""What all tests share: one lake from the capture, one from a dirty sample, one Spark session.

Building a lake takes a minute, so each is built once, by the first test that asks. `make test` runs
in a process of their own what needs neither.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.service import ingest
from ingest.settings import IngestSettings
from sample_api.process import running
from sample_api.settings import SampleSettings
from tests.capture import replayed

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
DIRTY = SampleSettings(users=120, tracks=300, listens=2000, dirty=True)
# Much of Spark's code runs, and none for long: compiled quickly, a build takes a fifth less.
JAVA = "-XX:+UseParallelGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -Xss4m"

Command = Callable[..., subprocess.CompletedProcess[str]]
Dbt = Callable[..., Any]


def environment(lake: Path, **more: str) -> dict[str, str]:
    """The environment of an analyst who activated .venv, on a lake."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MEDLEY_")}
    return clean | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "DBT_PROFILES_DIR": str(ROOT / "profiles"),
        "MEDLEY_LAKE": str(lake),
        "MEDLEY_JAVA_OPTIONS": JAVA,
        **more,
    }


@pytest.fixture(scope="session")
def command() -> Command:
    """Run a command in the project, as from an activated environment."""

    def run(*words: str, lake: Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=ROOT,
            env=environment(lake, **more),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run


@dataclass(frozen=True)
class Replay:
    """The capture, run through the whole pipeline twice."""

    lake: Path
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    runs: tuple[Path, ...]


@pytest.fixture(scope="session")
def replay(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Replay:
    """`medley run` on the captured answers, and again with nothing new.

    Run as `make run` does, by its path: nothing may depend on an activated environment.
    """
    lake = tmp_path_factory.mktemp("replay") / "lake"
    words = (str(BIN / "medley"), "run", "--lake", str(lake), "--api-url")
    elsewhere = ":".join(part for part in os.environ["PATH"].split(":") if Path(part) != BIN)
    with replayed() as url:
        first, second = (command(*words, url, lake=lake, PATH=elsewhere) for _ in range(2))
    assert first.returncode == 0, first.stderr + first.stdout
    runs = sorted(path.parent for path in (lake / "runs").glob("*/run.json"))
    return Replay(lake, first, second, tuple(runs))


@pytest.fixture(scope="session")
def dirty_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake into which the dirty sample API was ingested; bronze only."""
    lake = tmp_path_factory.mktemp("dirty") / "lake"
    with running(DIRTY) as url:
        ingest(IngestSettings(api_url=url, lake=lake))
    return lake


@pytest.fixture(scope="session")
def dbt(dirty_lake: Path) -> Iterator[Dbt]:
    """Run dbt commands on the dirty lake in this process, which so has the one Spark session.

    Gives the command's result; `.success` says whether it succeeded.
    """
    from dbt.cli.main import dbtRunner

    with pytest.MonkeyPatch.context() as patch:
        for key in [key for key in os.environ if key.startswith("MEDLEY_")]:
            patch.delenv(key)
        patch.setenv("MEDLEY_LAKE", str(dirty_lake))
        patch.setenv("MEDLEY_JAVA_OPTIONS", JAVA)
        patch.setenv("DBT_PROFILES_DIR", str(ROOT / "profiles"))
        patch.chdir(ROOT)

        def run(*words: str) -> Any:
            return dbtRunner().invoke(["--quiet", "--no-use-colors", *words])

        yield run


@pytest.fixture(scope="session")
def built(dbt: Dbt, dirty_lake: Path) -> Path:
    """The dirty lake after `dbt build`, unit tests and data tests included."""
    result = dbt("build")
    failed = [
        f"{node.node.name}: {node.message}"
        for node in (result.result or [])
        if str(node.status) not in ("success", "pass", "warn", "no-op")
    ]
    assert result.success, "\n".join(failed) or result.exception
    return dirty_lake


@pytest.fixture
def spark(built: Path) -> Any:
    """The process's Spark session, which the build on the dirty lake started."""
    from dbt.adapters.sparksession.credentials import SparkSessionCredentials
    from dbt.adapters.sparksession.session import session_for

    return session_for(SparkSessionCredentials(lake=str(built)))
