from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sample_api.process import running
from sample_api.settings import SampleSettings

FIXTURES = Path(__file__).parents[1] / "fixtures" / "api"


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FIXTURES / "openapi.json").read_text())
    return loaded


@pytest.fixture(scope="session")
def capture() -> Path:
    return FIXTURES / "capture"


@pytest.fixture(scope="session", params=[False, True], ids=["clean", "dirty"])
def api(request: pytest.FixtureRequest) -> Iterator[str]:
    with running(SampleSettings(dirty=request.param)) as url:
        yield url
