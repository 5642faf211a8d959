"""Who the loader says it is, and that nobody else learns it."""

from __future__ import annotations

import logging
from base64 import b64encode
from pathlib import Path

import pytest

from ingest.errors import IngestError, SettingsError
from ingest.service import ingest
from tests.ingest.helpers import declared, settings_for, untold
from tests.ingest.server import Call, Fault, record, serving

RECORDS = [record(number) for number in range(55)]
SECRETS = {"APP_TOKEN": "hush-token", "APP_USER": "hush-user", "APP_PASSWORD": "hush-pass:word"}
BASIC = b64encode(b"hush-user:hush-pass:word").decode()
HUSH = ("hush", BASIC)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.delenv("NETRC", raising=False)
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)


@pytest.mark.parametrize(
    ("declaration", "sent"),
    [
        ("auth: {type: none}", None),
        ("auth: {type: bearer, token: APP_TOKEN}", "Bearer hush-token"),
        ("auth: {type: basic, user: APP_USER, password: APP_PASSWORD}", f"Basic {BASIC}"),
        ('headers: {Authorization: "Key ${APP_TOKEN}"}, auth: {type: none}', "Key hush-token"),
        ("unique: true", "Bearer hush-default"),
    ],
)
def test_what_is_declared_is_sent_with_every_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, declaration: str, sent: str | None
) -> None:
    file = declared(tmp_path / "e.yml", f"{{name: tracks, path: /tracks, id: [id], {declaration}}}")
    with serving({"tracks": RECORDS}) as api:
        settings = settings_for(api, tmp_path / "lake", token="hush-default", endpoints_file=file)
        results = ingest(settings)
    assert api.authorizations == {sent}
    assert len(api.asked) == 7
    untold(HUSH, tmp_path, caplog, settings, results)


@pytest.mark.parametrize(
    ("declaration", "host"), [("Host: music.example", "music.example"), ("", "")]
)
def test_a_request_names_its_host_once(tmp_path: Path, declaration: str, host: str) -> None:
    hosts: list[str] = []
    entry = f"{{name: tracks, path: /tracks, id: [id], headers: {{{declaration}}}}}"
    file = declared(tmp_path / "e.yml", entry)

    def noting(call: Call) -> None:
        hosts.extend(call.handler.headers.get_all("Host", []))

    with serving({"tracks": RECORDS}, fault=noting) as api:
        ingest(settings_for(api, tmp_path / "lake", endpoints_file=file))
    assert hosts == [host or api.url.removeprefix("http://")] * len(api.asked)


def refused(call: Call) -> None:
    call.status, call.body = 401, str(call.handler.headers).encode()


def malformed(call: Call) -> None:
    call.body = str(call.handler.headers).encode()


@pytest.mark.parametrize("fault", [refused, malformed])
@pytest.mark.parametrize(
    "declaration",
    ["auth: {type: bearer, token: APP_TOKEN}", 'headers: {X-Key: "${APP_TOKEN}"}',
     "auth: {type: basic, user: APP_USER, password: APP_PASSWORD}"],
)  # fmt: skip
def test_no_error_tells_a_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, declaration: str, fault: Fault
) -> None:
    file = declared(tmp_path / "e.yml", f"{{name: tracks, path: /tracks, id: [id], {declaration}}}")
    with serving({"tracks": RECORDS}, fault=fault) as api, pytest.raises(IngestError) as caught:
        ingest(settings_for(api, tmp_path / "lake", endpoints_file=file))
    assert len(caplog.records) > 1
    untold(HUSH, tmp_path, caplog, caught.value)


@pytest.mark.parametrize("value", [None, "", "sec\nret", "secrét"])
@pytest.mark.parametrize(
    "declaration",
    ["auth: {type: bearer, token: ODD}", "auth: {type: basic, user: APP_USER, password: ODD}",
     "auth: {type: oauth2, token_url: 'http://x/', client_id: APP_USER, client_secret: ODD}",
     'headers: {X-Key: "${ODD}"}'],
)  # fmt: skip
def test_a_secret_that_is_missing_or_odd_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declaration: str, value: str | None
) -> None:
    monkeypatch.delenv("ODD", raising=False)
    if value is not None:
        monkeypatch.setenv("ODD", value)
    file = declared(tmp_path / "e.yml", f"{{name: tracks, path: /tracks, id: [id], {declaration}}}")
    with serving({"tracks": RECORDS}) as api, pytest.raises(SettingsError, match="ODD") as caught:
        ingest(settings_for(api, tmp_path / "lake", endpoints_file=file))
    assert api.asked == []
    assert "sec" not in str(caught.value).replace("client_secret", "")
