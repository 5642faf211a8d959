"""Who is told, and of what."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from ingest.errors import SettingsError

KINDS = ("failure", "recovery", "warning", "success", "digest")
DEFAULT = "failure,recovery,warning"


@dataclass(frozen=True, kw_only=True)
class NoticeSettings:
    """Settings of the notices.

    Attributes:
        urls: apprise URLs of the receivers; none, and nobody is told.
        wanted: the kinds of notices to send, of KINDS.
        runs_url: where the lake's `runs/` can be read with a browser; for the link.
    """

    urls: tuple[str, ...] = field(default=(), repr=False)
    wanted: frozenset[str] = frozenset(DEFAULT.split(","))
    runs_url: str | None = None

    @classmethod
    def from_env(cls) -> NoticeSettings:
        """Read MEDLEY_NOTIFY, MEDLEY_NOTIFY_ON and MEDLEY_RUNS_URL.

        Raises:
            SettingsError: MEDLEY_NOTIFY_ON has a word that is no kind of notice.
        """
        wanted = frozenset(_words(os.environ.get("MEDLEY_NOTIFY_ON") or DEFAULT))
        if unknown := sorted(wanted - set(KINDS)):
            raise SettingsError(
                f"MEDLEY_NOTIFY_ON knows {', '.join(KINDS)}, and not {', '.join(unknown)}"
            )
        return cls(
            urls=_urls(os.environ.get("MEDLEY_NOTIFY", "")),
            wanted=wanted,
            runs_url=(os.environ.get("MEDLEY_RUNS_URL") or "").rstrip("/") or None,
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s,]+", text.strip()) if word)


def _urls(text: str) -> tuple[str, ...]:
    """The URLs in a text; a comma ends one only before the next, for addresses may have commas."""
    parts = re.split(r"(?:\s|,)+(?=[a-z][a-z0-9+.-]*://)", text.strip())
    return tuple(part.strip(" ,\n\t") for part in parts if part.strip(" ,\n\t"))
