"""Contracts that hold: `not_null` and `check` constraints, counted in the pass that writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt_common.exceptions import DbtDatabaseError
from pyspark.sql import Column
from pyspark.sql import functions as F


class ContractBrokenError(DbtDatabaseError):
    """Rows break a constraint; the table is as it was."""


def promises_of(model: Mapping[str, Any]) -> list[str]:
    """The SQL conditions that every row of a contracted model must meet; a null passes.

    Args:
        model: the node as Jinja knows it, with `columns` and `constraints`.
    """
    if not model["config"]["contract"]["enforced"]:
        return []
    promises = [_condition(constraint) for constraint in model.get("constraints", [])]
    for column in model["columns"].values():
        promises += [_condition(constraint, column["name"]) for constraint in column["constraints"]]
    return [promise for promise in promises if promise]


def _condition(constraint: Mapping[str, Any], column: str | None = None) -> str | None:
    if constraint["type"] == "not_null":
        columns = [column] if column else constraint["columns"]
        return " and ".join(f"{name} is not null" for name in columns)
    return str(constraint["expression"]) if constraint["type"] == "check" else None


def counters(promises: list[str]) -> list[Column]:
    """One count per promise, of the rows that break it."""
    return [
        F.count_if(~F.expr(promise)).alias(f"broken_{index}")
        for index, promise in enumerate(promises)
    ]


def require_kept(name: str, promises: list[str], counted: Mapping[str, int]) -> None:
    """Raise ContractBrokenError, naming each promise and how many rows break it."""
    broken = [
        f"{counted[f'broken_{index}']:,} rows are not `{promise}`"
        for index, promise in enumerate(promises)
        if counted[f"broken_{index}"]
    ]
    if broken:
        raise ContractBrokenError(
            f"{name} breaks its contract and stays as it was: {'; '.join(broken)}. "
            "See them with `dbt show`, or correct the model or its YAML."
        )
