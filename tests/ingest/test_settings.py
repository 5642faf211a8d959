from __future__ import annotations

from pathlib import Path

import pytest

from ingest.endpoints import load_endpoints
from ingest.errors import SettingsError
from ingest.service import ingest
from ingest.settings import ENDPOINTS_FILE, IngestSettings
from tests.ingest.helpers import payloads, settings_for
from tests.ingest.server import serving

GOOD = {"name": "plays", "path": "/plays", "items": "items", "id": "[play]", "timestamp": "at"}


def declared(path: Path, *entries: dict[str, str]) -> Path:
    lines = ["endpoints:"]
    for entry in entries:
        lines += ["  -", *(f"    {key}: {value}" for key, value in entry.items())]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_declared_endpoints_are_those_of_the_api() -> None:
    told = [(e.name, e.path, e.items, e.id, e.timestamp) for e in load_endpoints(ENDPOINTS_FILE)]
    assert told == [
        ("tracks", "/tracks", "items", ("id",), "updated_at"),
        ("users", "/users", "items", ("id",), "updated_at"),
        ("listen_history", "/listen_history", "items", ("user_id",), "updated_at"),
    ]


def test_a_fourth_endpoint_needs_no_python(tmp_path: Path) -> None:
    file = declared(tmp_path / "more.yml", GOOD)
    with serving({"plays": ['{"play": 1}']}) as api:
        ingest(settings_for(api, tmp_path, endpoints_file=file))
    assert payloads(tmp_path, "plays") == ['{"play": 1}']


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({**GOOD, "pth": "/x"}, "unknown key pth"),
        (
            {key: value for key, value in GOOD.items() if key != "timestamp"},
            "missing key timestamp",
        ),
        ({**GOOD, "path": "plays"}, "key path"),
        ({**GOOD, "path": "/plays?x=1"}, "key path"),
        ({**GOOD, "name": "../plays"}, "key name"),
        ({**GOOD, "items": "7"}, "key items"),
        ({**GOOD, "id": "[]"}, "key id"),
        ({**GOOD, "id": "[1]"}, "key id"),
    ],
)
def test_a_typo_is_told_with_file_and_key(tmp_path: Path, entry: dict[str, str], told: str) -> None:
    file = declared(tmp_path / "typo.yml", GOOD, entry)
    with pytest.raises(SettingsError, match=rf"typo\.yml: endpoint 2.*{told}"):
        load_endpoints(file)


@pytest.mark.parametrize(
    "text", ["", "[]", "endpoints: []", "endpoints: {a: 1}", "endpoints: [x]", "endpoints: [", "\0"]
)
def test_a_file_without_endpoints_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yml").write_text(text)
    with pytest.raises(SettingsError, match=r"odd\.yml"):
        load_endpoints(tmp_path / "odd.yml")


def test_a_name_is_declared_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'plays' is taken"):
        load_endpoints(declared(tmp_path / "twice.yml", GOOD, GOOD))


def test_an_unknown_endpoint_is_told_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no endpoint trakcs .*tracks, users, listen_history"):
        load_endpoints(ENDPOINTS_FILE, names=["users", "trakcs"])


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDLEY_API_URL", "https://music.example/v1/")
    monkeypatch.setenv("MEDLEY_API_TOKEN", "t\n")
    monkeypatch.setenv("MEDLEY_LAKE", "/srv/lake")
    settings = IngestSettings.from_env(workers=9, page_size=None)
    assert (settings.api_url, settings.token) == ("https://music.example/v1/", "t")
    assert (settings.lake, settings.workers, settings.page_size) == (Path("/srv/lake"), 9, 100)
    assert IngestSettings.from_env(lake=Path("x"), api_url="http://h").lake == Path("x")
    monkeypatch.delenv("MEDLEY_LAKE")
    assert IngestSettings.from_env().lake == Path("lake")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "MEDLEY_API_URL"),
        ("music.example", "http://"),
        ("ftp://music.example", "http://"),
        ("http://", "http://"),
        ("http://host:port", "http://"),
        ("http://[1", "http://"),
        ("http://me:secret@host", "MEDLEY_API_TOKEN"),
        ("http://host?key=secret", "MEDLEY_API_TOKEN"),
    ],
)
def test_an_address_that_cannot_work_is_told(url: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        IngestSettings(api_url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("token", ["sec\nret", "secret\r\nX-Evil: 1", "secrét"])
def test_a_token_that_no_header_can_carry_is_not_quoted(token: str) -> None:
    with pytest.raises(SettingsError) as caught:
        IngestSettings(api_url="http://h", token=token)
    assert "sec" not in str(caught.value)


@pytest.mark.parametrize("name", ["workers", "page_size", "timeout_seconds", "max_attempts"])
def test_numbers_are_above_zero(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be above 0"):
        IngestSettings.from_env(api_url="http://h", **{name: 0})
