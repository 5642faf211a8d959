"""Where the tables of a diagram stand: in columns, each left of all the tables it leads to.

The method of Sugiyama, Tagawa and Toda (1981): layers by the longest way, points for lines that
pass a layer, order within a layer by the mean of the neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from er_table import Line, Table

COLUMN_GAP = 110
ROW_GAP = 26
PASSAGE = 14
MARGIN = 24
SWEEPS = 8


@dataclass(frozen=True)
class Layout:
    """A diagram with its places, in pixels.

    Attributes:
        boxes: each table with its left and top.
        routes: of each line the points that it goes through.
    """

    boxes: tuple[tuple[Table, float, float], ...]
    routes: tuple[tuple[Line, tuple[tuple[float, float], ...]], ...]
    width: float
    height: float


def place(tables: dict[str, Table]) -> Layout:
    """Lay out tables; lines that lead out of them are left out."""
    lines = [
        (table.name, line)
        for table in tables.values()
        for line in table.lines
        if line.parent in tables
    ]
    layer = _layers(tables, lines)
    ways = {
        (child, line): [child, *_passages(child, line, layer), line.parent] for child, line in lines
    }
    columns = _ordered(tables, layer, list(ways.values()))
    left, top, width, height = _positions(tables, columns)
    return Layout(
        boxes=tuple((table, left[name], top[name]) for name, table in tables.items()),
        routes=tuple(
            (line, tuple(_points(way, line, tables, left, top))) for (_, line), way in ways.items()
        ),
        width=width,
        height=height,
    )


def _layers(tables: dict[str, Table], lines: list[tuple[str, Line]]) -> dict[str, int]:
    layer = dict.fromkeys(tables, 0)
    for _ in tables:
        for child, line in lines:
            layer[line.parent] = max(layer[line.parent], layer[child] + 1)
    return layer


def _passages(child: str, line: Line, layer: dict[str, int]) -> list[str]:
    between = range(layer[child] + 1, layer[line.parent])
    names = [f"{child}.{line.column}>{line.parent}@{number}" for number in between]
    layer.update(zip(names, between, strict=True))
    return names


def _ordered(
    tables: dict[str, Table], layer: dict[str, int], ways: list[list[str]]
) -> list[list[str]]:
    columns = [
        sorted(name for name in layer if layer[name] == number)
        for number in range(max(layer.values()) + 1)
    ]
    neighbours: dict[str, list[str]] = {name: [] for name in layer}
    for way in ways:
        for one, other in pairwise(way):
            neighbours[one].append(other)
            neighbours[other].append(one)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            _, top, _, _ = _positions(tables, columns)
            middle = {
                name: top[name] + (tables[name].height if name in tables else PASSAGE) / 2
                for name in layer
            }
            column.sort(
                key=lambda name: (
                    fmean([middle[other] for other in neighbours[name]])
                    if neighbours[name]
                    else float("inf"),
                    name,
                )
            )
    return columns


def _positions(
    tables: dict[str, Table], columns: list[list[str]]
) -> tuple[dict[str, float], dict[str, float], float, float]:
    """Left and top of everything, and the width and height of the whole."""
    heights = {
        name: tables[name].height if name in tables else PASSAGE
        for column in columns
        for name in column
    }
    totals = [
        sum(heights[name] for name in column) + ROW_GAP * (len(column) - 1) for column in columns
    ]
    left: dict[str, float] = {}
    top: dict[str, float] = {}
    x = float(MARGIN)
    for column, total in zip(columns, totals, strict=True):
        y = MARGIN + (max(totals) - total) / 2
        for name in column:
            left[name], top[name] = x, y
            y += heights[name] + ROW_GAP
        x += COLUMN_GAP + max((tables[name].width for name in column if name in tables), default=0)
    return left, top, x - COLUMN_GAP + MARGIN, max(totals) + 2 * MARGIN


def _points(
    way: list[str],
    line: Line,
    tables: dict[str, Table],
    left: dict[str, float],
    top: dict[str, float],
) -> list[tuple[float, float]]:
    child, *passed, parent = way
    start = (left[child] + tables[child].width, top[child] + tables[child].row(line.column))
    end = (left[parent], top[parent] + tables[parent].row(line.parent_column))
    widest = {
        x: max(table.width for name, table in tables.items() if left[name] == x)
        for x in {left[name] for name in passed}
    }
    through = [
        point
        for name in passed
        for point in (
            (left[name], top[name] + PASSAGE / 2),
            (left[name] + widest[left[name]], top[name] + PASSAGE / 2),
        )
    ]
    return [start, *through, end]
