"""Notices after a run, and `medley notify`."""

from __future__ import annotations

import logging
from collections.abc import Callable

import click

from ingest.errors import SettingsError
from pipeline.lock import LakeBusyError, held
from pipeline.notices.settings import NoticeSettings
from pipeline.past import bury
from pipeline.settings import Settings

logger = logging.getLogger(__name__)


def notice_settings() -> NoticeSettings:
    """Who is told and of what; a setting that cannot be used is wrong usage."""
    try:
        return NoticeSettings.from_env()
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def after_run(settings: Settings, notices: NoticeSettings, *, say: Callable[[str], None]) -> None:
    """Tell what is new; whatever goes wrong with that is said, and no more."""
    if not notices.urls:
        return
    try:
        from pipeline.notices.tell import tell

        for reason in tell(settings, notices):
            say(f"a notice was not delivered: {reason}")
    except Exception as error:
        logger.exception("no notices")
        say(f"no notices: {type(error).__name__}: {error}")


@click.command()
@click.option("--lake", help="Folder of the lake.  [default: $MEDLEY_LAKE or ./lake]")
@click.option("--digest", is_flag=True, help="Send the digest of the runs since the last one.")
@click.option("--test", "only_test", is_flag=True, help="Send a test message, to all receivers.")
def notify(*, lake: str | None, digest: bool, only_test: bool) -> None:
    """Tell what nobody was told yet: of a run that was killed, it has to be said from outside.

    Receivers and kinds of notices are in MEDLEY_NOTIFY and MEDLEY_NOTIFY_ON. Says nothing when
    there is nothing to tell, and does nothing while a run is at work.
    """
    from pipeline.notices.notice import Notice
    from pipeline.notices.tell import deliver, tell

    try:
        settings, notices = Settings.from_env(lake=lake), notice_settings()
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    if not notices.urls:
        click.echo("nobody to tell: set MEDLEY_NOTIFY to apprise URLs", err=True)
        return
    if only_test:
        lead = "This is a test: notices of Medley arrive here."
        hello = Notice(tone="plain", title="Medley: a test", lead=lead)
        missed = [it for it in deliver([hello], receivers=len(notices.urls)) if it]
    else:
        try:
            with held(settings.lake):
                bury(settings.runs)
        except LakeBusyError:
            return
        missed = tell(settings, notices, digest_now=digest)
    if missed:
        raise click.ClickException("; ".join(missed))
