"""Send notices with apprise. A process of its own: `python -m pipeline.notices.send`.

Reads the notices from standard input and the receivers from MEDLEY_NOTIFY, so that neither stands
in the list of processes, and prints for each receiver null or why it was not reached, as JSON. A
sender that hangs can so be ended, and nothing it does can harm a run.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyBase, NotifyFormat, NotifyType
from apprise.plugins.workflows import NotifyWorkflows

from pipeline.notices.card import message
from pipeline.notices.clean import clean, place
from pipeline.notices.notice import Notice
from pipeline.notices.settings import NoticeSettings
from pipeline.notices.text import html, text

PATIENCE_SECONDS = 20.0
TYPES = {"bad": NotifyType.FAILURE, "good": NotifyType.SUCCESS, "plain": NotifyType.INFO}
ASSET = AppriseAsset(app_id="Medley", app_desc="Medley", async_mode=False)


def send(
    notices: Sequence[Notice], urls: Sequence[str], *, patience: float = PATIENCE_SECONDS
) -> list[str | None]:
    """Send all notices to every receiver, side by side.

    Returns for each receiver why it was not reached in time, and None when it was.
    """
    late = f"no answer within {patience:.0f} s"
    outcome: list[str | None] = [late] * len(urls)
    reasons = _Reasons()
    logging.getLogger("apprise").addHandler(reasons)

    def work(number: int) -> None:
        for notice in notices:
            reason = _send(notice, urls[number])
            outcome[number] = reasons.of(number) if reason == "" else reason
            if reason is not None:
                return

    threads = [
        threading.Thread(target=work, args=(number,), name=str(number), daemon=True)
        for number in range(len(urls))
    ]
    for thread in threads:
        thread.start()
    give_up = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, give_up - time.monotonic()))
    return [
        None if reason is None else f"{place(url)}: {reason}"
        for url, reason in zip(urls, outcome, strict=True)
    ]


def _send(notice: Notice, url: str) -> str | None:
    """None when it was sent; else why not, or nothing where only apprise's log says so."""
    try:
        service = Apprise.instantiate(url, asset=ASSET, suppress_exceptions=True)
        if not isinstance(service, NotifyBase):
            return "apprise can make nothing of this address"
        return None if _sent(notice, service) else ""
    except Exception as error:  # a plugin's fault is a receiver not reached, whatever it is
        return clean(f"{type(error).__name__}: {error}")


def _sent(notice: Notice, service: NotifyBase) -> bool:
    form, body = NotifyFormat.TEXT, text(notice)
    if service.notify_format == NotifyFormat.HTML:
        form, body = NotifyFormat.HTML, html(notice)
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(service, NotifyWorkflows) and not service.template:
            file = Path(folder) / "card.json"
            file.write_text(json.dumps(message(notice)), encoding="utf-8")
            service.template = AppriseAttachment(str(file), asset=ASSET)
        kind = TYPES[notice.tone]
        options = {"notify_type": kind, "body_format": form}
        return bool(service.notify(body=body, title=notice.title, **options))


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
    received = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Notice])
    sys.stdout.write(json.dumps(send(received, NoticeSettings.from_env().urls)))
    sys.stdout.flush()
    os._exit(0)  # a sender that still hangs is not waited for
