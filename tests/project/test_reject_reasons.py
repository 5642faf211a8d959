"""The loader and silver reject for reasons that the seed explains."""

from __future__ import annotations

import csv
import re

from ingest.endpoints import load_endpoints
from ingest.pages import Cutter
from ingest.settings import ENDPOINTS_FILE
from tests.conftest import ROOT

UNFIT = [
    b"7",
    b'{"id": 1, "x": NaN}',
    b"{}",
    b'{"id": 1, "id": 2}',
    b'{"id": []}',
    b'{"id": 1, "updated_at": "soon"}',
    b'{"id": 1, "deep": ' + b"[" * 5000 + b"]" * 5000 + b"}",
]
BODY = b'{"items": [' + b", ".join(UNFIT) + b'], "total": 7, "page": 1, "size": 100, "pages": 1}'


def test_every_reason_is_explained_and_every_explanation_used() -> None:
    with (ROOT / "seeds" / "reject_reasons.csv").open() as seed:
        explained = {row["reason"] for row in csv.DictReader(seed)}
    (tracks,) = load_endpoints(ENDPOINTS_FILE, names=["tracks"])
    reasons = Cutter(tracks).cut(BODY, number=1, url="x").reasons
    assert len(set(reasons) - {None}) == len(UNFIT)
    landing = {*reasons, "conflicting_version"}  # which is seen between pages, not in one
    cleaning: set[str] = set()
    for model in (ROOT / "models" / "silver").glob("*_records.sql"):
        for judged in re.findall(
            r"(?:case|if\()(?:(?!select).)*?as reject_reason", model.read_text(), re.S
        ):
            cleaning |= set(re.findall(r"(?:then|null,) '(\w+)'", judged))
    assert {"missing_id", "blank_name", "no_tracks"} <= cleaning
    assert landing | cleaning == explained
