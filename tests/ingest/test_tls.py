"""Whom we trust: certificates, proxies and .netrc, as the environment has them."""

from __future__ import annotations

import ipaddress
import json
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.errors import ApiError, ApiUnavailableError, IngestError
from ingest.service import ingest
from tests.ingest.helpers import declared, payloads, settings_for
from tests.ingest.server import listening, reply, serving, some

PAGE = json.dumps({"items": [{"id": 1}], "total": 1, "page": 1, "size": 10, "pages": 1})
RECORD = ['{"id": 1}']


def certificate(folder: Path, *, host: str = "127.0.0.1", days: int = 1) -> Path:
    """A certificate that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "music")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(key.private_bytes(pem, *form) + made.public_bytes(pem))
    return file


@contextmanager
def secure(file: Path) -> Iterator[tuple[str, list[str]]]:
    """A music API over TLS, and the requests that reached it."""
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        reply(handler, PAGE)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with listening(answer, tls=context) as url:
        yield url, asked


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy",
                 "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("options", "trusted", "told"),
    [
        ({}, False, "self.signed certificate"),
        ({"host": "127.0.0.9"}, True, "valid for '127.0.0.1'"),
        ({"days": -1}, True, "certificate has expired"),
    ],
)
def test_a_certificate_that_proves_nothing_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    options: dict[str, object], trusted: bool, told: str,
) -> None:  # fmt: skip
    file = certificate(tmp_path, **options)  # type: ignore[arg-type]
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with secure(file) as (url, asked), pytest.raises(IngestError) as caught:
        ingest(settings_for(url, tmp_path / "lake", token="hush"), endpoints=["tracks"])
    assert type(caught.value.__cause__) is ApiError
    assert re.search(told, str(caught.value))
    assert asked == []
    assert "attempt" not in caplog.text


def test_a_certificate_that_the_environment_trusts_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with secure(file) as (url, asked):
        ingest(settings_for(url, tmp_path / "lake"), endpoints=["tracks"])
    assert payloads(tmp_path / "lake", "tracks") == RECORD
    assert asked[0] == "/tracks?page=1&size=10"


def test_a_bundle_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    with (
        secure(certificate(tmp_path)) as (url, _asked),
        pytest.raises(IngestError, match=r"nowhere\.pem|No such file"),
    ):
        ingest(settings_for(url, tmp_path / "lake"), endpoints=["tracks"])


def test_a_server_that_speaks_no_tls_is_told(tmp_path: Path) -> None:
    with serving(some(3)) as api, pytest.raises(IngestError, match=r"(?i)ssl|tls"):
        ingest(settings_for(api.url.replace("http", "https"), tmp_path), endpoints=["tracks"])


def test_a_proxy_of_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None]] = []

    def proxy(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.path, handler.headers["Proxy-Authorization"]))
        reply(handler, PAGE)

    with listening(proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url.replace("//", "//me:hush@"))
        monkeypatch.setenv("NO_PROXY", "")
        ingest(settings_for("http://music.invalid", tmp_path), endpoints=["tracks"])
    known = f"Basic {b64encode(b'me:hush').decode()}"
    assert set(asked) == {("http://music.invalid/tracks?page=1&size=10", known)}
    assert payloads(tmp_path, "tracks") == RECORD


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with listening(lambda _handler: None) as gone:
        pass
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", gone)
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(IngestError, match="gave up after attempt 3") as caught:
        ingest(settings_for(f"{scheme}://music.invalid", tmp_path), endpoints=["tracks"])
    assert isinstance(caught.value.__cause__, ApiUnavailableError)


def test_where_no_identity_is_declared_none_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hush\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    file = declared(
        tmp_path / "e.yml", "{name: tracks, path: /tracks, id: [id], auth: {type: none}}"
    )
    with serving(some(3)) as api:
        ingest(settings_for(api, tmp_path / "lake", token="hush-hush", endpoints_file=file))
    assert api.authorizations == {None}
