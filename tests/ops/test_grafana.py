"""The dashboard: it is what its code makes, and every panel has something to show."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.metric_names import METRICS
from tests.conftest import ROOT
from tests.ops.conftest import Watched
from tests.ops.prometheus import needs_prometheus

FOLDER = ROOT / "ops" / "grafana"
BOARD: dict[str, Any] = json.loads((FOLDER / "dashboards" / "medley.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
VARIABLES = {"$instance": ".*"}


def expressions(panel: dict[str, Any]) -> list[str]:
    found = [str(target["expr"]) for target in panel["targets"]]
    for name, value in VARIABLES.items():
        found = [expression.replace(name, value) for expression in found]
    return found


def test_it_is_what_its_code_makes() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import build; print(build.dashboard(), end='')"],
        cwd=FOLDER,
        env={**os.environ, "PYTHONPATH": str(FOLDER), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    kept = (FOLDER / "dashboards" / "medley.json").read_text()
    assert made.stdout == kept, "run `.venv/bin/python ops/grafana/build.py`"


def test_no_panel_covers_another_and_each_says_what_it_shows() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert all(panel["title"] and panel["description"] for panel in PANELS)
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))


def test_it_asks_for_metrics_that_are_there() -> None:
    asked = set(re.findall(r"medley_\w+(?=\{)", json.dumps(BOARD)))
    assert len(asked) > 15
    assert asked - set(METRICS) == set()


@needs_prometheus
def test_promtool_understands_every_query(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression}
        for number, panel in enumerate(PANELS)
        for expression in expressions(panel)
    ]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    checked = subprocess.run(
        ["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert f"{len(PANELS)} rules found" in checked.stdout


@needs_prometheus
@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_every_panel_has_something_to_show(panel: dict[str, Any], watched: Watched) -> None:
    for expression in expressions(panel):
        assert watched.ask(expression), expression


@needs_prometheus
def test_its_choice_of_lakes_has_lakes(watched: Watched) -> None:
    [choice] = [one for one in BOARD["templating"]["list"] if one["name"] == "instance"]
    metric, label = re.findall(r"label_values\((\w+), (\w+)\)", choice["query"])[0]
    assert "night shift" in {one["metric"][label] for one in watched.ask(metric)}


def test_what_is_provisioned_leads_to_it() -> None:
    provisioning = FOLDER / "provisioning"
    [provider] = yaml.safe_load((provisioning / "dashboards" / "medley.yml").read_text())[
        "providers"
    ]
    mounted = provider["options"]["path"]
    readme = (ROOT / "ops" / "README.md").read_text()
    where = re.findall(r"ops/grafana:(/[\w/]+)", readme)[0]
    assert mounted == f"{where}/dashboards"
    assert f"GF_PATHS_PROVISIONING={where}/provisioning" in readme
    [source] = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    [chosen] = [one for one in BOARD["templating"]["list"] if one["name"] == "source"]
    assert chosen["current"]["value"] == source["uid"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${source}"}
