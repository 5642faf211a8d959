"""Whatever JSON a record is made of, it lands as it was sent."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.endpoints import load_endpoints
from ingest.pages import Cutter, Page
from ingest.service import ingest
from ingest.settings import ENDPOINTS_FILE
from tests.ingest.helpers import payloads, settings_for
from tests.ingest.server import serving

TRACKS = load_endpoints(ENDPOINTS_FILE, names=["tracks"])[0]
ENVELOPE = '"total": 1, "page": 1, "size": 100, "pages": 1'

numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)
blank = st.text(alphabet=" \t\n\r", max_size=3)
strings = st.one_of(
    st.builds(json.dumps, st.text(), ensure_ascii=st.booleans()),
    st.just(r'"\ud83d\ude00 \/ \u00e9 ]}{["'),
).filter(lambda text: not any(0xD800 <= ord(char) <= 0xDFFF for char in text))


def arrays(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(children, max_size=4).map(lambda parts: f"[{' , '.join(parts)}]")


def objects(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(strings, blank, children).map(
        lambda parts: f"{parts[0]}{parts[1]}:{parts[2]}"
    )
    return st.lists(member, max_size=4).map(lambda parts: f"{{ {','.join(parts)}}}")


literals = st.one_of(numbers, strings, st.sampled_from(["true", "false", "null"]))
values = st.recursive(literals, lambda inner: arrays(inner) | objects(inner), max_leaves=12)


def cut(text: str) -> Page:
    return Cutter(TRACKS).cut(text.encode(), number=1, url="http://x/tracks?page=1")


def sent(page: Page) -> list[str]:
    return [bytes(payload).decode() for payload in page.payloads]


@given(st.lists(st.tuples(blank, values, blank), max_size=6), values, st.booleans())
def test_payloads_are_the_exact_text_between_the_commas(
    records: list[tuple[str, str, str]], unknown: str, first: bool
) -> None:
    items = f'"items": [{",".join("".join(parts) for parts in records)}]'
    parts = [f'"new": {unknown}', ENVELOPE, items]
    page = cut(f"\n{{{', '.join(parts if first else reversed(parts))}}} ")
    assert sent(page) == [value for _, value, _ in records]


@given(st.lists(st.tuples(blank, objects(values), blank), max_size=6))
def test_good_records_stay_as_sent_beside_bad_ones(records: list[tuple[str, str, str]]) -> None:
    good = [f'{{"id":{n},"more":{text}}}' for n, (_, text, _) in enumerate(records)]
    padded = [f"{parts[0]}{text}{parts[2]}" for parts, text in zip(records, good, strict=True)]
    page = cut(f'{{"items": [{",".join(["NaN", *padded])}], {ENVELOPE}}}')
    assert sent(page) == ["NaN", *good]
    assert [text for text, reason in zip(sent(page), page.reasons, strict=True) if not reason] == (
        good
    )


@st.composite
def records(draw: st.DrawFn) -> list[str]:
    """Records with an id each, among members of any kind, some of them sent twice."""
    other = strings.filter(lambda text: json.loads(text) not in ("id", "updated_at"))
    member = st.builds(lambda *parts: "".join(parts), blank, other, blank, st.just(":"), values)
    texts = []
    for number in range(draw(st.integers(0, 12))):
        members = draw(st.lists(member, max_size=4))
        members += members[: draw(st.integers(0, 1))]
        members.insert(draw(st.integers(0, len(members))), f'"id"{draw(blank)}: {number}')
        texts.append(f"{{{','.join(members)}{draw(blank)}}}")
    return texts


@settings(max_examples=40, deadline=None)
@given(records())
def test_records_come_out_of_parquet_as_they_were_sent(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, serving({"tracks": texts}) as api:
        lake = Path(folder)
        (result,) = ingest(settings_for(api, lake, page_size=5), endpoints=["tracks"])
        assert (result.rows, result.rejected) == (len(texts), 0)
        assert payloads(lake, "tracks") == texts
