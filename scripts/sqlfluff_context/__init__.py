"""Names that dbt gives to a model's Jinja and SQLFluff does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import UndefinedError

_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project.yml"
_VARS: dict[str, Any] = yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"]

# A fixed moment: what the linter says must not depend on the clock.
run_started_at = datetime(2026, 1, 1, tzinfo=UTC)
model = SimpleNamespace(columns={})  # of the YAML


def var(name: str, default: Any = None) -> Any:
    """A var of dbt_project.yml.

    Raises:
        UndefinedError: there is no such var, and no default is given.
    """
    if name not in _VARS and default is None:
        raise UndefinedError(f"dbt_project.yml has no var {name!r}")
    return _VARS.get(name, default)
