"""The JVM's warnings and errors as ECS JSON lines, each with the dbt node that was at work.

`log4j2.properties` has an appender for them, which leads nowhere until `log_to` names a file. The
node is in log4j's thread context, and in Spark's local properties, which carry it to the tasks.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError  # type: ignore[import-untyped]

NODE = "mdc.dbt.node"
TEMPLATE = Path(__file__).with_name("spark_event.json")
KINDS = ("model", "operation", "seed", "snapshot", "test", "unit_test")

# A JVM that has ended answers so; whoever needs it next starts another.
GONE = (Py4JError, OSError)

_properties: dict[str, str] = {}


def log_to(file: Path, *, trace_id: str) -> None:
    """Send what this process's JVM says from now on to a file, whether it runs yet or not.

    Args:
        file: appended to; made when there is something to say.
        trace_id: what `trace.id` of every line is to be.
    """
    _properties["sparksession.events.file"] = str(file.resolve())
    _properties["sparksession.events.trace"] = trace_id
    jvm = running_jvm()
    if jvm is not None:
        with suppress(*GONE):
            tell(jvm)


def tell(jvm: Any) -> None:
    """Tell a JVM where to log."""
    if _properties:
        for name, value in _properties.items():
            jvm.java.lang.System.setProperty(name, value)
        jvm.org.apache.logging.log4j.core.config.Configurator.reconfigure()


def at_work(connection_name: str | None) -> None:
    """Note which node the current thread works on; dbt names connections after their nodes."""
    jvm = running_jvm()
    if jvm is None:
        return
    kind, _, rest = (connection_name or "").partition(".")
    node = rest.split(".")[1] if kind in KINDS and "." in rest else None
    with suppress(*GONE):
        _label(jvm, node)


def _label(jvm: Any, node: str | None) -> None:
    from pyspark import SparkContext

    context = jvm.org.apache.logging.log4j.ThreadContext
    if node:
        context.put(NODE, node)
    else:
        context.remove(NODE)
    spark = SparkContext._active_spark_context
    if spark is not None:
        spark.setLocalProperty(NODE, node)  # type: ignore[arg-type]


def running_jvm() -> Any:
    """The JVM of this process, None where there is none: not started, or a Connect server's."""
    from pyspark import SparkContext

    return SparkContext._jvm
