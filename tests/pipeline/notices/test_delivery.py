"""Notices arrive, by mail and as a card, and a receiver that is down or slow harms nothing."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft6Validator

from pipeline.__main__ import main
from pipeline.notices import told
from pipeline.notices.notice import Notice
from pipeline.notices.send import send
from pipeline.notices.settings import NoticeSettings
from pipeline.notices.tell import deliver, tell
from pipeline.record import past_runs
from pipeline.settings import Settings
from tests.conftest import ROOT, Command
from tests.ingest.server import listening, reply
from tests.ingest.test_tls import certificate
from tests.pipeline.notices.mailbox import PASSWORD, Mailbox, opened
from tests.pipeline.notices.records import DAY, START, failed, good, written

SCHEMA = json.loads((ROOT / "tests" / "fixtures" / "teams" / "adaptive-card-1.4.json").read_text())
SECRET = "hush-hush"
REASON = (
    f"user 78723 of http://api:{SECRET}@example.com/users?key={SECRET} wrote to ada@example.org"
)


@pytest.fixture
def mailbox() -> Iterator[tuple[str, Mailbox]]:
    with opened() as (url, box):
        yield url, box


@pytest.fixture
def teams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An apprise URL, and what was posted to the workflow that it leads to, over TLS."""
    posted: list[dict[str, Any]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        posted.append(json.loads(body) | {"path": handler.path})
        reply(handler, b"", 202)

    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with listening(answer, tls=context) as url:
        yield f"workflows://{url.removeprefix('https://')}/workflow-1/{SECRET}", posted


@contextmanager
def silent_server() -> Iterator[str]:
    """An SMTP server that takes a connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"mailto://127.0.0.1:{listener.getsockname()[1]}?from=a@b.org&to=c@d.org"


def sent(lake: Path, monkeypatch: pytest.MonkeyPatch, *urls: str, **options: Any) -> list[str]:
    """Tell what is news in a lake, to these receivers."""
    monkeypatch.setenv("MEDLEY_NOTIFY", ",".join(urls))
    settings = NoticeSettings(urls=NoticeSettings.from_env().urls, **options)
    return tell(Settings(lake=lake), settings)


def parts(mail: EmailMessage) -> str:
    """All that a reader of the mail can see, in either form."""
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(mail["Subject"]), *texts])


def past(lake: Path) -> None:
    for day, records in enumerate((20_000, 22_000, 24_000)):
        written(lake, *good(records=records), at=START - (3 - day) * DAY)


def test_a_failure_arrives_as_mail_and_card_with_figures_beside_the_usual(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mailbox: tuple[str, Mailbox],
    teams: tuple[str, list[dict[str, Any]]],
) -> None:
    past(tmp_path)
    run = written(tmp_path, *failed(REASON))
    runs_url = "https://ops.example.org/runs"
    assert sent(tmp_path, monkeypatch, mailbox[0], teams[0], runs_url=runs_url) == []

    [mail], [post] = mailbox[1].mails, teams[1]
    assert str(mail["To"]) == "ops@example.org"
    assert "Medley: build failed" in str(mail["Subject"])
    assert post["path"].startswith("/workflows/workflow-1/triggers/manual/paths/invoke?")
    [attachment] = post["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [error.message for error in Draft6Validator(SCHEMA).iter_errors(card)] == []
    assert card["actions"][0]["url"] == f"{runs_url}/{run.run_id}/report.html"
    assert len(json.dumps(post)) < 28_000

    for said in (parts(mail), json.dumps(post["attachments"], ensure_ascii=False)):
        assert "records read" in said
        assert "23,000" in said
        assert "22,000 (of 3)" in said
        assert "build failed after 4.0 s" in said
        assert f"{run.run_id}/report.html" in said
        assert [it for it in (SECRET, "78723", "ada@example.org") if it in said] == []


def test_mail_goes_over_tls_with_a_login_to_a_server_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, *failed("why"))
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with opened(tls=context) as (url, box):
        [reason] = sent(tmp_path, monkeypatch, url)
        assert PASSWORD not in reason
        assert box.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert sent(tmp_path, monkeypatch, url) == []
    assert len(box.mails) == 1


def test_a_card_follows_the_schema_and_the_schema_finds_faults() -> None:
    faulty = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock"}]}
    assert list(Draft6Validator(SCHEMA).iter_errors(faulty))


def test_recovery_is_told_and_a_success_only_when_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: tuple[str, Mailbox]
) -> None:
    url, box = mailbox
    written(tmp_path, *failed("why"))
    sent(tmp_path, monkeypatch, url)
    written(tmp_path, *good(), at=START + DAY)
    sent(tmp_path, monkeypatch, url)
    written(tmp_path, *good(), at=START + 2 * DAY)
    sent(tmp_path, monkeypatch, url)
    assert [str(mail["Subject"]) for mail in box.mails] == [
        "Medley: build failed",
        "Medley: build works again",
    ]
    written(tmp_path, *good(), at=START + 3 * DAY)
    sent(tmp_path, monkeypatch, url, wanted=frozenset({"success"}))
    assert str(box.mails[-1]["Subject"]) == "Medley: a run succeeded"


def test_a_digest_comes_once_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: tuple[str, Mailbox]
) -> None:
    url, box = mailbox
    daily = {"wanted": frozenset({"digest"})}
    past(tmp_path)
    sent(tmp_path, monkeypatch, url, **daily)
    assert box.mails == []  # the first day has only begun
    state = told.read(tmp_path / "runs")
    state.digest_at = (START - 2 * DAY).isoformat()
    told.write(tmp_path / "runs", state)
    written(tmp_path, *failed(REASON))
    for _ in range(2):
        sent(tmp_path, monkeypatch, url, **daily)
    [mail] = box.mails
    assert str(mail["Subject"]) == "Medley: 3 runs, 1 failed"
    assert "build fails" in parts(mail)
    assert "78723" not in parts(mail)


def test_who_is_down_or_silent_is_named_and_the_others_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: tuple[str, Mailbox]
) -> None:
    written(tmp_path, *failed("why"))
    down = f"mailto://ops:{SECRET}@127.0.0.1:9?from=a@b.org&to=c@d.org"
    with silent_server() as silent:
        missed = sent(tmp_path, monkeypatch, down, f"{silent}&cto=1", mailbox[0], "nonsense://x")
    assert len(mailbox[1].mails) == 1
    assert [line.partition(": ")[0].rpartition(":")[0] for line in missed] == [
        "mailto://127.0.0.1",
        "mailto://127.0.0.1",
        "nonsense",
    ]
    assert SECRET not in "".join(missed)


def test_a_receiver_that_is_slow_is_not_waited_for() -> None:
    hello = Notice(tone="plain", title="Medley", lead="a test")
    with silent_server() as silent:
        assert send([hello], [silent], patience=1.0) == [
            f"{silent.partition('?')[0]}: no answer within 1 s"
        ]


def test_a_sender_that_does_not_end_is_ended() -> None:
    hello = Notice(tone="plain", title="Medley", lead="a test")
    assert deliver([hello], receivers=2, patience=0.01) == [
        "the sender did not end within 0 s",
        "the sender did not end within 0 s",
    ]


def test_what_reached_nobody_is_told_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: tuple[str, Mailbox]
) -> None:
    written(tmp_path, *failed("why"))
    assert sent(tmp_path, monkeypatch, "mailto://127.0.0.1:9?from=a@b.org&to=c@d.org")
    assert sent(tmp_path, monkeypatch, mailbox[0]) == []
    assert sent(tmp_path, monkeypatch, mailbox[0]) == []
    assert len(mailbox[1].mails) == 1


def test_a_command_that_fails_tells_and_one_that_died_is_told_by_notify(
    tmp_path: Path, command: Command, mailbox: tuple[str, Mailbox]
) -> None:
    url, box = mailbox
    said = command("medley", "publish", lake=tmp_path, MEDLEY_NOTIFY=url)
    assert said.returncode == 1
    [mail] = box.mails
    assert "publish failed" in str(mail["Subject"])
    run = next(past_runs(tmp_path / "runs"))
    assert "no mail" not in said.stderr

    run.status = run.steps[0].status = "running"
    run.steps[0].message = None
    run.save()
    (tmp_path / "runs" / "state" / "told.json").unlink()
    told_of = command("medley", "notify", lake=tmp_path, MEDLEY_NOTIFY=url)
    assert told_of.returncode == 0, told_of.stderr
    assert "publish died" in str(box.mails[-1]["Subject"])
    assert len(box.mails) == 2


def test_a_receiver_that_is_down_changes_no_exit_status(tmp_path: Path, command: Command) -> None:
    down = "mailto://127.0.0.1:9?from=a@b.org&to=c@d.org"
    said = command("medley", "publish", lake=tmp_path, MEDLEY_NOTIFY=down)
    assert said.returncode == 1
    assert "a notice was not delivered: mailto://127.0.0.1:9" in said.stderr
    assert "publish failed" in said.stderr


def test_a_kind_of_notice_that_is_none_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDLEY_NOTIFY_ON", "always")
    said = CliRunner().invoke(main, ["build", "--lake", str(tmp_path)])
    assert said.exit_code == 2
    assert "MEDLEY_NOTIFY_ON" in said.output
    assert not (tmp_path / "runs").exists()
