"""OAuth 2 client credentials: a token server of its own, and an API that takes its tokens."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from ingest.errors import IngestError, LoaderError
from ingest.service import ingest
from tests.ingest.helpers import declared, payloads, settings_for, untold
from tests.ingest.server import Api, Call, listening, record, reply, serving
from tests.ingest.test_auth import BASIC, HUSH, SECRETS

RECORDS = [record(number) for number in range(55)]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)


@dataclass
class Issuer:
    """A token server and the API that takes its tokens, each for so many requests."""

    lifetime: object = 3600
    answer: tuple[int, str] | None = None
    url: str = ""
    issued: int = 0
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    clients: list[str | None] = field(default_factory=list)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        self.forms.append(parse_qs(handler.rfile.read(length).decode()))
        self.clients.append(handler.headers["Authorization"])
        if self.answer:
            reply(handler, self.answer[1], self.answer[0])
            return
        self.issued += 1
        told = {"access_token": f"hush-{self.issued}", "expires_in": self.lifetime}
        reply(handler, json.dumps({**told, "token_type": "bearer"}))

    def endpoint(self) -> str:
        auth = "client_id: APP_USER, client_secret: APP_PASSWORD, scope: read"
        auth = f"{{type: oauth2, token_url: '{self.url}/token', {auth}}}"
        return f"{{name: tracks, path: /tracks, id: [id], auth: {auth}}}"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    told = Issuer()
    with listening(told) as told.url:
        yield told


def load(tmp_path: Path, api: Api, issuer: Issuer) -> None:
    file = declared(tmp_path / "e.yml", issuer.endpoint())
    ingest(settings_for(api, tmp_path / "lake", endpoints_file=file, workers=4))


@pytest.mark.parametrize("lifetime", [3600, "3600"])
def test_a_token_is_fetched_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, issuer: Issuer, lifetime: object
) -> None:
    issuer.lifetime = lifetime
    with serving({"tracks": RECORDS}) as api:
        load(tmp_path, api, issuer)
    assert (issuer.issued, api.authorizations) == (1, {"Bearer hush-1"})
    assert issuer.forms == [{"grant_type": ["client_credentials"], "scope": ["read"]}]
    assert issuer.clients == [f"Basic {BASIC}"]
    assert payloads(tmp_path / "lake", "tracks") == RECORDS
    untold(HUSH, tmp_path, caplog)


def test_a_token_is_renewed_when_it_ends(tmp_path: Path, issuer: Issuer) -> None:
    """It lasts a second at least; meanwhile a page that is slow lets it end."""
    issuer.lifetime = 1
    encodings = set()

    def slow(call: Call) -> None:
        encodings.add(call.handler.headers["Accept-Encoding"])
        if call.page == 3:
            time.sleep(1.2)

    with serving({"tracks": [record(number) for number in range(200)]}) as api:
        api.fault = slow
        load(tmp_path, api, issuer)
    assert issuer.issued >= 2
    assert {"Bearer hush-1", "Bearer hush-2"} <= api.authorizations
    assert encodings == {"gzip"}


@pytest.mark.parametrize(
    "answer",
    [(401, '{"error": "invalid_client hush"}'), (400, "hush"), (200, "<html>hush"),
     (200, '{"token": "hush"}'), (200, '["hush"]'), (200, '{"access_token": "hu\\nsh"}'),
     (200, '{"access_token": null}'), (302, "hush"), (500, "hush")],
)  # fmt: skip
def test_a_refused_client_is_one_clear_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, issuer: Issuer, answer: tuple[int, str]
) -> None:
    issuer.answer = answer
    with (
        serving({"tracks": RECORDS}) as api,
        pytest.raises(LoaderError, match=r"POST http.*/token gave no token") as caught,
    ):
        load(tmp_path, api, issuer)
    assert api.asked == []
    assert len(issuer.clients) <= 3
    untold(HUSH, tmp_path, caplog, caught.value)


def test_an_endpoint_without_a_token_leaves_the_others_their_batches(
    tmp_path: Path, issuer: Issuer
) -> None:
    issuer.answer = (401, "no")
    users = "{name: users, path: /users, id: [id], auth: {type: none}}"
    file = declared(tmp_path / "e.yml", f"{issuer.endpoint()}\n{users}")
    with (
        serving({"tracks": RECORDS, "users": RECORDS}) as api,
        pytest.raises(IngestError) as caught,
    ):
        ingest(settings_for(api, tmp_path / "lake", endpoints_file=file))
    assert set(caught.value.failures) == {"tracks"}
    assert payloads(tmp_path / "lake", "users") == RECORDS
