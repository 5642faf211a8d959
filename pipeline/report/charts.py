"""Small line charts over past runs, as the numbers that an SVG needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

WIDTH, HEIGHT, PAD = 260.0, 72.0, 6.0


@dataclass(frozen=True)
class Line:
    """One line: the points of an SVG polyline, its dots, its newest value in words."""

    name: str
    points: str
    dots: Sequence[tuple[float, float, str]]
    newest: str
    middle: float | None = None


@dataclass(frozen=True)
class Chart:
    """A titled chart of one line or of several to compare, with the first and last label below."""

    title: str
    lines: Sequence[Line]
    first: str
    last: str
    usual: str = ""


def chart(
    title: str,
    series: Sequence[tuple[str, Sequence[float | None]]],
    labels: Sequence[str],
    text: Callable[[float], str],
    *,
    usual: bool = False,
) -> Chart | None:
    """Draw one or more series over the same labels, from zero up; None when there is no value.

    Args:
        title: what is drawn.
        series: pairs of a name and a value per label, None where there is none.
        labels: what each value belongs to: a run, a version.
        text: a value in words.
        usual: whether to draw the median of all but the newest value.
    """
    values = [value for _, line in series for value in line if value is not None]
    if not values:
        return None
    top = max(values) or 1.0
    lines = []
    middle_text = ""
    for name, line in series:
        placed = [
            (_x(place, len(labels)), _y(value, top), f"{label}: {text(value)}")
            for place, (value, label) in enumerate(zip(line, labels, strict=True))
            if value is not None
        ]
        known = [value for value in line if value is not None]
        if not known:
            continue
        middle = None
        if usual and len(known) > 2:
            middle = _y(median(known[:-1]), top)
            middle_text = f"usually {text(median(known[:-1]))}"
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in placed)
        lines.append(Line(name, points, placed, text(known[-1]), middle))
    return Chart(title, lines, labels[0], labels[-1], middle_text)


def _x(place: int, of: int) -> float:
    return PAD + (WIDTH - 2 * PAD) * (place / (of - 1) if of > 1 else 0.5)


def _y(value: float, top: float) -> float:
    return HEIGHT - PAD - (HEIGHT - 2 * PAD) * max(value, 0.0) / top
