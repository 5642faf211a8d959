"""The log shipper's settings, as far as they can be judged without it."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from pipeline.record import Run
from pipeline.settings import Settings
from tests.conftest import ROOT


def configuration() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "ops" / "logs" / "filebeat.yml").read_text())
    return loaded


def test_it_reads_the_log_where_a_run_writes_it(tmp_path: Path) -> None:
    [source] = configuration()["filebeat.inputs"]
    run = Run.begin(Settings(lake=tmp_path).runs)
    [pattern] = source["paths"]
    settings = (ROOT / "ops" / "medley.env").read_text()
    lake = next(line for line in settings.splitlines() if line.startswith("MEDLEY_LAKE="))
    lake = lake.partition("=")[2]
    assert pattern.startswith(lake)
    for log in (run.log, run.spark_log):
        assert fnmatch(str(log), pattern.replace(lake, str(tmp_path)))


def test_lines_are_json_and_short_logs_are_read_too() -> None:
    [source] = configuration()["filebeat.inputs"]
    assert source["type"] == "filestream"
    assert source["id"]
    assert "ndjson" in source["parsers"][0]
    assert source["prospector.scanner.fingerprint.length"] <= 64


def test_the_index_is_the_data_stream_that_the_fields_name() -> None:
    settings = configuration()
    [added] = [step["add_fields"] for step in settings["processors"] if "add_fields" in step]
    fields = added["fields"]
    assert added["target"] == "data_stream"
    named = f"{fields['type']}-{fields['dataset']}-{fields['namespace']}"
    assert settings["output.elasticsearch"]["index"] == named
    assert settings["setup.template.enabled"] is False


def test_no_secret_stands_in_the_file() -> None:
    output = configuration()["output.elasticsearch"]
    assert output["api_key"].startswith("${")
