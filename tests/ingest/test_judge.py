"""What is looked for in many records at once is what a look at each would find."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ingest.columns import joined
from ingest.endpoints import load_endpoints
from ingest.judge import Judge
from ingest.pages import Cutter
from ingest.service import ingest
from ingest.settings import ENDPOINTS_FILE
from tests.ingest.helpers import payloads, settings_for
from tests.ingest.server import serving

TRACKS = load_endpoints(ENDPOINTS_FILE, names=["tracks"])[0]
MEMBERS = [
    b'"id": 7', b'"id" :8', b'"updated_at": "2026-01-01T00:00:00Z"', b'"updated_at": null',
    b'"artist": {"id": 3, "id": 4}', b'"n": "\\"id\\""', b'"n": "\xff"', b'"identity": 1',
    b'"n": "id"', '"n": "夜 é 🎵"'.encode(), b'"v": [{"updated_at": 1}]',
]  # fmt: skip
others = st.lists(st.sampled_from(MEMBERS), max_size=4)
records = st.tuples(others, others).map(
    lambda parts: b"{" + b", ".join([*parts[0], b'"id": 1', *parts[1]]) + b"}"
)


@given(st.lists(records, max_size=12))
def test_all_at_once_refuses_what_one_by_one_refuses(texts: list[bytes]) -> None:
    judge = Judge(TRACKS)
    verdicts = enumerate(judge.verdict(text)[0] for text in texts)
    assert judge.refused(*joined(texts)) == {at: why for at, why in verdicts if why}


@given(st.lists(records, max_size=12))
def test_a_page_cut_closely_needs_no_later_look(texts: list[bytes]) -> None:
    envelope = b'"total": %d, "page": 1, "size": 100, "pages": 1' % len(texts)
    body = b'{"items": [%s], %s}' % (b", ".join(texts), envelope)
    close, rough = (
        Cutter(TRACKS).cut(body, number=1, url="http://x/", closely=closely)
        for closely in (True, False)
    )
    refused = {at: why for at, why in enumerate(close.reasons) if why}
    later = Judge(TRACKS).refused(*joined(rough.payloads))
    assert refused == later | {at: why for at, why in enumerate(rough.reasons) if why}


def test_a_key_within_a_value_is_no_second_one(tmp_path: Path) -> None:
    texts = [f'{{"id": {n}, "artist": {{"id": {n}, "id": 0}}, "like": "id"}}' for n in range(25)]
    with serving({"tracks": texts}) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert (result.rows, result.rejected) == (25, 0)
    assert payloads(tmp_path, "tracks") == texts
