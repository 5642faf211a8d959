"""The process behind the gate: a question a line, `{name, measures, limits}`, an answer a line."""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

# What Great Expectations takes where it finds it, and what it imports without need here: half of
# the time, and a hundred megabytes.
OPTIONAL = ("boto3", "botocore", "pyarrow", "pyspark", "sqlalchemy")
LATE = ("altair", "scipy.stats")
SOURCES, USED = "great_expectations.datasource.fluent.", ("pandas_datasource", "invalid_datasource")


class Late(MetaPathFinder):
    """Executes some modules once something of theirs is used."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give the usual spec with a loader that waits."""
        spec = PathFinder.find_spec(fullname, path) if fullname in LATE else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


class Hollow(ModuleType):
    """A module that has an empty class of any name."""

    def __getattr__(self, name: str) -> type:
        """Make it."""
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


class Unused(MetaPathFinder, Loader):
    """Hollow modules for the kinds of data source that are not used: Spark, SQL, clouds."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Take up those alone."""
        kind = fullname.removeprefix(SOURCES)
        unused = kind != fullname and kind.endswith("_datasource") and kind not in USED
        return ModuleSpec(fullname, self) if unused else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make one."""
        return Hollow(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def validator() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Import Great Expectations, which takes seconds, and give what answers a question."""
    import great_expectations as gx
    import pandas as pd
    from great_expectations.expectations.core import ExpectColumnMaxToBeBetween

    logging.disable()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("bronze").add_dataframe_asset("batch")
    whole = asset.add_batch_definition_whole_dataframe("whole")

    def validate(question: dict[str, Any]) -> dict[str, Any]:
        suite = gx.ExpectationSuite(name=question["name"], expectations=[
            ExpectColumnMaxToBeBetween(column=key, min_value=low, max_value=high)
            for key, (low, high) in question["limits"].items()
        ])  # fmt: skip
        batch = whole.get_batch({"dataframe": pd.DataFrame([question["measures"]])})
        result = batch.validate(suite).to_json_dict()
        failed = [
            told["expectation_config"]["kwargs"]["column"]
            for told in result["results"]
            if not told["success"]
        ]
        return {"failed": failed, "measures": question["measures"], "result": result}

    return validate


def main() -> None:
    """Answer until there are no more questions; the loader's own work goes first."""
    os.nice(10)
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(OPTIONAL))  # None: it is not there
    sys.meta_path[:0] = [Late(), Unused()]
    gc.disable()  # nothing that is imported is garbage
    validate = validator()
    gc.enable()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(validate(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
