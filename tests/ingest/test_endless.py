"""A list that never ends is told, whatever keeps it going."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import IngestError
from tests.ingest.server import record
from tests.ingest.test_styles import Query, Told, landed, part

NO_TOTAL = "pages: {style: page, total: null}"


@pytest.mark.parametrize(
    "entry",
    [NO_TOTAL, "pages: {style: offset, total: null}"],
)
def test_a_server_that_ignores_the_number_is_told(tmp_path: Path, entry: str) -> None:
    with pytest.raises(IngestError, match=r"does not end: GET .* repeats the page before it"):
        landed(tmp_path, entry, lambda _q: (part(0), {}), max_pages=50)


@pytest.mark.parametrize("style", ["link", "cursor"])
@pytest.mark.parametrize("length", [1, 3])
def test_a_chain_that_leads_back_is_told(tmp_path: Path, style: str, length: int) -> None:
    """Each page holds other records, so that nothing but the chain tells."""
    count = itertools.count()

    def answer(query: Query) -> Told:
        at = int(query.get("cursor", 0))
        following: Any = (at + 1) % length + (length == 1)
        number = next(count)
        assert number < 50
        link = f"?cursor={following}" if style == "link" else str(following)
        return [record(number)], {"next": link, "next_cursor": link}

    with pytest.raises(IngestError, match=r"does not end: GET .* leads back"):
        landed(tmp_path, f"pages: {{style: {style}}}", answer)


ENDLESS = {
    "page": (NO_TOTAL, {}),
    "offset": ("pages: {style: offset, total: null}", {}),
    "cursor": ("pages: {style: cursor}", {"next_cursor": "{}"}),
    "link": ("pages: {style: link}", {"next": "?n={}"}),
    "total": ("pages: {style: offset}", {"total": 10**15}),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_new_pages_for_ever_are_bounded(tmp_path: Path, name: str) -> None:
    entry, more = ENDLESS[name]
    count = itertools.count()

    def answer(_query: Query) -> Told:
        number = next(count)
        assert number < 200
        envelope = {
            key: text.format(number) if isinstance(text, str) else text
            for key, text in more.items()
        }
        return [record(10 * number + n) for n in range(10)], envelope

    with pytest.raises(IngestError, match="the list goes on after 40 pages"):
        landed(tmp_path, entry, answer, max_pages=40)


def test_a_total_that_grows_for_ever_is_bounded(tmp_path: Path) -> None:
    count = itertools.count()

    def answer(_query: Query) -> Told:
        number = next(count)
        assert number < 400
        records = [record(10 * number + n) for n in range(10)]
        return records, {"total": 1_000 + 10 * number}

    with pytest.raises(IngestError, match=r"the list goes on after 40 pages|moved while it was"):
        landed(tmp_path, "pages: {style: offset}", answer, max_pages=40)
