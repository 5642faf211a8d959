"""Numbers and moments as people read them."""

from __future__ import annotations

from datetime import datetime


def count(value: float) -> str:
    """12,345."""
    return f"{value:,.0f}"


def seconds(value: float) -> str:
    """0.4 s, 54 s, 12 min, 3.5 h."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def size(value: float) -> str:
    """310 KiB, 27 MiB, 2.4 GiB."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if value >= unit:
            return (
                f"{value / unit:.1f} {name}" if value < 10 * unit else f"{value / unit:.0f} {name}"
            )
    return f"{value / 2**10:.0f} KiB"


def share(value: float) -> str:
    """0.191."""
    return f"{value:.3f}"


def moment(text: str | None) -> str:
    """2026-11-24 03:17 UTC, of a recorded moment."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC" if text else "never"


def ago(text: str | None, until: str | None) -> str:
    """How long before a moment another was: 4 min, 3 h, 12 days."""
    if not text or not until:
        return ""
    minutes = (datetime.fromisoformat(until) - datetime.fromisoformat(text)).total_seconds() / 60
    if minutes < 120:
        return f"{max(minutes, 0):.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 72 * 60 else f"{minutes / 1440:.0f} days"
