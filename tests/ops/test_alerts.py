"""The alerts: promtool runs their unit tests, and each leads to what it means and what to do."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from pipeline.metric_names import METRICS
from tests.conftest import ROOT
from tests.ops.conftest import Watched
from tests.ops.prometheus import SETTINGS, needs_prometheus
from tests.ops.test_docs import anchors

RULES = SETTINGS / "medley.rules.yml"
TESTS = SETTINGS / "medley.rules.test.yml"
ALERTS: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]


@needs_prometheus
@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "medley.rules.yml"),
        ("test", "rules", "medley.rules.test.yml"),
        ("check", "config", "prometheus.yml"),
    ],
    ids=" ".join,
)
def test_promtool_agrees(words: tuple[str, ...]) -> None:
    said = subprocess.run(
        ["promtool", *words], cwd=SETTINGS, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_alert_is_seen_to_fire_and_not_to_fire() -> None:
    tested: dict[str, set[bool]] = {}
    for test in yaml.safe_load(TESTS.read_text())["tests"]:
        for one in test["alert_rule_test"]:
            tested.setdefault(one["alertname"], set()).add(bool(one.get("exp_alerts")))
    assert set(tested) == {alert["alert"] for alert in ALERTS}
    assert [name for name, seen in tested.items() if seen != {True, False}] == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_it_leads_to_its_own_heading(alert: dict[str, Any]) -> None:
    path, _, fragment = alert["annotations"]["runbook_url"].partition("#")
    page = ROOT / path
    assert fragment == alert["alert"].lower()
    assert fragment in anchors(page)
    section = re.split(r"^### ", page.read_text(), flags=re.M)
    [said] = [part for part in section if part.startswith(f"{alert['alert']}\n")]
    assert len(said.split()) > 20
    assert alert["annotations"]["summary"]
    assert alert["labels"]["severity"] in ("critical", "warning")


def test_the_manual_tells_of_no_alert_that_is_not_there() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    told = set(re.findall(r"^### (Medley\w+)$", manual, re.M))
    assert told == {alert["alert"] for alert in ALERTS}


def test_they_ask_for_metrics_that_are_there() -> None:
    asked = set(re.findall(r"medley_\w+", " ".join(alert["expr"] for alert in ALERTS)))
    assert asked - set(METRICS) == set()


# The captured listening is random: nothing foretells it better than popularity does.
RIGHTLY = {"MedleyNoBetterThanPopularity"}


@needs_prometheus
def test_none_fires_after_a_good_run_and_each_can_be_asked(watched: Watched) -> None:
    for alert in ALERTS:
        firing = watched.ask(alert["expr"])
        if alert["alert"] in RIGHTLY:
            continue
        mine = [one for one in firing if one["metric"].get("instance") == "night shift"]
        assert mine == [], alert["alert"]
