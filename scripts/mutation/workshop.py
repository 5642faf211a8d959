"""A copy of the project and a small dirty lake of its own, where models may be broken."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.service import ingest
from ingest.settings import IngestSettings
from sample_api.process import running
from sample_api.settings import SampleSettings

DIRTY = SampleSettings(users=120, tracks=300, listens=2000, dirty=True)
PARTS = ("dbt_project.yml", "profiles", "models", "macros", "seeds", "tests/data")
# Built once, with the lake: training takes too long, and volumes are compared from build to build.
ONCE = {"als_factors", "als_scores", "evaluation_scores", "similar_scores", "table_volumes"}
INCREMENTAL = ("+fct_listen_history", "+rejected_records")
# A query over ten rows costs what it takes to compile it: interpret it instead. Code that is not
# compiled as far has larger frames, and Spark's ALS nests deeply.
JAVA, QUICK = (
    "-XX:+UseParallelGC",
    "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss4m -XX:ReservedCodeCacheSize=240m",
)
SETTINGS = "conf: &conf"
INTERPRETED = """
        spark.sql.adaptive.enabled: false
        spark.sql.codegen.wholeStage: false
        spark.sql.codegen.factoryMode: NO_CODEGEN"""
GOOD = ("success", "pass", "warn", "no-op", "skipped")


def interpreted(profiles: str) -> str:
    """The text of a profile whose Spark compiles as little as it can."""
    return profiles.replace(JAVA, QUICK).replace(SETTINGS, SETTINGS + INTERPRETED)


class WorkshopNotReadyError(RuntimeError):
    """The unbroken project does not pass its own tests here, so breaks would show nothing."""


@dataclass(frozen=True)
class Failure:
    """A test, contract or query that failed; `model` is what was tested or built."""

    name: str
    model: str
    status: str
    message: str


@dataclass
class Workshop:
    """The copied project and its lake.

    Attributes:
        damaged: models that a mutant has built.
        further: what follows from models past their children.
    """

    folder: Path
    damaged: set[str] = field(default_factory=set)
    further: dict[tuple[str, ...], set[str]] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        """Where the copy of the project is."""
        return self.folder / "project"

    @property
    def lake(self) -> Path:
        """Where its lake is."""
        return self.folder / "lake"

    def dbt(self, *words: str) -> list[Failure]:
        """Run a dbt command in this process, whose Spark session stays; returns what failed.

        Raises:
            WorkshopNotReadyError: if dbt could not so much as begin.
        """
        results: list[Any] = list(getattr(self._invoke(*words), "results", []))
        self.damaged |= {
            result.node.name
            for result in results
            if result.node.resource_type == "model" and str(result.status) == "success"
        }
        return [
            Failure(
                result.node.name,
                _model(result.node),
                str(result.status),
                str(result.message),
            )
            for result in results
            if str(result.status) not in GOOD
        ]

    def _invoke(self, *words: str) -> Any:
        from dbt.cli.main import dbtRunner

        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # pyspark's own
        os.environ |= {"MEDLEY_LAKE": str(self.lake), "MEDLEY_SHUFFLE_PARTITIONS": "1"}
        places = ["--project-dir", str(self.project), "--profiles-dir", f"{self.project}/profiles"]
        outcome = dbtRunner().invoke(
            ["--log-level", "none", "--no-use-colors", *words, *places],
        )
        if outcome.exception:
            raise WorkshopNotReadyError(f"dbt {' '.join(words)}: {outcome.exception}")
        return outcome.result

    def unit_test(self, models: Collection[str]) -> list[Failure]:
        """Run the unit tests of models, which need no table."""
        return self.dbt("test", "--resource-type", "unit_test", "-s", *models)

    def build(self, models: tuple[str, ...]) -> list[Failure]:
        """Build models and their children anew, and run the data tests of both.

        Only if these notice nothing is the rest that follows from the models built too: tests of
        what was not built would compare new with old.
        """
        if models not in self.further:
            self.further[models] = self._listed(models, "+") - self._listed(models, "+1")
        further, apart = self.further[models], ONCE - set(models)
        failures = self._build_whole(models, "+1", without=further | apart)
        if further - apart and not failures:
            failures = self._build_whole(models, "+", without=apart)
        return failures

    def _build_whole(
        self, models: tuple[str, ...], followed: str, *, without: set[str]
    ) -> list[Failure]:
        chosen = ["-s", *(model + followed for model in models), "--exclude", *sorted(without)]
        return self.dbt("build", "--full-refresh", *chosen, "--exclude-resource-type", "unit_test")

    def _listed(self, models: tuple[str, ...], followed: str) -> set[str]:
        chosen = ["-s", *(model + followed for model in models), "--resource-type", "model"]
        return set(self._invoke("ls", *chosen, "--output", "name"))

    def build_second_batch(self) -> list[Failure]:
        """Build what is incremental, and all it is built from, from what landed since."""
        without = ["--exclude-resource-type", "unit_test"]
        return self.dbt("build", "-s", *INCREMENTAL, "--indirect-selection", "buildable", *without)

    def mend(self) -> None:
        """Build again what a mutant left damaged; the files are whole by then.

        Raises:
            WorkshopNotReadyError: if that fails.
        """
        if self.damaged:
            require_none(self.dbt("run", "--full-refresh", "-s", *sorted(self.damaged)))
            self.damaged = set()


def require_none(failures: list[Failure]) -> None:
    """Raise WorkshopNotReadyError, naming what failed where nothing was broken."""
    if failures:
        told = "; ".join(f"{failure.name}: {failure.message}" for failure in failures)
        raise WorkshopNotReadyError(f"the unbroken project fails: {told}")


def _model(node: Any) -> str:
    """What a unit test, `unit_test.medley.track.its_name`, tests; else the node itself."""
    kind, _, model, *_ = node.unique_id.split(".")
    return str(model if kind == "unit_test" else node.name)


def open_workshop(root: Path, folder: Path, models: list[str]) -> Workshop:
    """Copy the project of `root` into `folder` and build its lake there, if there is none yet.

    Raises:
        WorkshopNotReadyError: if the project fails its own tests.
    """
    workshop = Workshop(folder)
    shutil.rmtree(workshop.project, ignore_errors=True)
    for part in PARTS:
        target = workshop.project / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / part).is_dir():
            shutil.copytree(root / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(root / part, target)
    profiles = workshop.project / "profiles" / "profiles.yml"
    profiles.write_text(interpreted(profiles.read_text()))
    if (workshop.lake / "gold").exists():
        failures = workshop.unit_test(models) + workshop.build(tuple(models))
    else:
        with running(DIRTY) as url:
            ingest(IngestSettings(api_url=url, lake=workshop.lake))
        failures = workshop.dbt("build")
    require_none(failures)
    workshop.damaged = set()
    return workshop
