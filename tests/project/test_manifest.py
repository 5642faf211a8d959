"""The rules of the house, checked on what dbt knows of the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.project.conftest import Manifest


def nodes(manifest: Manifest, kind: str = "model") -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


def layer_of(node: dict[str, Any]) -> str:
    return Path(node["original_file_path"]).parts[1]


def documented(manifest: Manifest) -> list[dict[str, Any]]:
    return [*nodes(manifest), *nodes(manifest, "seed"), *manifest["sources"].values()]


def test_everything_and_every_column_is_described(manifest: Manifest) -> None:
    silent = [node["name"] for node in documented(manifest) if not node["description"].strip()]
    silent += [
        f"{node['name']}.{column['name']}"
        for node in documented(manifest)
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert silent == []


def test_descriptions_start_with_the_grain(manifest: Manifest) -> None:
    assert [
        node["name"]
        for node in nodes(manifest)
        if not node["description"].startswith("One row per ")
    ] == []


def test_nothing_overrules_store_failures(manifest: Manifest) -> None:
    """A setting of the project, even false, would be stronger than the flag of the command."""
    tests = nodes(manifest, "test")
    assert {node["config"]["store_failures"] for node in tests} == {None}


def test_silver_and_gold_sql_has_an_enforced_contract(manifest: Manifest) -> None:
    assert [
        node["name"]
        for node in nodes(manifest)
        if layer_of(node) in ("silver", "gold")
        and node["language"] == "sql"
        and not node["config"]["contract"]["enforced"]
    ] == []


def test_only_bronze_reads_sources(manifest: Manifest) -> None:
    readers = {
        layer_of(node)
        for node in nodes(manifest)
        for parent in node["depends_on"]["nodes"]
        if parent.startswith("source.")
    }
    assert readers == {"bronze"}


@pytest.mark.parametrize(
    ("layer", "allowed"),
    [("bronze", set()), ("silver", {"bronze", "silver"}), ("gold", {"silver", "gold"})],
)
def test_layers_read_only_what_they_may(manifest: Manifest, layer: str, allowed: set[str]) -> None:
    read = {
        layer_of(manifest["nodes"][parent])
        for node in nodes(manifest)
        if layer_of(node) == layer
        for parent in node["depends_on"]["nodes"]
        if parent.startswith("model.")
    }
    assert read <= allowed


def test_the_lineage_leads_from_the_api_to_the_recommendations(manifest: Manifest) -> None:
    ancestors: set[str] = set()
    waiting = ["model.medley.recommendations.v1"]
    while waiting:
        parents = manifest["parent_map"][waiting.pop()]
        waiting += [parent for parent in parents if parent not in ancestors]
        ancestors.update(parents)
    assert {
        f"source.medley.music_api.{name}" for name in ("tracks", "users", "listen_history")
    } <= (ancestors)


def test_every_macro_has_an_opening_comment_with_an_example() -> None:
    bare = []
    for path in sorted((ROOT / "macros").glob("*.sql")):
        text = path.read_text()
        comment = text.partition("-#}")[0]
        name = path.stem.removeprefix("test_")
        if not text.startswith("{#-") or name not in comment:
            bare.append(path.name)
        if text.count("{% macro ") + text.count("{% test ") != 1:
            bare.append(f"{path.name}: not one macro")
    assert bare == []


def test_macros_are_described_with_their_arguments(manifest: Manifest) -> None:
    ours = [macro for macro in manifest["macros"].values() if macro["package_name"] == "medley"]
    assert {macro["name"] for macro in ours} == {
        path.stem for path in (ROOT / "macros").glob("*.sql")
    }
    assert [macro["name"] for macro in ours if not macro["description"].strip()] == []
    assert [
        f"{macro['name']}.{argument['name']}"
        for macro in ours
        for argument in macro["arguments"]
        if not (argument["type"] and argument["description"])
    ] == []


def test_every_singular_test_is_described(manifest: Manifest) -> None:
    singular = [node for node in nodes(manifest, "test") if "test_metadata" not in node]
    assert len(singular) > 10
    assert [node["name"] for node in singular if not node["description"].strip()] == []


def test_every_unit_test_is_described(manifest: Manifest) -> None:
    units = manifest["unit_tests"].values()
    assert len(units) > 40
    assert [unit["name"] for unit in units if not (unit["description"] or "").strip()] == []
    assert [unit["name"] for unit in units if not unit["name"].startswith(unit["model"])] == []


def test_every_key_is_tested_unique(manifest: Manifest) -> None:
    tested = {
        node["attached_node"]
        for node in nodes(manifest, "test")
        if node.get("test_metadata", {}).get("name") in ("unique", "unique_together")
    }
    keyless = {"track_records", "user_records", "listen_history_records", "fallback_candidates"}
    assert [
        node["name"]
        for node in nodes(manifest)
        if layer_of(node) != "bronze"
        and node["name"] not in keyless
        and node["unique_id"] not in tested
    ] == []


def test_every_model_is_in_a_group_whose_owner_can_be_reached(manifest: Manifest) -> None:
    assert [node["name"] for node in nodes(manifest) if not node["config"].get("group")] == []
    owners = {group["name"]: group["owner"] for group in manifest["groups"].values()}
    assert {node["config"]["group"] for node in nodes(manifest)} == set(owners)
    assert all(owner.get("name") and owner.get("email") for owner in owners.values())


def test_access_follows_the_layer(manifest: Manifest) -> None:
    allowed = {"bronze": {"private"}, "silver": {"protected"}, "gold": {"public", "private"}}
    assert [
        node["name"] for node in nodes(manifest) if node["access"] not in allowed[layer_of(node)]
    ] == []


def test_what_is_public_is_what_outsiders_read(manifest: Manifest) -> None:
    exposures = list(manifest["exposures"].values())
    assert [entry["name"] for entry in exposures if not entry["description"].strip()] == []
    exposed = {name for entry in exposures for name in entry["depends_on"]["nodes"]}
    public = {node["unique_id"] for node in nodes(manifest) if node["access"] == "public"}
    unread = public - exposed
    assert [name for name in unread if not manifest["nodes"][name]["deprecation_date"]] == []
    assert exposed <= public


def test_a_contract_with_versions_keeps_its_name(manifest: Manifest) -> None:
    versioned = [node for node in nodes(manifest) if node["version"]]
    names = {node["name"] for node in versioned}
    assert names == {"recommendations", "listens_wide"}
    assert names <= {node["alias"] for node in versioned}
    assert [
        node["unique_id"]
        for node in versioned
        if node["version"] < node["latest_version"] and not node["deprecation_date"]
    ] == []


def test_every_model_with_logic_has_a_unit_test(manifest: Manifest) -> None:
    tested = {entry["model"] for entry in manifest["unit_tests"].values()}
    aggregates = {node["name"] for node in nodes(manifest) if "aggregates" in node["fqn"]}
    assert aggregates | {"dim_user_history", "dim_track_history", "listens_wide"} <= tested
