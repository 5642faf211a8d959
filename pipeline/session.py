"""The Spark session of dbt's profile, for commands that ask the lake without dbt."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import TYPE_CHECKING, Any

import click

from pipeline.settings import Settings

if TYPE_CHECKING:
    from dbt.adapters.sparksession.credentials import SparkSessionCredentials


def session_of(settings: Settings) -> Any:
    """The session of the target that the profile names, on the lake of the settings.

    Raises:
        click.ClickException: there is no such profile or lake, or the target has no session.
    """
    from dbt.adapters.sparksession.session import session_for
    from dbt_common.exceptions import DbtBaseException

    try:
        return session_for(_credentials(settings))
    except DbtBaseException as error:
        raise click.ClickException(str(error)) from error


def _credentials(settings: Settings) -> SparkSessionCredentials:
    """What the profile says, as dbt would read it.

    Raises:
        click.ClickException: the target has no session, or the lake is not there.
        DbtBaseException: there is no such profile.
    """
    from dbt.adapters.sparksession.credentials import SparkSessionCredentials
    from dbt.config.runtime import load_profile
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context

    os.environ["MEDLEY_LAKE"] = str(settings.lake)
    profiles = os.environ.get("DBT_PROFILES_DIR") or str(settings.project / "profiles")
    set_invocation_context(os.environ)
    set_from_args(Namespace(PROFILES_DIR=profiles), None)
    profile = load_profile(str(settings.project), {})
    if not isinstance(profile.credentials, SparkSessionCredentials):
        raise click.ClickException(
            f"the target {profile.target_name} has no session; use its server's own shell"
        )
    if not profile.credentials.remote and not settings.lake.exists():
        raise click.ClickException(f"there is no lake at {settings.lake}; `medley run` makes one")
    return profile.credentials
