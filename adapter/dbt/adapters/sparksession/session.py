"""The one Spark session of a process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from dbt.adapters.sparksession.credentials import LOCAL_METASTORE, SparkSessionCredentials
from dbt.adapters.sparksession.events import TEMPLATE, tell
from dbt.adapters.sparksession.metastore import require_free
from dbt_common.exceptions import DbtRuntimeError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MINIMUM_JAVA = 17
# Off, so that moving a table's location moves all its partitions; see tables.py.
PARTITIONS_IN_CATALOG = "spark.sql.hive.manageFilesourcePartitions"
# They print each error's place and Java stack as JSON on stderr; dbt says the error itself.
NOISY_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
LOG4J = Path(__file__).with_name("log4j2.properties")
# Tasks are what runs side by side: a BLAS with threads of its own would only be in their way.
BLAS_THREADS = "OPENBLAS_NUM_THREADS"

_lock = threading.Lock()
_sessions: dict[str, SparkSession] = {}


def session_for(credentials: SparkSessionCredentials) -> SparkSession:
    """Return the process's session, started at the first call, and anew when its JVM has ended.

    Raises:
        DbtRuntimeError: Java is missing or too old, Spark does not start, or the process
            already holds a session on another lake (a JVM has one metastore).
    """
    with _lock:
        key = credentials.unique_field
        if key in _sessions and not credentials.remote and _jvm_has_ended():
            _sessions.pop(key)
            _forget_jvm()
        if key not in _sessions:
            if _sessions:
                held = next(iter(_sessions))
                raise DbtRuntimeError(
                    f"This process already runs Spark on {held}; use a new process for {key}."
                )
            _quieten()
            _sessions[key] = _connect(credentials) if credentials.remote else _start(credentials)
        return _sessions[key]


def _quieten() -> None:
    from pyspark.logger import PySparkLogger

    for name in NOISY_LOGGERS:
        PySparkLogger.getLogger(name).disabled = True


def _jvm_has_ended() -> bool:
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    return process is not None and process.poll() is not None


def _forget_jvm() -> None:
    """Let PySpark start another JVM, which it does only when it knows of none."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
    SparkSession._instantiatedSession = None


def static_settings(credentials: SparkSessionCredentials) -> dict[str, str]:
    """Everything that must be said before the JVM starts."""
    java_options = [
        f"-Dlog4j2.configurationFile={LOG4J.as_uri()}",
        f"-Dsparksession.events.template={TEMPLATE.as_uri()}",
    ]
    settings = {
        "spark.app.name": "medley",
        "spark.master": credentials.master,
        "spark.sql.warehouse.dir": credentials.lake,
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.session.timeZone": "UTC",
        PARTITIONS_IN_CATALOG: "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        f"spark.executorEnv.{BLAS_THREADS}": os.environ.get(BLAS_THREADS, "1"),
    }
    if credentials.master.startswith("local"):
        settings["spark.driver.host"] = settings["spark.driver.bindAddress"] = "127.0.0.1"
    if credentials.metastore == LOCAL_METASTORE:
        home = credentials.metastore_home
        home.mkdir(parents=True, exist_ok=True)
        java_options += [
            f"-Dderby.system.home={home}",
            f"-Dderby.stream.error.file={home / 'derby.log'}",
        ]
        settings["spark.hadoop.javax.jdo.option.ConnectionURL"] = (
            f"jdbc:derby:;databaseName={home / 'hive'};create=true"
        )
    else:
        settings["spark.hadoop.hive.metastore.uris"] = credentials.metastore
    settings |= {key: _spark_text(value) for key, value in credentials.conf.items()}
    extra = settings.get("spark.driver.extraJavaOptions", "")
    settings["spark.driver.extraJavaOptions"] = " ".join([*java_options, extra]).strip()
    return settings


def _spark_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _start(credentials: SparkSessionCredentials) -> SparkSession:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    require_java()
    if credentials.metastore == LOCAL_METASTORE:
        require_free(credentials.metastore_home / "hive")
    if credentials.master.startswith("local"):  # workers run what the driver runs
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault(BLAS_THREADS, "1")  # the JVM inherits it
    conf = SparkConf(loadDefaults=False).setAll(list(static_settings(credentials).items()))
    log = Path(credentials.log_file)
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("wb") as stderr:
            gateway = launch_gateway(conf, {"stderr": stderr})  # type: ignore[no-untyped-call]
        tell(gateway.jvm)
        return SparkSession(SparkContext(conf=conf, gateway=gateway))
    except Exception as error:
        raise DbtRuntimeError(f"Spark did not start: {error}. Its log: {log.resolve()}") from error


def _connect(credentials: SparkSessionCredentials) -> SparkSession:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.remote(credentials.remote)  # type: ignore[arg-type]
    settings = {"spark.sql.session.timeZone": "UTC", PARTITIONS_IN_CATALOG: "false"}
    settings |= credentials.conf
    for key, value in settings.items():
        builder = builder.config(key, _spark_text(value))
    return builder.getOrCreate()


def require_java() -> None:
    """Raise DbtRuntimeError, naming the remedy, unless Java 17 or newer is there."""
    java = _java()
    found = 0
    if java:
        # Safe: the path is the user's own JAVA_HOME or PATH.
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
        found = int(version.group(1)) if version else 0
    if found < MINIMUM_JAVA:
        seen = f"Java {found} at {java}" if found else "no Java"
        raise DbtRuntimeError(
            f"Spark 4 needs Java {MINIMUM_JAVA} or newer and found {seen}. Debian: apt-get install "
            "openjdk-17-jre-headless; macOS: brew install openjdk@17 (and set JAVA_HOME)."
        )


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return str(Path(home) / "bin" / "java")
    return shutil.which("java")
