"""The `medley` command."""

from __future__ import annotations

import sys

import click

from pipeline.commands.build import build
from pipeline.commands.ingest import checks, ingest
from pipeline.commands.past import runs, status
from pipeline.commands.publish import publish
from pipeline.commands.run import run
from pipeline.commands.train import train
from pipeline.commands.tune import tune
from pipeline.notices.command import notify
from pipeline.report.command import report
from pipeline.sql import sql
from publish.__main__ import recommend
from publish.serve import serve
from sample_api.__main__ import command as sample_api


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """From a music service's REST API to recommendations."""


for command in (
    run,
    ingest,
    checks,
    build,
    train,
    publish,
    tune,
    runs,
    status,
    notify,
    recommend,
    report,
    serve,
    sql,
    sample_api,
):
    main.add_command(command)

if __name__ == "__main__":
    sys.exit(main(prog_name="medley"))
