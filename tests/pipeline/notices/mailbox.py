"""A real SMTP server, and what it was given."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

PASSWORD = "sesame"


class Mailbox:
    """The mails that arrived."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def opened(*, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, Mailbox]]:
    """An apprise URL, and the mailbox that it leads to; with TLS only for who logs in as ops."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secure = {"tls_context": tls, "auth_required": True, "authenticator": _is_ops} if tls else {}
    server = Controller(box, hostname="127.0.0.1", port=port, **secure)
    server.start()
    kind = f"mailtos://ops:{PASSWORD}@" if tls else "mailto://"
    try:
        yield f"{kind}127.0.0.1:{port}?from=medley@example.org&to=ops@example.org", box
    finally:
        server.stop()


def _is_ops(_server: Any, _session: Any, _envelope: Any, _how: str, login: Any) -> AuthResult:
    known = isinstance(login, LoginPassword) and login == (b"ops", PASSWORD.encode())
    return AuthResult(success=known)
