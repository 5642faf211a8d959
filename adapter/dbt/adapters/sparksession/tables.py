"""Tables that are replaced whole, under readers.

Each build of a table is a folder of its own, `<lake>/versions/<schema>/<table>/<version>`. When
the build is complete, the table's location moves to it in one metastore call, and the link
`<lake>/<schema>/<table>` follows; only a table whose columns changed, or that is partitioned, is
out of the catalog for a moment. The build before stays for the readers it still has; older
ones, and what a killed build left behind, are removed.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from pathlib import Path

from dbt.adapters.sparksession.contracts import ContractBrokenError, counters, require_kept
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from pyarrow import fs
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType


def replace_table(
    session: SparkSession,
    credentials: SparkSessionCredentials,
    *,
    schema: str,
    table: str,
    frame: DataFrame,
    partition_by: list[str] | None = None,
    promises: list[str] | None = None,
) -> int:
    """Build a table from a frame and make it the current version; returns its rows.

    Raises:
        ContractBrokenError: rows break one of the promises; the table is as it was.
    """
    version = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:8]}"
    location = f"{credentials.lake}/versions/{schema}/{table}/{version}"
    counted = Observation()
    counts = [F.count(F.lit(1)).alias("rows"), *counters(promises or [])]
    writer = frame.observe(counted, *counts).write.format("parquet").mode("error")
    if partition_by:
        writer = writer.partitionBy(*partition_by)
    writer.save(location)
    try:
        require_kept(f"{schema}.{table}", promises or [], counted.get)
    except ContractBrokenError:
        _remove(credentials, location)
        raise
    previous = _register(session, f"{schema}.{table}", location, frame.schema, partition_by)
    _show(credentials, f"{schema}/{table}", location)
    _tidy(credentials, f"versions/{schema}/{table}", keep={version, previous})
    return int(counted.get["rows"])


def forget_table(credentials: SparkSessionCredentials, *, schema: str, table: str) -> None:
    """Remove the link and the versions of a table that has been dropped."""
    if credentials.is_local_disk:
        link = Path(credentials.lake, schema, table)
        if link.is_symlink():
            link.unlink()
    else:
        filesystem, root = fs.FileSystem.from_uri(credentials.lake)
        pointer = f"{root}/{schema}/{table}.current"
        if filesystem.get_file_info(pointer).is_file:
            filesystem.delete_file(pointer)
    _tidy(credentials, f"versions/{schema}/{table}", keep=set())


def _register(
    session: SparkSession,
    name: str,
    location: str,
    schema: StructType,
    partition_by: list[str] | None,
) -> str | None:
    """Point the catalog's entry at a location; returns the version it pointed at before.

    A location can be moved in one call only while the columns stay; a table whose columns
    changed, or that is partitioned, is taken out and put back.
    """
    previous = None
    if session.catalog.tableExists(name):
        described = session.sql(f"describe table extended {name}").collect()
        facts = {row.col_name: row.data_type for row in described}
        previous = facts.get("Location", "").rstrip("/").rsplit("/", 1)[-1] or None
        is_table = facts.get("Type") != "VIEW"
        same = _columns(session.table(name).schema) == _columns(schema)
        if is_table and same and not partition_by:
            session.sql(f"alter table {name} set location '{_quoted(location)}'")
            session.catalog.refreshTable(name)
            return previous
        session.sql(f"drop {'table' if is_table else 'view'} {name}")
    columns = ", ".join(f"`{column}` {kind}" for column, kind in _columns(schema))
    partitions = f"partitioned by ({', '.join(partition_by)})" if partition_by else ""
    session.sql(
        f"create table {name} ({columns}) using parquet {partitions} location '{_quoted(location)}'"
    )
    if partition_by:
        session.sql(f"alter table {name} recover partitions")
    return previous


def _columns(schema: StructType) -> list[tuple[str, str]]:
    return [(column.name, column.dataType.simpleString()) for column in schema]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _show(credentials: SparkSessionCredentials, name: str, location: str) -> None:
    """Let `<lake>/<schema>/<table>` lead to the current version: a link, or a pointer file."""
    if not credentials.is_local_disk:
        filesystem, root = fs.FileSystem.from_uri(credentials.lake)
        with filesystem.open_output_stream(f"{root}/{name}.current") as pointer:
            pointer.write(location.encode())
        return
    link = Path(credentials.lake, name)
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.{uuid.uuid4().hex}")
    fresh.symlink_to(os.path.relpath(location, link.parent))
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    fresh.replace(link)


def _tidy(credentials: SparkSessionCredentials, folder: str, keep: set[str | None]) -> None:
    """Remove every version of a table but those to keep."""
    if credentials.is_local_disk:
        names = [path.name for path in Path(credentials.lake, folder).glob("*")]
    else:
        filesystem, root = fs.FileSystem.from_uri(credentials.lake)
        selector = fs.FileSelector(f"{root}/{folder}", allow_not_found=True)
        names = [info.base_name for info in filesystem.get_file_info(selector)]
    for name in names:
        if name not in keep:
            _remove(credentials, f"{credentials.lake}/{folder}/{name}")


def _remove(credentials: SparkSessionCredentials, location: str) -> None:
    if credentials.is_local_disk:
        shutil.rmtree(location, ignore_errors=True)
    else:
        filesystem, path = fs.FileSystem.from_uri(location)
        filesystem.delete_dir(path)
