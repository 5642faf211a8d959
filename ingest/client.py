"""Pages of one endpoint, with patience for a struggling server and none for a wrong request."""

from __future__ import annotations

import logging
import random

import requests

from ingest.auth import auth_for, headers_for
from ingest.endpoints import Endpoint
from ingest.errors import ApiUnavailableError, ThrottledError
from ingest.pages import Cutter, Page
from ingest.settings import IngestSettings
from ingest.throttle import Throttle
from ingest.wire import Wire

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 300.0


class Client:
    """Asks for pages; may be called by many threads. `stop` ends all asking and waiting."""

    def __init__(
        self, endpoint: Endpoint, settings: IngestSettings, *, session: requests.Session,
        throttle: Throttle,
    ) -> None:  # fmt: skip
        self.url, self.stop = settings.api_url.rstrip("/") + endpoint.path, throttle.stop
        self._name, self._settings, self._throttle = endpoint.name, settings, throttle
        self._cutter, auth = Cutter(endpoint), auth_for(endpoint, settings, session)
        headers = headers_for(endpoint)
        self._wire = Wire(self.url, headers=headers, auth=auth, session=session, settings=settings)

    def page(self, number: int, url: str) -> Page:
        """Get the page at an address.

        Raises:
            ApiUnavailableError: after the last attempt, or when told to wait past MAX_WAIT_SECONDS.
            ApiError: at once, for what no second attempt would change.
        """
        attempt = 1
        while True:
            try:
                with self._throttle:
                    body = self._wire.get(url)
                page = self._cutter.cut(body, number=number, url=url)
            except ApiUnavailableError as error:
                self._wait(error, attempt, url)
                attempt += 1
            else:
                self._throttle.calm()
                page.retries = attempt - 1
                return page

    def _wait(self, error: ApiUnavailableError, attempt: int, url: str) -> None:
        wait = error.wait_seconds
        if self.stop.is_set():
            raise error
        if attempt == self._settings.max_attempts or (wait or 0) > MAX_WAIT_SECONDS:
            raise type(error)(f"{error}; gave up after attempt {attempt}") from error
        if wait is None:
            wait = self._settings.backoff_seconds * 2 ** (attempt - 1) * random.uniform(0.5, 1)
        wait = min(wait, MAX_WAIT_SECONDS)
        if isinstance(error, ThrottledError):
            self._throttle.groan(wait)
        extra = {"event.dataset": "ingest", "event.action": "retry", "url.full": url,
                 "medley.endpoint": self._name, "medley.wait_seconds": wait}  # fmt: skip
        logger.warning("%s; attempt %d follows", error, attempt + 1, extra=extra)
        if self.stop.wait(wait):
            raise error from None
