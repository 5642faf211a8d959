"""What tests of the project share: what dbt knows of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Command

Manifest = dict[str, Any]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Manifest:
    """The manifest of a parse without warnings."""
    folder = tmp_path_factory.mktemp("target")
    parsed = command(
        "dbt", "--warn-error", "parse", "--target-path", str(folder), lake=folder / "lake"
    )
    assert parsed.returncode == 0, parsed.stdout
    loaded: Manifest = json.loads((folder / "manifest.json").read_text())
    return loaded
