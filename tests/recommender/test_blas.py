"""Where Spark has no native BLAS, training says so and names the remedy."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recommender.blas import has_native_blas, warn_without_native_blas

ALONE = """
import sys
from pathlib import Path
from types import SimpleNamespace
from pipeline.log import logging_to
from pipeline.record import Run
from pyspark import SparkConf
from pyspark.java_gateway import launch_gateway
from recommender.blas import warn_without_native_blas
options = "-Ddev.ludovic.netlib.blas.allowNative=false"
conf = SparkConf(loadDefaults=False).set("spark.driver.extraJavaOptions", options)
folder = Path(sys.argv[1])
jvm = launch_gateway(conf, {"stderr": (folder / "java.log").open("w")}).jvm
warn_without_native_blas(SimpleNamespace(_jvm=jvm))
run = Run.begin(folder / "runs")
with logging_to(run):
    warn_without_native_blas(SimpleNamespace(_jvm=jvm))
print(run.log)
"""


def on_this_machine() -> bool:
    """Whether the libraries are where Spark looks for them."""
    try:
        return all(ctypes.CDLL(f"lib{name}.so.3") for name in ("blas", "lapack"))
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries have other names elsewhere")
def test_a_native_blas_is_used_where_there_is_one(
    spark: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert has_native_blas(spark._jvm) == on_this_machine()
    warn_without_native_blas(spark)
    assert len(caplog.records) == (0 if on_this_machine() else 1)


def test_without_one_a_line_names_the_remedy_on_the_screen_and_in_a_log(tmp_path: Path) -> None:
    words = [sys.executable, "-c", ALONE, str(tmp_path)]
    said = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    by_itself, in_a_run = said.stderr.splitlines()
    assert by_itself == in_a_run
    assert "apt-get install libopenblas0-pthread" in by_itself
    (logged,) = Path(said.stdout.strip()).read_text().splitlines()
    assert json.loads(logged)["message"] == by_itself


def test_over_connect_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    warn_without_native_blas(SimpleNamespace())  # type: ignore[arg-type]
    assert caplog.records == []


def test_a_native_blas_leaves_the_cores_to_the_tasks(spark: Any) -> None:
    assert spark._jvm.System.getenv("OPENBLAS_NUM_THREADS") == "1"
    workers = spark.sparkContext.parallelize([0], 1)
    assert workers.map(lambda _: os.environ["OPENBLAS_NUM_THREADS"]).collect() == ["1"]
