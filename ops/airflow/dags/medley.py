"""Medley in Airflow 3: two DAGs that call the `medley` command and import nothing of it.

Read from the environment of Airflow's own processes:
    MEDLEY_HOME      the installation; /opt/medley
    MEDLEY_SETTINGS  its settings, read as shell before each command; /etc/medley/medley.env
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Asset, TriggerRule

HOME = os.environ.get("MEDLEY_HOME", "/opt/medley")
SETTINGS = os.environ.get("MEDLEY_SETTINGS", "/etc/medley/medley.env")
NOTHING_NEW = 99

GOLD = Asset("medley_gold")
SERVING = Asset("medley_serving")


def medley(words: str) -> str:
    """Give the shell command for a `medley` command with the installation's settings."""
    settings = f"set -a; [ ! -r '{SETTINGS}' ] || . '{SETTINGS}'; set +a"
    return f"{settings}; exec .venv/bin/medley {words}"


def tell(_context: object) -> None:
    """Have Medley tell of a failure that it could not tell of itself: a run that was killed."""
    words = ["bash", "-c", medley("notify")]
    subprocess.run(words, cwd=HOME, timeout=120, check=False)  # noqa: S603 - nothing from outside


def stage(name: str, **options: object) -> BashOperator:
    """Give the task of a stage; it is skipped when the command says that nothing was new."""
    return BashOperator(
        task_id=name,
        bash_command=medley(f"{name} --skip-exit-code {NOTHING_NEW}"),
        skip_on_exit_code=NOTHING_NEW,
        cwd=HOME,
        do_xcom_push=False,
        doc_md=f"`medley {name}`; what it does: `medley {name} --help`.",
        **options,
    )


OPTIONS = {
    "start_date": datetime(2026, 1, 1, tzinfo=UTC),
    "catchup": False,
    "max_active_runs": 1,
    "tags": ["medley"],
    "default_args": {
        "owner": "medley",
        # One slot: the embedded metastore, like the lake, admits one run at a time.
        "pool": "medley",
        # Safe: what a killed command left is not visible, and done work is not done again.
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": 2,
        "execution_timeout": timedelta(hours=6),
        "on_failure_callback": tell,
    },
}

with DAG(
    dag_id="medley_ingest_and_build",
    description="The music API to bronze, then silver and gold",
    schedule="17 3 * * *",
    doc_md="""\
### Ingest and build

Lands what the API has new, then builds and tests silver and gold. A build that did something
updates the asset `medley_gold`, which starts `medley_train_and_publish`.

**Skipped (pink)** is good: nothing was new. `build` is tried even when `ingest` was skipped, for
the build before may have failed.

**Red:** the last lines of the task's log say why, and name the run's own log. Correct the cause
and clear the task: nothing is done twice. What each failure means: `docs/operations.md`.
""",
    **OPTIONS,
):
    ingest = stage("ingest")
    build = stage("build", outlets=[GOLD], trigger_rule=TriggerRule.NONE_FAILED)
    ingest >> build

with DAG(
    dag_id="medley_train_and_publish",
    description="Gold to recommendations, and to the serving database",
    schedule=[GOLD],
    doc_md="""\
### Train and publish

Starts when gold is new. Trains the recommender, makes and evaluates every user's list, then shows
them to the frontend at once; until then the frontend keeps the lists it has.

**Skipped (pink):** nothing was new since the last success. `publish` is tried even when `train` was
skipped, for the publication before may have failed. It updates the asset `medley_serving`.

**Red:** correct the cause and clear the task; the frontend is served all the while. If gold is
not new again, nothing else starts this DAG. What each failure means: `docs/operations.md`.
""",
    **OPTIONS,
):
    train = stage("train")
    publish = stage("publish", outlets=[SERVING], trigger_rule=TriggerRule.NONE_FAILED)
    train >> publish
