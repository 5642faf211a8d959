"""Who we are: secrets come from the environment and are shown nowhere."""

from __future__ import annotations

import json
import os
import re
import time

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError

from ingest.endpoints import Basic, Bearer, Endpoint, OAuth2
from ingest.errors import ApiUnavailableError, SettingsError
from ingest.settings import IngestSettings

EARLY = 30.0  # seconds before its end at which a token is renewed
ANSWER_BYTES = 2**16


class Nobody(AuthBase):
    """No identity; without it, requests would look for one in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add nothing."""
        return request


class BearerAuth(AuthBase):
    """A token that lasts."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class ClientCredentials(BearerAuth):
    """A token of OAuth 2 client credentials (RFC 6749, 4.4): fetched, and renewed in time."""

    def __init__(self, declared: OAuth2, session: requests.Session, timeout: float) -> None:
        client = HTTPBasicAuth(_secret(declared.client_id), _secret(declared.client_secret))
        form = {"grant_type": "client_credentials", "scope": declared.scope}
        self._asked = {"data": form, "auth": client, "timeout": timeout, "allow_redirects": False,
                       "stream": True}  # fmt: skip
        self._url, self._post = declared.token_url, session.post
        self._ends_at = 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header; raise ApiUnavailableError when no token is to be had."""
        if time.monotonic() >= self._ends_at:
            self._fetch()
        return super().__call__(request)

    def _fetch(self) -> None:
        status = ""
        try:
            with self._post(self._url, **self._asked) as answer:  # type: ignore[arg-type]
                status = f" {answer.status_code}"
                answer.raise_for_status()
                told = json.loads(answer.raw.read(ANSWER_BYTES, decode_content=True))
            self._token, lifetime = (
                _checked(told["access_token"]),
                float(told.get("expires_in", 3600)),
            )
        except (requests.RequestException, HTTPError, ValueError, KeyError, TypeError) as error:
            told_why = f"POST {self._url} gave no token: {type(error).__name__}{status}"
            raise ApiUnavailableError(told_why) from None
        self._ends_at = time.monotonic() + max(lifetime - EARLY, lifetime / 2)


def auth_for(
    endpoint: Endpoint, settings: IngestSettings, session: requests.Session
) -> AuthBase | None:
    """What the endpoint declares; where it declares nothing, MEDLEY_API_TOKEN or the session's.

    Raises:
        SettingsError: naming the environment variable that is not set.
    """
    match endpoint.auth:
        case Bearer(token=name):
            return BearerAuth(_secret(name))
        case Basic(user=user, password=password):
            return HTTPBasicAuth(_secret(user), _secret(password))
        case OAuth2() as declared:
            return ClientCredentials(declared, session, settings.timeout_seconds)
        case None if settings.token:
            return BearerAuth(settings.token)
        case None if session.auth:
            return None
    return Nobody()


def headers_for(endpoint: Endpoint) -> dict[str, str]:
    """The declared headers, with ${VARIABLE} taken from the environment."""
    declared = endpoint.headers.items()
    return {key: re.sub(r"\$\{(\w+)\}", lambda m: _secret(m[1]), text) for key, text in declared}


def _secret(name: str) -> str:
    secret = os.environ.get(name, "").strip()
    if not _sendable(secret):
        told = "holds a character that no header can carry" if secret else "is not set"
        raise SettingsError(f"the environment variable {name} {told}")
    return secret


def _checked(token: object) -> str:
    if not _sendable(token):
        raise ValueError
    return str(token)


def _sendable(secret: object) -> bool:
    return isinstance(secret, str) and secret != "" and secret.isascii() and secret.isprintable()
