"""All pages of an endpoint, in order, complete or not at all."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import requests

from ingest.client import fetch_page
from ingest.endpoints import Endpoint
from ingest.errors import ApiError, MovingPagesError, ShortReadError
from ingest.pages import Page
from ingest.settings import IngestSettings


def read_pages(
    endpoint: Endpoint, *, session: requests.Session, settings: IngestSettings,
    pool: ThreadPoolExecutor,
) -> Generator[Page, None, None]:  # fmt: skip
    """Yield page 1, then the others fetched side by side; at most 2 x workers wait in memory.

    Raises:
        ShortReadError: a page holds another number of records than `total` makes of it. All
            pages being right, their sum is `total`.
        MovingPagesError: `total`, or who stands on page 1, is another at the end.
        ApiError: a page says that it is another page, or could not be had.
    """
    stop = threading.Event()
    pending: deque[Future[Page]] = deque()

    def fetch(number: int, first: Page | None = None) -> Page:
        page = fetch_page(endpoint, number, session=session, settings=settings, stop=stop)
        _check(page, number, endpoint.name, size=settings.page_size, first=first)
        return page

    try:
        first = fetch(1)
        yield first
        for number in range(2, first.pages + 1):
            pending.append(pool.submit(fetch, number, first))
            if len(pending) >= 2 * settings.workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
        if sorted(map(repr, fetch(1, first).ids)) != sorted(map(repr, first.ids)):
            raise MovingPagesError(f"page 1 of {endpoint.name} holds other ids than at the start")
    finally:
        stop.set()
        for future in pending:
            future.cancel()
        wait(pending)


def _check(page: Page, number: int, name: str, *, size: int, first: Page | None) -> None:
    if (page.page, page.size) != (number, size):
        raise ApiError(
            f"GET {page.url} answered page {page.page} of size {page.size}, not page {number} "
            f"of size {size}: check --page-size, and caches on the way"
        )
    if first and page.total != first.total:
        raise MovingPagesError(f"the total of {name} went from {first.total} to {page.total}")
    if max(page.pages, 1) != max(-(-page.total // size), 1):
        raise ApiError(f"GET {page.url} answered {page.pages} pages for {page.total} records")
    expected, got = min(size, max(page.total - (number - 1) * size, 0)), len(page.payloads)
    if got != expected:
        raise ShortReadError(name, page=number, expected=expected, got=got)
