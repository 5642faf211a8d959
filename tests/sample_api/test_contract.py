from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import requests

from sample_api.pages import page_bytes
from sample_api.service import create_app
from sample_api.settings import SampleSettings

SCHEMAS = {
    "tracks": "Page__T_Customized_TracksOut_",
    "users": "Page__T_Customized_UsersOut_",
    "listen_history": "Page__T_Customized_ListenHistoryOut_",
}
ENDPOINTS = list(SCHEMAS)


def faults(contract: dict[str, Any], name: str, answer: object) -> list[str]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": contract["components"]}
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(answer)]


def get(api: str, endpoint: str, **query: int) -> Any:
    answer = requests.get(f"{api}/{endpoint}", params=query, timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_schema_check_itself_finds_faults(contract: dict[str, Any], endpoint: str) -> None:
    answer = {"items": [{"id": "7"}], "total": 1, "page": 0, "size": 1, "pages": 1}
    assert len(faults(contract, SCHEMAS[endpoint], answer)) > 3


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_sampled_pages_obey_the_contract(api: str, contract: dict[str, Any], endpoint: str) -> None:
    pages = get(api, endpoint)["pages"]
    for page in {1, 2, pages // 2, pages - 1, pages}:
        answer = get(api, endpoint, page=page)
        assert answer["items"]
        assert faults(contract, SCHEMAS[endpoint], answer) == []


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_records_look_like_the_captured_ones(api: str, capture: Path, endpoint: str) -> None:
    captured = json.loads((capture / endpoint / "page-01.json").read_text())
    answer = get(api, endpoint)
    assert list(answer) == list(captured)
    for record in answer["items"]:
        assert list(record) == list(captured["items"][0])
        for moment in ("created_at", "updated_at"):
            assert len(record[moment]) == len("2026-11-13T14:14:28.165448")


def test_the_default_page_has_100_records(api: str) -> None:
    answer = get(api, "tracks")
    assert (answer["page"], answer["size"], len(answer["items"])) == (1, 100, 100)
    assert answer["pages"] == -(-answer["total"] // 100)


@pytest.mark.parametrize("page", [10**6, 10**30])
def test_a_page_past_the_end_is_empty(api: str, page: int) -> None:
    answer = get(api, "users", page=page)
    assert answer["items"] == []
    assert answer["page"] == page


@pytest.mark.parametrize("query", ["size=101", "size=0", "page=0", "page=x"])
def test_wrong_queries_are_refused_as_in_the_contract(
    api: str, contract: dict[str, Any], query: str
) -> None:
    answer = requests.get(f"{api}/listen_history?{query}", timeout=30)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert faults(contract, "HTTPValidationError", answer.json()) == []


def test_an_empty_api_has_no_pages() -> None:
    nothing = SampleSettings(users=0, tracks=0, listens=0, dirty=True)
    for endpoint in ENDPOINTS:
        assert json.loads(page_bytes(nothing, endpoint, page=1, size=100)) == {
            "items": [],
            "total": 0,
            "page": 1,
            "size": 100,
            "pages": 0,
        }


def test_the_documentation_of_the_app_says_what_the_contract_says(
    contract: dict[str, Any],
) -> None:
    ours = create_app(SampleSettings()).openapi()
    for name in ("TracksOut", "UsersOut", "ListenHistoryOut"):
        schema = dict(ours["components"]["schemas"][name])
        schema.pop("description")
        assert schema == contract["components"]["schemas"][name]
    assert list(ours["paths"]) == list(contract["paths"])
    for path, methods in contract["paths"].items():
        for key in ("parameters", "operationId", "summary"):
            assert ours["paths"][path]["get"][key] == methods["get"][key]
