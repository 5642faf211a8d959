"""The drawing of a run's lineage: columns are layers, lines are what dbt says."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

from pipeline.record import Node
from pipeline.report.lineage import COLUMNS, HEIGHT, WIDTH, Graph, graph_of
from tests.pipeline.notices.records import DAY, START, good, step, written


def node(name: str, layer: str, *reads: str, kind: str = "model") -> dict[str, object]:
    return {
        "name": name,
        "resource_type": kind,
        "schema": layer,
        "fqn": ["medley", *layer.split("/"), name],
        "depends_on": {"nodes": list(reads)},
    }


def manifest(folder: Path) -> Path:
    file = folder / "manifest.json"
    nodes = {
        "raw": node("tracks_raw", "bronze", "api"),
        "seed": node("spellings", "seeds", kind="seed"),
        "records": node("track_records", "silver", "raw", "seed"),
        "track": node("track", "silver", "records"),
        "dim": node("dim_track", "gold", "track"),
        "lists": node("recommendations", "gold/recommender", "dim"),
        "test": node("unique_dim_track", "gold", "dim", kind="test"),
    }
    sources = {"api": {"name": "tracks"}}
    exposures = {"front": {"name": "frontend", "depends_on": {"nodes": ["lists", "dim"]}}}
    file.write_text(json.dumps({"nodes": nodes, "sources": sources, "exposures": exposures}))
    return file


def drawn(lake: Path) -> Graph:
    written(lake, *good(), at=START - DAY)
    before = written(
        lake,
        step("build", nodes=[Node(name="track", kind="model", status="success", rows=7)]),
        at=START,
    )
    run = written(
        lake,
        step(
            "build",
            "failed",
            message="why",
            nodes=[
                Node(name="track_records", kind="model", status="success", rows=9, seconds=2.0),
                Node(name="dim_track", kind="model", status="error"),
                Node(name="recommendations", kind="model", status="skipped"),
            ],
        ),
        at=START + DAY,
    )
    graph = graph_of(run, [before], manifest(lake))
    assert graph
    return graph


def test_each_table_is_a_box_in_the_column_of_its_layer(tmp_path: Path) -> None:
    columns = {box.name: box.column for box in drawn(tmp_path).boxes}
    assert columns == {
        "tracks": "api",
        "tracks_raw": "bronze",
        "spellings": "bronze",
        "track_records": "silver",
        "track": "silver",
        "dim_track": "gold",
        "recommendations": "recommender",
        "frontend": "served",
    }


def test_no_box_lies_on_another_and_all_are_inside(tmp_path: Path) -> None:
    graph = drawn(tmp_path)
    for one, other in combinations(graph.boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
    assert all(0 <= box.x <= graph.width - WIDTH for box in graph.boxes)
    assert all(0 <= box.y <= graph.height - HEIGHT for box in graph.boxes)


def test_there_is_a_line_for_each_input(tmp_path: Path) -> None:
    assert len(drawn(tmp_path).edges) == 8


def test_what_reads_its_own_layer_is_below_what_it_reads(tmp_path: Path) -> None:
    heights = {box.name: box.y for box in drawn(tmp_path).boxes}
    assert heights["track"] > heights["track_records"]


def test_a_box_says_what_this_run_did_or_an_earlier_one(tmp_path: Path) -> None:
    states = {box.name: (box.state, box.facts) for box in drawn(tmp_path).boxes}
    assert states["track_records"] == ("done", "9 rows · 2.0 s")
    assert states["dim_track"][0] == "failed"
    assert states["track"] == ("earlier", "7 rows")
    assert states["recommendations"][0] == states["spellings"][0] == "idle"


def test_without_a_manifest_there_is_no_drawing(tmp_path: Path) -> None:
    run = written(tmp_path, *good())
    assert graph_of(run, [], tmp_path / "manifest.json") is None
    assert len(COLUMNS) == 6
