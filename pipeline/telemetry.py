"""Metrics on their way, to a Pushgateway and to node_exporter's text file; no run fails by it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from prometheus_client import CollectorRegistry, push_to_gateway, write_to_textfile
from prometheus_client.exposition import basic_auth_handler, default_handler

from pipeline.metrics import registry
from pipeline.record import past_runs
from pipeline.screen import Screen
from pipeline.settings import Settings

logger = logging.getLogger(__name__)

JOB = "medley"
PATIENCE_SECONDS = 5.0


@contextmanager
def telling(settings: Settings, screen: Screen) -> Iterator[Callable[[], None]]:
    """Give what to call when there is news, and call it once more at the end, however that comes.

    Who does not answer is not asked again before the end.
    """
    well = True

    def tell() -> None:
        nonlocal well
        well = well and not send(settings)

    try:
        yield tell
    finally:
        for fault in send(settings):
            screen.warn(fault)


def send(settings: Settings) -> list[str]:
    """Send the metrics of all runs to where the settings say; returns what went wrong, in words."""
    ways = _ways(settings)
    collected = registry(past_runs(settings.runs)) if ways else None
    faults = []
    for place, way in ways.items():
        try:
            way(collected)
        except Exception as error:
            faults.append(f"the metrics did not reach {place}: {error}")
            logger.warning("%s", faults[-1], extra={"event.action": "metrics"})
    return faults


def _ways(settings: Settings) -> dict[str, Callable[[Any], None]]:
    ways: dict[str, Callable[[Any], None]] = {}
    if url := settings.pushgateway:
        ways[without_secret(url)] = partial(push, url, settings.instance)
    if path := settings.textfile:
        ways[str(path)] = partial(write_to_textfile, str(path))
    return ways


def push(url: str, instance: str, collected: CollectorRegistry) -> None:
    """Replace what a Pushgateway knows of this instance."""
    parts = urlsplit(url)

    def authenticated(**request: Any) -> Callable[[], None]:
        return basic_auth_handler(**request, username=parts.username, password=parts.password)

    push_to_gateway(
        without_secret(url),
        job=JOB,
        registry=collected,
        grouping_key={"instance": instance},
        timeout=PATIENCE_SECONDS,
        handler=authenticated if parts.username else default_handler,
    )


def without_secret(url: str) -> str:
    """A URL without user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
