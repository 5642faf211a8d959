from __future__ import annotations

import re
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
        ("tracks", "/tracks", "items", ["id"], "updated_at"),
        ("users", "/users", "items", ["id"], "updated_at"),
        ("listen_history", "/listen_history", "items", ["user_id"], "updated_at"),
    ]


def test_a_fourth_endpoint_needs_no_python(tmp_path: Path) -> None:
    file = declared(tmp_path / "more.yml", GOOD)
    with serving({"plays": ['{"play": 1}']}) as api:
        ingest(settings_for(api, tmp_path, endpoints_file=file))
    assert payloads(tmp_path, "plays") == ['{"play": 1}']


MORE = {**GOOD, "name": "more"}
SECOND = 8  # the line of the second entry


@pytest.mark.parametrize(
    ("entry", "line", "told"),
    [
        ({**MORE, "pth": "/x"}, 6, "unknown field `pth`"),
        ({key: MORE[key] for key in MORE if key != "path"}, 0, "missing required field `path`"),
        ({**MORE, "path": "plays"}, 2, r"\.path`"),
        ({**MORE, "path": "/plays?x=1"}, 2, r"\.path`"),
        ({**MORE, "name": "../plays"}, 1, r"\.name`"),
        ({**MORE, "items": "7"}, 3, r"\.items`"),
        ({**MORE, "id": "play"}, 4, r"\.id`"),
        ({**MORE, "id": "[]"}, 4, r"\.id`"),
        ({**MORE, "id": "[1]"}, 4, r"\.id\[0\]`"),
        ({**MORE, "pages": "{style: pages}"}, 6, "pages"),
        ({**MORE, "pages": "{style: link, number: n}"}, 6, "unknown field `number`"),
        ({**MORE, "since": "{}"}, 6, "give either parameter or order"),
        ({**MORE, "since": "{order: ascending}"}, 6, r"since\.order`"),
        ({**MORE, "types": "{plays: text}"}, 6, "text"),
        ({**MORE, "auth": "{type: bearer, token: hush-hush}"}, 6, r"auth\.token`"),
        ({**MORE, "auth": "{type: basic, user: ME}"}, 6, "missing required field `password`"),
        ({**MORE, "headers": "{X-Key: 7}"}, 6, r"headers"),
        ({**MORE, "headers": "{X-Where: 東京}"}, 6, r"headers"),
        ({**MORE, "headers": '{X-Key: "a\\nX-Other: b"}'}, 6, r"headers"),
        ({**MORE, "headers": "{X Key: a}"}, 6, r"headers"),
        ({**GOOD}, 1, "'plays' is taken"),
    ],
)
def test_a_typo_is_told_with_file_line_and_key(
    tmp_path: Path, entry: dict[str, str], line: int, told: str
) -> None:
    file = declared(tmp_path / "typo.yml", GOOD, entry)
    with pytest.raises(SettingsError, match=rf"typo\.yml, line (\d+): .*{told}") as caught:
        load_endpoints(file)
    found = int(re.findall(r"line (\d+)", str(caught.value))[0])
    assert found - SECOND in ({line} if line else {0, 1}), caught.value
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "endpoints: []", "endpoints: {a: 1}", "endpoints: [x]", "endpoints: [", "\0"]
)
def test_a_file_without_endpoints_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yml").write_text(text)
    with pytest.raises(SettingsError, match=r"odd\.yml"):
        load_endpoints(tmp_path / "odd.yml")


def test_an_unknown_endpoint_is_told_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no endpoint trakcs .*tracks, users, listen_history"):
        load_endpoints(ENDPOINTS_FILE, names=["users", "trakcs"])


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDLEY_API_URL", "https://music.example/v1/")
    monkeypatch.setenv("MEDLEY_API_TOKEN", "t\n")
    monkeypatch.setenv("MEDLEY_LAKE", "/srv/lake")
    settings = IngestSettings.from_env(workers=9, page_size=None)
    assert (settings.api_url, settings.token) == ("https://music.example/v1/", "t")
    assert (str(settings.lake), settings.workers, settings.page_size) == ("/srv/lake", 9, 100)
    assert IngestSettings.from_env(lake=Path("x"), api_url="http://h").lake == Path("x")
    monkeypatch.delenv("MEDLEY_LAKE")
    assert str(IngestSettings.from_env().lake) == "lake"


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


@pytest.mark.parametrize(
    "name", ["workers", "page_size", "timeout_seconds", "max_attempts", "max_answer_bytes"]
)
def test_numbers_are_above_zero(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be above 0"):
        IngestSettings.from_env(api_url="http://h", **{name: 0})
