from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.service import ingest
from tests.ingest.helpers import payloads, rows, settings_for
from tests.ingest.server import NAMES, Call, serving

CAPTURE = Path(__file__).parents[1] / "fixtures" / "api" / "capture"


def replay(call: Call) -> None:
    call.body = (CAPTURE / call.endpoint / f"page-{call.page:02}.json").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_captured_api_lands_whole(tmp_path: Path, name: str) -> None:
    files = sorted((CAPTURE / name).glob("page-*.json"))
    assert len(files) == 10
    with serving({name: []}, fault=replay) as api:
        (first,) = ingest(settings_for(api, tmp_path, page_size=100), endpoints=[name])
        (again,) = ingest(settings_for(api, tmp_path, page_size=100), endpoints=[name])
    assert (first.status, first.rows, first.rejected, first.pages) == ("landed", 1000, 0, 10)
    assert again.status == "unchanged"
    sent = [record for file in files for record in json.loads(file.read_bytes())["items"]]
    assert [json.loads(payload) for payload in payloads(tmp_path, name)] == sent
    text = "".join(file.read_text() for file in files)
    assert all(row["payload"] in text for row in rows(tmp_path, name))
