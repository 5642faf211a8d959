"""What can go wrong between the gold folders and the frontend, one class per fact."""

from __future__ import annotations


class PublishError(Exception):
    """Base of this room; `exit_status` is what a command ends with."""

    exit_status = 1


class ServingUrlError(PublishError):
    """The serving URL is not one that this installation can write to or read from."""

    exit_status = 2


class SettingError(PublishError):
    """A setting has a value that cannot be used."""

    exit_status = 2


class GoldTableError(PublishError):
    """A gold table is missing, unreadable, or lacks a column that is published."""


class PublicationRefusedError(PublishError):
    """The new generation is not fit to be seen; the served one stays as it is."""


class PublicationFailedError(PublishError):
    """The database could not take the new generation; the served one stays as it is."""


class PublicationUnderWayError(PublishError):
    """Another process is publishing to the same place."""


class NotAServingDatabaseError(PublishError):
    """Something else is where the serving database should be; it is left alone."""


class DatabaseUnreachableError(PublishError):
    """The serving database does not answer, or does not let us in."""


class NothingPublishedError(PublishError):
    """There is no serving database to read from yet."""


class NothingOlderError(PublishError):
    """There is no older generation to go back to."""
