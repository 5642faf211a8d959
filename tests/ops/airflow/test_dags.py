"""The DAGs as Airflow reads them: thin, in one pool, with commands that `medley` understands."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
import sys
from typing import Any

import pytest

from pipeline.__main__ import main
from tests.conftest import ROOT
from tests.ops.airflow.standalone import BIN

OPS = ROOT / "ops" / "airflow"
FILE = OPS / "dags" / "medley.py"
READ = f"""
import importlib.util, json
spec = importlib.util.spec_from_file_location("medley_dags", {str(FILE)!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
dags = [value for value in vars(module).values() if type(value).__name__ == "DAG"]
dags += [task.dag for task in (module.build, module.publish)]
told = {{}}
for dag in dags:
    told[dag.dag_id] = {{
        "doc": dag.doc_md,
        "runs": dag.max_active_runs,
        "tasks": {{
            task.task_id: {{
                "command": task.bash_command,
                "skip": list(task.skip_on_exit_code),
                "pool": task.pool,
                "retries": task.retries,
                "after": sorted(task.upstream_task_ids),
                "rule": str(task.trigger_rule.value),
                "tells": bool(task.on_failure_callback),
                "makes": [asset.name for asset in task.outlets],
                "hours": task.execution_timeout.total_seconds() / 3600,
            }}
            for task in dag.tasks
        }},
    }}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow makes of the file."""
    if not (BIN.parent / ".complete").exists():
        pytest.skip("needs Airflow's environment: `make airflow`")
    home = str(tmp_path_factory.mktemp("airflow"))
    said = subprocess.run(
        [BIN / "python", "-c", READ],
        env={"AIRFLOW_HOME": home, "PATH": "/usr/bin:/bin", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    loaded: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return loaded


def test_it_imports_airflow_and_nothing_of_the_project() -> None:
    imported = set()
    for node in ast.walk(ast.parse(FILE.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"airflow"}


def test_there_is_a_task_for_each_stage_in_order(dags: dict[str, Any]) -> None:
    after = {
        dag: {name: task["after"] for name, task in told["tasks"].items()}
        for dag, told in dags.items()
    }
    assert after == {
        "medley_ingest_and_build": {"ingest": [], "build": ["ingest"]},
        "medley_train_and_publish": {"train": [], "publish": ["train"]},
    }
    assert all(told["doc"].startswith("### ") and told["runs"] == 1 for told in dags.values())


def test_every_command_is_one_that_medley_understands(dags: dict[str, Any]) -> None:
    for told in dags.values():
        for name, task in told["tasks"].items():
            program, command, *options = shlex.split(task["command"].rpartition("exec ")[2])
            assert (ROOT / program).exists()
            assert command == name
            context = main.commands[command].make_context(command, options)
            assert task["skip"] == [context.params["skip_exit_code"]]


def test_tasks_share_one_slot_retry_and_tell(dags: dict[str, Any]) -> None:
    pools = json.loads((OPS / "pools.json").read_text())
    for told in dags.values():
        for task in told["tasks"].values():
            assert pools[task["pool"]]["slots"] == 1
            assert task["retries"] > 0
            assert task["tells"]
            assert task["hours"] > 0


def test_a_stage_with_nothing_new_does_not_keep_the_next_from_its_work(
    dags: dict[str, Any],
) -> None:
    rules = [
        task["rule"] for told in dags.values() for task in told["tasks"].values() if task["after"]
    ]
    assert rules == ["none_failed", "none_failed"]


def test_the_callback_is_a_command_of_medley() -> None:
    assert 'medley("notify")' in FILE.read_text()
    assert "notify" in main.commands
