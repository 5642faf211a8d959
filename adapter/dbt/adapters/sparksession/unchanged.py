"""Tables that would come out as they are: the same query over the same files is not run again.

A build is made from its query, the plan that Spark makes of it (which has the text of views in it),
and the files that this reads. A digest of all that lies in the build's folder. Queries that ask for
the time or for chance have none, nor have those over Spark Connect or outside a local disk: these
are always run.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyspark
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from pyspark.sql import DataFrame

NOTE = "_made_from.json"  # Spark, pyarrow and DuckDB pass over such names
EVERY_FIELD = 1_000_000
WITHOUT_FILES = {"OneRowRelation", "CTERelationRef", "Range"}
_numbered = re.compile(r"#\d+L?|(?<=CTERelationDef )\d+|(?<=CTERelationRef )\d+")
# Spark's own `deterministic` is false for `collect_list` too, whose order does not matter to us.
_of_the_moment = re.compile(
    r"\b(current_\w+|now|localtimestamp|rand\w*|uniform|uuid|shuffle|monotonically_increasing_id"
    r"|spark_partition_id|input_file_\w+|session_user)\(",
    re.IGNORECASE,
)


class _UnknownInputError(Exception):
    """The plan reads something that is not a file."""


def digest(
    credentials: SparkSessionCredentials, frame: DataFrame, *described: object
) -> str | None:
    """A text that is the same only for what gives the same rows; None where that is not known.

    Args:
        credentials: of the session.
        frame: the query; it is not run.
        described: what else decides on the table, its SQL among it.
    """
    if credentials.remote or not credentials.is_local_disk:
        return None
    plan: Any = frame._jdf.queryExecution().analyzed()
    text = plan.treeString(True, False, EVERY_FIELD, False, False)
    if _of_the_moment.search(text):
        return None
    try:
        read = sorted(set(_read(plan, Path(credentials.lake, "versions"))))
    except (_UnknownInputError, OSError):
        return None
    parts = [pyspark.__version__, repr(described), _numbered.sub("", text), *read]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _read(plan: Any, versions: Path) -> Iterator[str]:
    """What a plan reads, subqueries included: values, a build's folder, each file with its time."""
    for part in (plan, *_each(plan.subqueriesAll())):
        for leaf in _each(part.collectLeaves()):
            if _name(leaf) in WITHOUT_FILES:
                continue
            if _name(leaf) == "LocalRelation":  # the text of the plan has no rows of these
                yield str(leaf.data().mkString())
                continue
            if _name(leaf) != "LogicalRelation" or _name(leaf.relation()) != "HadoopFsRelation":
                raise _UnknownInputError
            index = leaf.relation().location()
            roots = [_path(root.toUri().toString()) for root in _each(index.rootPaths())]
            if all(versions in root.parents for root in roots):
                yield from map(str, roots)  # whose files never change
                continue
            for file in map(_path, index.inputFiles()):  # those that this query will read
                found = file.stat()
                yield f"{file} {found.st_size} {found.st_mtime_ns}"


def _name(thing: Any) -> str:
    return str(thing.getClass().getSimpleName())


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _each(sequence: Any) -> Iterator[Any]:
    """The elements of one of Scala's."""
    return (sequence.apply(place) for place in range(sequence.size()))


@dataclass(frozen=True)
class Built:
    """What became of a table.

    Attributes:
        rows: it has, or those that were added.
        as_it_was: whether it was left as it was, because nothing would change.
    """

    rows: int
    as_it_was: bool = False

    @property
    def message(self) -> str:
        """What dbt prints."""
        return f"{self.rows:,} rows" + (", as they were" if self.as_it_was else "")


def note(location: str, made_from: str | None, rows: int) -> None:
    """Leave the digest in a build's folder."""
    if made_from:
        text = json.dumps({"digest": made_from, "rows": rows})
        Path(location, NOTE).write_text(text, encoding="utf-8")


def rows_if_same(location: str | None, made_from: str | None) -> int | None:
    """The rows of a build that was made from the same; None if it was not, or nobody knows."""
    file = Path(location or "", NOTE)
    if not made_from or not location or not file.is_file():
        return None
    noted = json.loads(file.read_text(encoding="utf-8"))
    return int(noted["rows"]) if noted["digest"] == made_from else None
