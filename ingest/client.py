"""Pages of one endpoint, with patience for a struggling server and none for a wrong request."""

from __future__ import annotations

import logging
import random
import select
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import requests
from requests.utils import requote_uri

from ingest.auth import auth_for, headers_for
from ingest.endpoints import Endpoint
from ingest.errors import ApiError, ApiUnavailableError, ThrottledError
from ingest.pages import Cutter, Page
from ingest.settings import IngestSettings
from ingest.throttle import Throttle
from ingest.wire import Line, Wire

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 300.0


@dataclass(slots=True, eq=False)
class Asked:
    """A page that is wanted: it becomes a `page` or an `error`; `due` is the next attempt."""

    number: int
    url: str
    attempt: int = 1
    due: float = 0.0
    page: Page | None = None
    error: BaseException | None = None


class _Call(NamedTuple):
    line: Line
    asked: Asked
    since: float


class Client:
    """Asks for many pages at once, over as many connections, and needs no thread for it.

    A connection that has given its answer is asked again before that answer is looked at, so that
    the server is at work meanwhile. What it sends waits in the sockets.
    """

    def __init__(
        self, endpoint: Endpoint, settings: IngestSettings, *, session: requests.Session,
        throttle: Throttle,
    ) -> None:  # fmt: skip
        self.url = requote_uri(settings.api_url.rstrip("/") + endpoint.path)
        self._endpoint, self._settings, self._throttle = endpoint, settings, throttle
        self._cutter, auth = Cutter(endpoint), auth_for(endpoint, settings, session)
        headers = headers_for(endpoint)
        self._wire = Wire(self.url, headers=headers, auth=auth, session=session, settings=settings)
        self._waiting: list[Asked] = []
        self._busy: dict[int, _Call] = {}  # by file descriptor, as what is idle
        self._idle: dict[int, Line] = {}
        self._events = select.poll()

    def ask(self, number: int, url: str) -> Asked:
        """Want a page; it is fetched while this or another one is awaited."""
        asked = Asked(number, url)
        self._waiting.append(asked)
        return asked

    def page(self, asked: Asked) -> Page:
        """Await a page.

        Raises:
            ApiUnavailableError: after the last attempt, or when told to wait past MAX_WAIT_SECONDS.
            ApiError: at once, for what no second attempt would change.
        """
        while asked.page is None:
            if asked.error:
                raise asked.error
            self._send()
            self._receive()
        return asked.page

    def drop(self) -> None:
        """Want no page any more."""
        self._waiting.clear()
        for call in list(self._busy.values()):
            self._hang_up(call.line)

    def close(self) -> None:
        """Want no page, and hang up everywhere."""
        self.drop()
        for line in list(self._idle.values()):
            self._hang_up(line)

    def _send(self) -> None:
        """Ask for all that may be asked for; connections that lack are made side by side."""
        new: list[Asked] = []
        now = time.monotonic()
        while self._throttle.opens_at(len(self._busy) + len(new)) <= now:
            asked = next((asked for asked in self._waiting if asked.due <= now), None)
            if not asked:
                break
            self._waiting.remove(asked)
            self._throttle.count(now)
            if self._idle:
                self._start(self._idle.popitem()[1], asked)
            else:
                new.append(asked)
        if new:
            with ThreadPoolExecutor(len(new)) as pool:
                opened = [pool.submit(self._wire.open, asked.url) for asked in new]
            for asked, line in zip(new, opened, strict=True):
                if error := line.exception():
                    self._fail(asked, error)
                else:
                    self._events.register(line.result().number, select.POLLIN)
                    self._start(line.result(), asked)

    def _start(self, line: Line, asked: Asked) -> None:
        self._busy[line.number] = _Call(line, asked, time.monotonic())
        try:
            line.ask(asked.url)
        except ApiError as error:
            self._hang_up(line)
            self._fail(asked, error)

    def _receive(self) -> None:
        """Take the answers that are there; if there are none, wait."""
        ready = self._events.poll(0) or self._events.poll(1000 * self._patience())
        for number, call in [(number, self._busy.get(number)) for number, _event in ready]:
            if number in self._idle:
                self._hang_up(self._idle[number])
            elif call and self._busy.get(number) is call:
                self._take(call)
        oldest = time.monotonic() - self._settings.timeout_seconds
        for call in [] if ready else list(self._busy.values()):
            if call.since < oldest:
                self._hang_up(call.line)
                self._fail(call.asked, self._wire.told(TimeoutError(), call.asked.url))

    def _take(self, call: _Call) -> None:
        line, asked, _since = call
        try:
            body = line.take()
        except ApiError as error:
            self._hang_up(line)
            self._fail(asked, error)
            return
        if line.open:
            del self._busy[line.number]
            self._idle[line.number] = line
            self._send()
        else:
            self._hang_up(line)
        closely = self._endpoint.judged_on_arrival
        try:
            page = self._cutter.cut(body, number=asked.number, url=asked.url, closely=closely)
        except ApiError as error:
            self._fail(asked, error)
        else:
            self._throttle.calm()
            page.retries, asked.page = asked.attempt - 1, page

    def _hang_up(self, line: Line) -> None:
        self._busy.pop(line.number, None)
        self._idle.pop(line.number, None)
        self._events.unregister(line.number)
        line.close()

    def _fail(self, asked: Asked, error: BaseException) -> None:
        """Put off what may do better later. What may not is raised when it is awaited."""
        if not isinstance(error, ApiUnavailableError):
            asked.error = error
            return
        wait = error.wait_seconds
        if asked.attempt == self._settings.max_attempts or (wait or 0) > MAX_WAIT_SECONDS:
            asked.error = type(error)(f"{error}; gave up after attempt {asked.attempt}")
            asked.error.__cause__ = error
            return
        if wait is None:
            wait = self._settings.backoff_seconds * 2 ** (asked.attempt - 1)
            wait = min(wait * random.uniform(0.5, 1), MAX_WAIT_SECONDS)
        asked.attempt, asked.due = asked.attempt + 1, time.monotonic() + wait
        self._waiting.insert(0, asked)
        if isinstance(error, ThrottledError):
            self._throttle.groan(asked.due)
        extra = {"event.dataset": "ingest", "event.action": "retry", "url.full": asked.url,
                 "medley.endpoint": self._endpoint.name, "medley.wait_seconds": wait}  # fmt: skip
        logger.warning("%s; attempt %d follows", error, asked.attempt, extra=extra)

    def _patience(self) -> float:
        """Seconds in which nothing is to be done but wait."""
        now, silence = time.monotonic(), self._settings.timeout_seconds
        moments = [call.since + silence for call in self._busy.values()]
        if self._waiting:
            due = min(asked.due for asked in self._waiting)
            moments.append(max(due, self._throttle.opens_at(len(self._busy))))
        return max(0.0, min(moments, default=now) - now)
