"""Send a notice with apprise. A process of its own: `python -m pipeline.notices.send`.

Reads the notice from standard input and the receivers from MEDLEY_NOTIFY, so that neither stands in
the list of processes, and prints why each receiver that was not reached was not, as JSON. A sender
that hangs can so be ended, and nothing it does can harm a run.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyBase, NotifyFormat, NotifyType

from pipeline.notices.card import message
from pipeline.notices.clean import clean, place
from pipeline.notices.notice import Notice
from pipeline.notices.settings import NoticeSettings
from pipeline.notices.text import html, text

PATIENCE_SECONDS = 20.0
TYPES = {"bad": NotifyType.FAILURE, "good": NotifyType.SUCCESS, "plain": NotifyType.INFO}
ASSET = AppriseAsset(app_id="Medley", app_desc="Medley", async_mode=False)


def send(notice: Notice, urls: Sequence[str], *, patience: float = PATIENCE_SECONDS) -> list[str]:
    """Send to every receiver at once; returns a line per receiver that was not reached in time."""
    outcome: dict[int, str | None] = {}

    def work(number: int, url: str) -> None:
        outcome[number] = _send(notice, url)

    threads = [
        threading.Thread(target=work, args=(number, url), name=str(number), daemon=True)
        for number, url in enumerate(urls)
    ]
    reasons = _Reasons()
    logging.getLogger("apprise").addHandler(reasons)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience)
        patience = patience if not thread.is_alive() else 0.0
    told = []
    for number, url in enumerate(urls):
        reason = outcome.get(number, f"no answer within {PATIENCE_SECONDS:.0f} s")
        if reason is not None:
            told.append(f"{place(url)}: {reason or reasons.of(number)}")
    return told


def _send(notice: Notice, url: str) -> str | None:
    """None when it was sent; else why not, or nothing where only apprise's log says so."""
    service = Apprise.instantiate(url, asset=ASSET, suppress_exceptions=True)
    if not isinstance(service, NotifyBase):
        return "apprise cannot make anything of this address"
    form = NotifyFormat.TEXT
    body = text(notice)
    if service.notify_format == NotifyFormat.HTML:
        form, body = NotifyFormat.HTML, html(notice)
    with tempfile.TemporaryDirectory() as folder:
        if hasattr(service, "template") and "workflow" in _schemas(service) and not service.template:
            file = Path(folder) / "card.json"
            file.write_text(json.dumps(message(notice)), encoding="utf-8")
            service.template = AppriseAttachment(str(file), asset=ASSET)
        kind = TYPES[notice.tone]
        try:
            sent = service.notify(body=body, title=notice.title, notify_type=kind, body_format=form)
        except Exception as error:  # a plugin's fault is a receiver not reached, whatever it is
            return clean(f"{type(error).__name__}: {error}")
    return None if sent else ""


def _schemas(service: NotifyBase) -> tuple[str, ...]:
    found = service.secure_protocol or ()
    return (found,) if isinstance(found, str) else tuple(found)


class _Reasons(logging.Handler):
    """What apprise logged of each sender's failure; it returns no more than False."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: dict[str, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.said.setdefault(record.threadName or "", []).append(record.getMessage())

    def of(self, number: int) -> str:
        return clean(" ".join(self.said.get(str(number), ["it was not sent"])))


if __name__ == "__main__":
    received = msgspec.json.decode(sys.stdin.buffer.read(), type=Notice)
    sys.stdout.write(json.dumps(send(received, NoticeSettings.from_env().urls)))
    sys.stdout.flush()
    os._exit(0)  # a sender that still hangs is not waited for
