"""All pages of an endpoint, in order, and what was seen to move meanwhile.

Where the API counts its records, the count tells one state of the collection from the next. New
records push the others towards the end, where they are still to be read: as long as no page is
older than the one before it, none can hide, so an older one is asked for again. Records that go
pull the others towards the start, past the reader: that is told, and for the caller to deal with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from math import inf
from urllib.parse import urlencode, urljoin, urlsplit

from requests.utils import requote_uri

from ingest.batches import Manifest
from ingest.client import Asked, Client
from ingest.endpoints import Cursor, Endpoint, Offset, PageNumber
from ingest.errors import ApiError, MovingPagesError, ShortReadError
from ingest.pages import Page
from ingest.settings import IngestSettings


class Reader:
    """Reads one endpoint; `news` are parameters that ask for news alone.

    `grew` and `shrank` tell what the number of records did.
    """

    def __init__(
        self, endpoint: Endpoint, client: Client, *, settings: IngestSettings, news: dict[str, str]
    ) -> None:  # fmt: skip
        self._endpoint, self._client = endpoint, client
        self._size, self._workers = settings.page_size, settings.workers
        self._max_pages, self.grew, self.shrank = settings.max_pages, False, False
        key = endpoint.pages.size
        query = urlencode({**({key: self._size} if key else {}), **news})
        self._url, self._query = client.url, f"&{query}" if query else ""

    def pages(self, told: Manifest, *, careful: bool = False) -> Iterator[Page]:
        """Yield the pages after those that are told of; careful: one after the other.

        Raises:
            ShortReadError: a page holds another number of records than the count makes of it.
            ApiError: a page says that it is another, or the list does not end.
        """
        last: list[bytes] = []
        counted = isinstance(self._endpoint.pages, PageNumber | Offset)
        ahead = 1 if careful else 2 * self._workers
        for page in self._numbered(told, ahead) if counted else self._chained(told):
            if page.number > self._max_pages:
                raise ApiError(f"the list goes on after {self._max_pages} pages: GET {page.url}")
            records = [bytes(payload) for payload in page.payloads] if page.total is None else []
            if records and records == last:
                raise ApiError(f"the list does not end: GET {page.url} repeats the page before it")
            last = records
            yield page

    def page(self, number: int) -> Page:
        """Get a page by its number, from 1, and check what it says of itself, twice if need be.

        Raises:
            ShortReadError: it holds another number of records than its count makes of it.
            ApiError: it says that it is another page.
        """
        return self._finish(self._start(number))

    def _asked(self, number: int) -> int:
        """What the API calls the page of this number, or its first record."""
        style = self._endpoint.pages
        return (
            style.first + number - 1 if isinstance(style, PageNumber) else (number - 1) * self._size
        )

    def _start(self, number: int) -> Asked:
        style = self._endpoint.pages
        key = style.number if isinstance(style, PageNumber | Offset) else ""
        return self._client.ask(number, f"{self._url}?{key}={self._asked(number)}{self._query}")

    def _finish(self, wanted: Asked, *, again: bool = True) -> Page:
        page, number, size = self._client.page(wanted), wanted.number, self._size
        asked = self._asked(number)
        said = {"page": asked, "size": size, **page.echo}
        by_page = isinstance(self._endpoint.pages, PageNumber)
        if by_page and (said["page"], said["size"]) != (asked, size):
            told = f"page {said['page']} of size {said['size']}, not page {asked} of size {size}"
            raise ApiError(
                f"GET {page.url} answered {told}: check --page-size, and caches on the way"
            )
        if page.total is not None:
            full, got = max(-(-page.total // size), 1), len(page.payloads)
            expected = min(size, max(page.total - (number - 1) * size, 0))
            if max(said.get("pages", full), 1) != full:
                raise ApiError(
                    f"GET {page.url} answered {said['pages']} pages for {page.total} records"
                )
            if got != expected and again:
                return self._finish(self._start(number), again=False)
            if got != expected:
                told = f"page {number} should hold {expected} records, got {got}"
                raise ShortReadError(f"short read: {told}; nothing was landed, run again")
        return page

    def backwards(self, total: int) -> Iterator[Page]:
        """Yield the pages from the last to the first, one after the other."""
        for number in range(-(-total // self._size), 0, -1):
            yield self.page(number)

    def _numbered(self, told: Manifest, most: int) -> Iterator[Page]:
        number, total, known = told.number + 1, told.announced, told.number > 0
        pending: deque[Asked] = deque()
        ahead, limit = most, inf

        def more() -> bool:
            return not known or total is None or number + len(pending) <= -(-total // self._size)

        try:
            while pending or more():
                while more() and len(pending) < (ahead if known else 1):
                    pending.append(self._start(number + len(pending)))
                page, ahead = self._finish(pending.popleft()), min(2 * ahead, most)
                if known and (page.total or 0) < (total or 0):
                    self._client.drop()  # they were asked for too early as well
                    pending.clear()
                    page, ahead = self.page(number), 1
                    self.shrank |= (page.total or 0) < (total or 0)
                self.grew |= known and (page.total or 0) > (total or 0)
                limit = limit if known else 4 * -(-(page.total or inf) // self._size) + 100
                if number > limit:
                    raise MovingPagesError("it grows as fast as it is read: run again later")
                known, total, number = True, page.total, number + 1
                if page.payloads or page.number == 1:
                    yield page
                elif total is None:
                    return
        finally:
            self._client.drop()

    def _chained(self, told: Manifest) -> Iterator[Page]:
        style, following, number = self._endpoint.pages, told.next, told.number
        seen: set[object] = set()
        while following is not None or number == 0:
            url = f"{self._url}?{self._query[1:]}" if self._query else self._url
            if number and isinstance(style, Cursor):
                query = urlencode({style.parameter: following}) + self._query
                url = f"{self._url}?{query}"
            elif number:
                url = requote_uri(urljoin(self._url, str(following)))
            if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
                raise ApiError(f"{self._url} goes on at {url}: another host is not followed")
            number += 1
            page = self._client.page(self._client.ask(number, url))
            following = page.next or None
            if following in seen:
                raise ApiError(
                    f"the list does not end: GET {page.url} leads back to a page before it"
                )
            seen.add(following)
            yield page
