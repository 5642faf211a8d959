"""What a notice may not carry: secrets, and what tells of a person. It leaves the house.

Reasons for a failure quote what was at hand: an address with a token, a user's id. Names of
tables, columns, files and settings are left, for they are what an operator needs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

LENGTH = 600
HIDDEN = "…"

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>)\]]+", re.IGNORECASE)
_QUOTED = re.compile(r"(?<![\w])(['\"`‘“])(.{1,200}?)['\"`’”](?![\w])")  # noqa: RUF001 - quotes
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SECRET = re.compile(
    r"\b(authorization|bearer|basic|token|api[_-]?key|password|passwd|pwd|secret|sig|signature)\b"
    r"(\s*[=:]\s*|\s+)(?:(?:bearer|basic)\s+)?(?!is\b|was\b|has\b|in\b|for\b|of\b)\S+",
    re.IGNORECASE,
)
_USER = re.compile(
    r"\b(users?|user_id|user_ids|listeners?|customers?)\b([\s=:#'\"()\[\]]*)((?=\S*\d)[\w.-]+"
    r"(?:,\s*(?=\S*\d)[\w.-]+)*)",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{20,}\b")
_TELEPHONE = re.compile(r"(?<![\w.])\+\d[\d ().-]{7,}\d")
_PLAIN = re.compile(r"[a-z][a-z0-9]*(?:[_.][a-z0-9]+)+|[A-Z][A-Z_]{3,}|medley(?: [a-z-]+)*")
_RUN = re.compile(r"\d{8}T\d{6}\d*Z")


def clean(text: str, *, names: Collection[str] = ()) -> str:
    """Give a text that may be sent: on one line, short, without secrets and persons.

    Args:
        text: the reason for a failure, as the record has it.
        names: words that may stand in quotes: tables, endpoints.
    """
    text = _URL.sub(_host, " ".join(text.split()))
    text = _SECRET.sub(rf"\1\2{HIDDEN}", text)
    text = _MAIL.sub(HIDDEN, text)
    text = _USER.sub(rf"\1\2{HIDDEN}", text)
    text = _QUOTED.sub(lambda found: _quoted(found, names), text)
    text = _RANDOM.sub(lambda found: _long(found[0], names), text)
    text = _TELEPHONE.sub(HIDDEN, text)
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}{HIDDEN}"


def place(url: str) -> str:
    """The scheme and host of a URL: all of it that may be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if parts.scheme else HIDDEN


def _host(found: re.Match[str]) -> str:
    """An address with its path, if that has no part that looks like an identifier or a secret."""
    try:
        parts = urlsplit(found[0])
    except ValueError:
        return HIDDEN
    plain = re.fullmatch(r"(?:/[a-z_-]{1,24})*/?", parts.path)
    return place(found[0]) + (parts.path if plain else f"/{HIDDEN}")


def _quoted(found: re.Match[str], names: Collection[str]) -> str:
    kept = found[2] in names or _PLAIN.fullmatch(found[2])
    return found[0] if kept else f"{found[1]}{HIDDEN}{found[0][-1]}"


def _long(word: str, names: Collection[str]) -> str:
    """Letters and digits mixed, twenty and more: a token, unless it is a name or a run's id."""
    kept = word in names or _PLAIN.fullmatch(word) or _RUN.fullmatch(word)
    return word if kept else HIDDEN
