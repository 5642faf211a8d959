"""The entity-relationship diagrams are those of the project as it is, and can be read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.project.conftest import Manifest

ASSETS = ROOT / "docs" / "assets"
DIAGRAMS = ("snowflake.svg", "aggregates.svg")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diagrams")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    words = [sys.executable, ROOT / "scripts/er_diagram.py", folder / "manifest.json", folder]
    subprocess.run([str(word) for word in words], check=True)
    return folder


@pytest.mark.parametrize("name", DIAGRAMS)
def test_the_committed_diagrams_are_up_to_date(drawn: Path, name: str) -> None:
    same = (drawn / name).read_text() == (ASSETS / name).read_text()
    assert same, f"docs/assets/{name} is not of this project: run `make diagrams` and commit it"


def test_every_public_table_and_relation_of_gold_is_drawn(drawn: Path, manifest: Manifest) -> None:
    text = "".join((drawn / name).read_text() for name in DIAGRAMS)
    names = set(re.findall(r'class="name"[^>]*>(\w+)<', text))
    public = {
        node["unique_id"]: node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["access"] == "public"
        and node["config"]["materialized"] != "view"
    }
    assert names == set(public.values())
    relations = [
        node
        for node in manifest["nodes"].values()
        if node.get("test_metadata", {}).get("name") == "relationships"
        and node["attached_node"] in public
    ]
    assert text.count(' marker-start="url(#many)"') == len(relations) > 20


@pytest.mark.parametrize("name", DIAGRAMS)
def test_no_two_tables_overlap_and_all_are_on_the_page(drawn: Path, name: str) -> None:
    root = ET.fromstring((drawn / name).read_text())
    boxes = []
    for group in root.iter(f"{SVG}g"):
        left, top = map(float, re.findall(r"[\d.]+", group.attrib["transform"]))
        box = group.find(f"{SVG}rect")
        assert box is not None
        boxes.append((left, top, float(box.attrib["width"]), float(box.attrib["height"])))
    assert len(boxes) > 5
    for left, top, width, height in boxes:
        assert left + width <= float(root.attrib["width"])
        assert top + height <= float(root.attrib["height"])
    overlapping = [
        (one, other)
        for place, one in enumerate(boxes)
        for other in boxes[:place]
        if one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    ]
    assert overlapping == []


def test_the_overview_shows_every_diagram(manifest: Manifest) -> None:
    overview = manifest["docs"]["doc.medley.__overview__"]["block_contents"]
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", overview)
    assert sorted(shown) == sorted(f"docs/assets/{name}" for name in DIAGRAMS)
    assert all((ROOT / path).is_file() for path in shown)
