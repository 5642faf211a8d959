"""The index template knows every field that a run logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.conftest import ROOT, Replay

TEMPLATE = json.loads((ROOT / "ops" / "logs" / "index-template.json").read_text())
KINDS = {"long": int, "double": (int, float), "boolean": bool}


def fields(document: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a document, by its dotted name."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from fields(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def mapped(properties: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, mapping in properties.items():
        if "properties" in mapping:
            yield from mapped(mapping["properties"], f"{above}{name}.")
        else:
            yield f"{above}{name}", mapping["type"]


def test_every_field_of_a_run_is_mapped_to_its_type(replay: Replay) -> None:
    types = dict(mapped(TEMPLATE["template"]["mappings"]["properties"]))
    for log in replay.runs[0].glob("*.jsonl"):
        for line in log.read_text().splitlines():
            for name, value in fields(json.loads(line)):
                assert name in types, line
                assert isinstance(value, KINDS.get(types[name], str)), (name, value)


def test_every_field_that_the_code_may_add_is_mapped() -> None:
    types = dict(mapped(TEMPLATE["template"]["mappings"]["properties"]))
    files = [
        file for room in ("ingest", "publish", "pipeline") for file in ROOT.glob(f"{room}/**/*.py")
    ]
    code = "".join(file.read_text() for file in files)
    named = set(re.findall(r'"((?:medley|event|dbt|url|file)\.[a-z_.]+)":', code))
    assert {"event.action", "medley.step", "url.full"} <= named
    assert named - set(types) == set()


def test_it_is_for_the_data_stream_that_the_shippers_name() -> None:
    [pattern] = TEMPLATE["index_patterns"]
    stream = pattern.replace("*", "default")
    for shipper in ("rsyslog.conf", "filebeat.yml"):
        assert f"{stream}\n" in (ROOT / "ops" / "logs" / shipper).read_text().replace('"', "")
    assert "data_stream" in TEMPLATE
