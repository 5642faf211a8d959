"""Lists as APIs page them, each declared in YAML alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ingest.errors import ApiError, IngestError
from ingest.service import ingest
from tests.ingest.helpers import declared, left_in_bronze, payloads, rows, settings_for
from tests.ingest.server import listening, record, reply

RECORDS = [record(number) for number in range(25)]
Query = dict[str, str]
Told = tuple[list[str], dict[str, Any]]


def landed(
    tmp_path: Path, entry: str, answer: Callable[[Query], Told | str], **more: Any
) -> tuple[list[str], list[str]]:
    """What landed in `plays` of a server that answers like this, and what it was asked."""
    file = declared(tmp_path / "e.yml", f"{{name: plays, path: /v1/plays, id: [id], {entry}}}")
    asked: list[str] = []

    def page(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        told = answer(dict(parse_qsl(urlsplit(handler.path).query)))
        if isinstance(told, str):
            reply(handler, told)
        else:
            envelope = json.dumps(told[1])[1:-1]
            reply(handler, f'{{"items": [{", ".join(told[0])}]{envelope and ", " + envelope}}}')

    with listening(page) as url:
        given = {"endpoints_file": file, "workers": 3, **more}
        ingest(settings_for(url, tmp_path / "lake", **given))
    return payloads(tmp_path / "lake", "plays"), asked


def part(start: int, size: int = 10) -> list[str]:
    return RECORDS[start : start + size]


def test_offset_and_limit_with_a_total(tmp_path: Path) -> None:
    found, asked = landed(
        tmp_path,
        "pages: {style: offset}",
        lambda q: (part(int(q["offset"]), int(q["limit"])), {"total": 25}),
    )
    assert found == RECORDS
    expected = [f"/v1/plays?offset={start}&limit=10" for start in (0, 10, 20)]
    assert sorted(set(asked)) == expected
    row = rows(tmp_path / "lake", "plays")[24]
    assert (row["_page"], row["_position"]) == (3, 4)
    assert row["_source_url"].endswith(expected[2])


@pytest.mark.parametrize("count", [25, 20, 0])
def test_offset_and_limit_without_a_total(tmp_path: Path, count: int) -> None:
    found, asked = landed(
        tmp_path,
        "pages: {style: offset, number: skip, size: take, total: null}",
        lambda q: (RECORDS[:count][int(q["skip"]) : int(q["skip"]) + int(q["take"])], {}),
    )
    assert found == RECORDS[:count]
    assert "/v1/plays?skip=0&take=10" in asked


@pytest.mark.parametrize("first", [0, 1])
def test_pages_by_number_without_a_total(tmp_path: Path, first: int) -> None:
    found, _ = landed(
        tmp_path,
        f"pages: {{style: page, number: p, size: n, first: {first}, total: null}}",
        lambda q: (part((int(q["p"]) - first) * int(q["n"])), {}),
    )
    assert found == RECORDS


def test_a_page_that_is_a_list_itself(tmp_path: Path) -> None:
    found, _ = landed(
        tmp_path,
        'items: "", pages: {style: page, total: null}',
        lambda q: f" [{' ,'.join(part((int(q['page']) - 1) * 10))}] ",
    )
    assert found == RECORDS


def test_items_below_other_keys(tmp_path: Path) -> None:
    def answer(query: Query) -> str:
        items = ", ".join(part((int(query["page"]) - 1) * 10))
        meta = f'{{"page": {{"total": 25, "number": {query["page"]}}}, "rows": [1]}}'
        return f'{{"rows": [], "meta": {meta}, "data": {{"rows": [{items}], "more": [[]]}}}}'

    paging = "{style: page, total: meta.page.total, echo: {page: meta.page.number}}"
    found, _ = landed(tmp_path, f"items: data.rows, pages: {paging}", answer)
    assert found == RECORDS


LINKS = {
    "relative": lambda url, start: f"?start={start}",
    "by_name": lambda url, start: f"plays?start={start}",
    "by_path": lambda url, start: f"/v1/plays?start={start}",
    "to_another_path": lambda url, start: f"/v2/more/{start}?start={start}&q=a b&c=ü",
    "absolute": lambda url, start: f"{url}/v1/plays?start={start}#top",
}


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("last", [None, ""])
def test_each_page_links_to_the_next(tmp_path: Path, kind: str, last: str | None) -> None:
    file = declared(
        tmp_path / "e.yml",
        "{name: plays, path: /v1/plays, id: [id], pages: {style: link, next: links.next, size: n}}",
    )
    asked: list[str] = []

    def page(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        start = int(dict(parse_qsl(urlsplit(handler.path).query)).get("start", 0))
        url = f"http://{handler.headers['Host']}"
        following = LINKS[kind](url, start + 10) if start < 20 else last
        links = json.dumps({"links": {"next": following}})
        reply(handler, f'{{"items": [{", ".join(part(start))}], {links[1:-1]}}}')

    with listening(page) as url:
        ingest(settings_for(url, tmp_path / "lake", endpoints_file=file))
    assert payloads(tmp_path / "lake", "plays") == RECORDS
    assert (asked[0], len(asked)) == ("/v1/plays?n=10", 3)


@pytest.mark.parametrize(
    "link", ["http://127.0.0.2/plays", "//evil.example/x", "https://127.0.0.1/", "file:///etc/x"]
)
def test_a_link_to_another_host_is_refused(tmp_path: Path, link: str) -> None:
    with pytest.raises(IngestError, match="another host is not followed") as caught:
        landed(tmp_path, "pages: {style: link}", lambda _q: (part(0), {"next": link}))
    assert type(caught.value.__cause__) is ApiError
    assert left_in_bronze(tmp_path / "lake") == []


@pytest.mark.parametrize("tokens", [("n1", "n2"), ("a b&c=%/ü", "+"), (10, 20)])
def test_each_page_gives_the_token_of_the_next(tmp_path: Path, tokens: tuple[object, ...]) -> None:
    """Tokens are sent back as they came, whatever they are made of."""

    def answer(query: Query) -> Told:
        at = [None, *map(str, tokens)].index(query.get("after"))
        return part(at * 10, int(query["n"])), {"meta": {"next": [*tokens, None][at]}}

    found, asked = landed(
        tmp_path,
        "pages: {style: cursor, next: meta.next, parameter: after, size: n}",
        answer,
    )
    assert found == RECORDS
    assert (asked[0], len(asked)) == ("/v1/plays?n=10", 3)


def test_the_last_page_need_not_name_a_next(tmp_path: Path) -> None:
    found, asked = landed(tmp_path, "pages: {style: cursor}", lambda _q: (part(0), {}))
    assert (found, len(asked)) == (part(0), 1)
