"""The loader and silver reject for reasons that the seed explains."""

from __future__ import annotations

import csv
import re

from ingest.endpoints import load_endpoints
from ingest.pages import parse_page
from ingest.settings import ENDPOINTS_FILE
from tests.conftest import ROOT

UNFIT = b'{"items": [7, {"id": 1, "x": NaN}, {}], "total": 3, "page": 1, "size": 100, "pages": 1}'


def test_every_reason_is_explained_and_every_explanation_used() -> None:
    with (ROOT / "seeds" / "reject_reasons.csv").open() as seed:
        explained = {row["reason"] for row in csv.DictReader(seed)}
    (tracks,) = load_endpoints(ENDPOINTS_FILE, names=["tracks"])
    landing = {reason for reason in parse_page(UNFIT, tracks, url="x").reasons if reason}
    assert landing == {"not_an_object", "invalid_number", "missing_id"}
    cleaning: set[str] = set()
    for model in (ROOT / "models" / "silver").glob("*_records.sql"):
        for judged in re.findall(
            r"(?:case|if\()(?:(?!select).)*?as reject_reason", model.read_text(), re.S
        ):
            cleaning |= set(re.findall(r"(?:then|null,) '(\w+)'", judged))
    assert {"missing_id", "blank_name", "no_tracks"} <= cleaning
    assert landing | cleaning == explained
