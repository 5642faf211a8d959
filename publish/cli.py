"""What both commands of this room share: their options and their exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from publish.errors import PublishError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

lake_option: Decorator = click.option(
    "--lake",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the lake.  [default: $MEDLEY_LAKE, then ./lake]",
)
to_option: Decorator = click.option(
    "--to",
    "url",
    metavar="URL",
    help="Serving database, sqlite:///FILE or postgresql://...  "
    "[default: $MEDLEY_SERVING_URL, then serving/medley.db in the lake]",
)

keep_option: Decorator = click.option(
    "--keep",
    type=click.IntRange(1),
    help="Generations that are kept, the served one among them.  "
    "[default: $MEDLEY_KEEP_GENERATIONS, then 3]",
)
older_option: Decorator = click.option(
    "--allow-older", is_flag=True, help="Publish what was made before what is served, too."
)
rollback_option: Decorator = click.option(
    "--rollback", is_flag=True, help="Serve the generation before the served one; publish nothing."
)


class _Failure(click.ClickException):
    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.exit_code = status  # type: ignore[misc]  # click reads it from the instance


@contextmanager
def exit_status() -> Iterator[None]:
    """Turn a failure into one line on stderr: status 2 for wrong settings, 1 for a failed step."""
    try:
        yield
    except PublishError as error:
        raise _Failure(str(error), status=error.exit_status) from error
    except OSError as error:
        raise click.ClickException(f"{error}; what is served stays as it is") from error


def roll_back(url: str) -> None:
    """`medley publish --rollback`."""
    from publish.rollback import rollback

    with exit_status():
        number = rollback(url=url)
    click.echo(f"generation {number} is served")
