"""The lineage of a run as a drawing: a column per layer, a box per table, lines to its inputs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.record import Node, Run
from pipeline.words import count, seconds

COLUMNS = ("api", "bronze", "silver", "gold", "recommender", "served")
LABELS = ("music API", "bronze", "silver", "gold", "recommender", "served")
WIDTH, HEIGHT, GAP_X, GAP_Y, TOP = 164, 38, 50, 12, 34
LETTERS = 22

# Whether it is an endpoint of the API, and its name; a state, facts in words, seconds.
Key = tuple[bool, str]
Facts = tuple[str, str, float]
NOTHING: Facts = ("idle", "", 0.0)


@dataclass(frozen=True)
class Table:
    """A node of the graph: its name, its column, what it reads."""

    key: str
    name: str
    column: int
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """A table as it is drawn; `heat` is its share of the slowest one's seconds."""

    name: str
    label: str
    facts: str
    state: str
    column: str
    x: float
    y: float
    heat: float


@dataclass(frozen=True)
class Graph:
    """The drawing, in pixels; an edge is the path of an SVG element."""

    width: float
    height: float
    columns: Sequence[tuple[str, str, float]]
    boxes: Sequence[Box]
    edges: Sequence[str]


def graph_of(run: Run, before: Sequence[Run], manifest: Path) -> Graph | None:
    """Draw the lineage of a run; None when dbt has left no manifest.

    What the run did not touch is drawn faint, with what an earlier run said of it.
    """
    if not manifest.exists():
        return None
    tables = _tables(json.loads(manifest.read_text(encoding="utf-8")))
    places = _places(tables)
    told = _told(run, before)
    slowest = max((took for _, _, took in told.values()), default=0.0) or 1.0
    boxes = []
    for table in tables.values():
        state, facts, took = told.get((COLUMNS[table.column] == "api", table.name), NOTHING)
        x, y = places[table.key]
        heat = took / slowest if state != "earlier" else 0.0
        label = table.name if len(table.name) <= LETTERS else f"{table.name[: LETTERS - 1]}…"
        boxes.append(Box(table.name, label, facts, state, COLUMNS[table.column], x, y, heat))
    edges = [
        _edge(places[read], places[table.key], same=tables[read].column == table.column)
        for table in tables.values()
        for read in table.reads
        if read in tables
    ]
    used = sorted({table.column for table in tables.values()})
    columns = [(COLUMNS[it], LABELS[it], it * (WIDTH + GAP_X)) for it in used]
    bottom = max((y for _, y in places.values()), default=0.0) + HEIGHT + 4
    return Graph(len(COLUMNS) * (WIDTH + GAP_X) - GAP_X + 2, bottom, columns, boxes, edges)


def _tables(manifest: Mapping[str, Any]) -> dict[str, Table]:
    found = {}
    for key, source in manifest["sources"].items():
        found[key] = Table(key, source["name"], 0, ())
    for key, node in manifest["nodes"].items():
        if node["resource_type"] in ("model", "seed"):
            found[key] = Table(key, node["name"], _column(node), _reads(node))
    for key, exposure in manifest["exposures"].items():
        found[key] = Table(key, exposure["name"], len(COLUMNS) - 1, _reads(exposure))
    return found


def _reads(node: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node["depends_on"].get("nodes", [])))


def _column(node: Mapping[str, Any]) -> int:
    folders = [*node["fqn"], node["schema"]]
    for name in ("recommender", "gold", "silver", "bronze"):
        if name in folders:
            return COLUMNS.index(name)
    return COLUMNS.index("bronze")  # a seed is there before anything is made


def _places(tables: Mapping[str, Table]) -> dict[str, tuple[float, float]]:
    """Top left corner of each box: what reads nothing of its layer on top, near what it reads."""
    columns = defaultdict(list)
    for table in tables.values():
        columns[table.column].append(table)
    tallest = max((len(column) for column in columns.values()), default=0)
    places: dict[str, tuple[float, float]] = {}
    for number in sorted(columns):
        column = columns[number]
        column.sort(key=lambda it: (_depth(it, tables), _middle(it, places), it.name))
        top = TOP + (tallest - len(column)) * (HEIGHT + GAP_Y) / 2
        for row, table in enumerate(column):
            places[table.key] = (number * (WIDTH + GAP_X) + 1, top + row * (HEIGHT + GAP_Y))
    return places


def _depth(table: Table, tables: Mapping[str, Table]) -> int:
    inner = [tables[it] for it in table.reads if it in tables and tables[it].column == table.column]
    return 1 + max((_depth(it, tables) for it in inner), default=-1)


def _middle(table: Table, places: Mapping[str, tuple[float, float]]) -> float:
    heights = [places[read][1] for read in table.reads if read in places]
    return sum(heights) / len(heights) if heights else float("inf")


def _edge(start: tuple[float, float], end: tuple[float, float], *, same: bool) -> str:
    """From the right of a box to the left of one further on, or around to one below."""
    x1, y1 = start[0] + WIDTH, start[1] + HEIGHT / 2
    y2 = end[1] + HEIGHT / 2
    if same:
        out = min(GAP_X * 0.8, 12 + abs(y2 - y1) * 0.06)
        y1, out = y1 + 6, x1 + out
        return f"M{x1:.0f} {y1:.0f}C{out:.0f} {y1:.0f} {out:.0f} {y2:.0f} {x1:.0f} {y2:.0f}"
    x2 = end[0]
    bend = max(GAP_X * 0.6, (x2 - x1) / 2)
    return f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"


def _told(run: Run, before: Sequence[Run]) -> dict[Key, Facts]:
    """What is known of each table: of this run, else of the newest that knows."""
    told: dict[Key, Facts] = {}
    for other in (run, *before):
        for key, (state, facts, took) in _facts(other).items():
            told.setdefault(key, (state if other is run else "earlier", facts, took))
    return told


def _facts(run: Run) -> dict[Key, Facts]:
    found: dict[Key, Facts] = {}
    for step in run.steps:
        for endpoint in step.endpoints:
            facts = _line(endpoint.records, endpoint.seconds)
            state = "failed" if endpoint.status == "failed" else "done"
            found[True, endpoint.name] = (state, facts, endpoint.seconds or 0.0)
        if step.endpoints:
            set_aside = sum(endpoint.rejected or 0 for endpoint in step.endpoints)
            found[True, "rejects"] = ("done", _line(set_aside, None), 0.0)
        for node in step.nodes:
            if node.kind in ("model", "seed") and not node.made_in:
                facts = _line(node.rows, node.seconds)
                found[False, node.name] = (_state(node), facts, node.seconds or 0.0)
        if step.publication:
            facts = _line(step.publication.rows, step.seconds)
            found[False, "frontend"] = ("done", facts, step.seconds or 0.0)
    return found


def _state(node: Node) -> str:
    if node.status in ("error", "fail"):
        return "failed"
    return "idle" if node.status == "skipped" else "done"


def _line(rows: int | None, took: float | None) -> str:
    facts = [f"{count(rows)} rows" if rows is not None else "", seconds(took) if took else ""]
    return " · ".join(fact for fact in facts if fact)
