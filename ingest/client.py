"""HTTP: one page, with patience for a struggling server and none for a wrong request."""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import requests
import urllib3

from ingest.endpoints import Endpoint
from ingest.errors import ApiError, ApiUnavailableError
from ingest.pages import Page, parse_page
from ingest.settings import IngestSettings

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 300.0
CHUNK_BYTES = 64 * 2**10
HINTS = {401: "MEDLEY_API_TOKEN", 403: "MEDLEY_API_TOKEN", 404: "MEDLEY_API_URL and endpoints.yml",
         422: "the page size (--page-size)"}  # fmt: skip
TRANSIENT = (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError)


def make_session(settings: IngestSettings) -> requests.Session:
    """Open a session with a connection for each worker; the token travels in its auth alone."""
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=settings.workers)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers.update({"Accept": "application/json", "User-Agent": "medley-ingest"})
    if settings.token:

        def bearer(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["Authorization"] = f"Bearer {settings.token}"
            return request

        session.auth = bearer
    return session


def fetch_page(
    endpoint: Endpoint, number: int, *, session: requests.Session, settings: IngestSettings,
    stop: threading.Event,
) -> Page:  # fmt: skip
    """Get one page, trying again while that may help; `stop` ends the waiting early.

    Raises:
        ApiUnavailableError: after the last attempt, or when told to wait past MAX_WAIT_SECONDS.
        ApiError: at once, for what no second attempt would change.
    """
    query = urlencode({"page": number, "size": settings.page_size})
    url = f"{settings.api_url.rstrip('/')}{endpoint.path}?{query}"
    for attempt in range(1, settings.max_attempts + 1):
        try:
            page = parse_page(_get(url, session=session, settings=settings), endpoint, url=url)
        except ApiUnavailableError as error:
            wait = error.wait_seconds
            if attempt == settings.max_attempts or (wait or 0) > MAX_WAIT_SECONDS:
                raise type(error)(f"{error}; gave up after attempt {attempt}") from error
            if wait is None:
                wait = settings.backoff_seconds * 2 ** (attempt - 1) * random.uniform(0.5, 1)
            wait = min(wait, MAX_WAIT_SECONDS)
            extra = {"event.dataset": "ingest", "event.action": "retry", "url.full": url,
                     "medley.endpoint": endpoint.name, "medley.wait_seconds": wait}  # fmt: skip
            logger.warning("%s; attempt %d follows", error, attempt + 1, extra=extra)
            if stop.wait(wait):
                raise
        else:
            page.retries = attempt - 1
            return page
    raise AssertionError  # max_attempts is above 0


def retry_after_seconds(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait for a Retry-After header (seconds or HTTP date); None if it says nothing."""
    text = (value or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())


def _get(url: str, *, session: requests.Session, settings: IngestSettings) -> bytes:
    timeout = settings.timeout_seconds
    try:
        with session.get(url, timeout=timeout, stream=True, allow_redirects=False) as response:
            _check_status(response, url)
            return _body(response, url, settings)
    except TRANSIENT as error:
        raise ApiUnavailableError(f"GET {url} failed: {_cause(error, settings)}") from error
    except (requests.RequestException, ValueError) as error:
        raise ApiError(f"GET {url} failed: {error}") from error


def _check_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status == requests.codes.too_many_requests or status >= requests.codes.server_error:
        wait = retry_after_seconds(response.headers.get("retry-after"), now=datetime.now(UTC))
        asked = "" if wait is None else f" and asks to wait {wait:.0f} s"
        raise ApiUnavailableError(f"GET {url} answered {status}{asked}", wait_seconds=wait)
    if response.is_redirect:
        raise ApiError(f"GET {url} redirects, which is not followed: correct MEDLEY_API_URL")
    if status != requests.codes.ok:
        hint = HINTS.get(status, "the API")
        raise ApiError(f"GET {url} answered {status}, not 200: check {hint}")


def _body(response: requests.Response, url: str, settings: IngestSettings) -> bytes:
    deadline = time.monotonic() + 10 * settings.timeout_seconds
    body = bytearray()
    # urllib3 raises IncompleteRead when fewer bytes come than Content-Length says.
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > settings.max_answer_bytes:
            raise ApiError(f"GET {url} answered more than {settings.max_answer_bytes} bytes")
        if time.monotonic() > deadline:
            raise requests.Timeout
    return bytes(body)


def _cause(error: BaseException, settings: IngestSettings) -> str:
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return f"timed out (limit {settings.timeout_seconds:g} s)"
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__
