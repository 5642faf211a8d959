"""The cron line: cron understands it, and it speaks up when a run fails."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from pipeline.__main__ import main
from tests.conftest import ROOT

CRON = ROOT / "ops" / "cron" / "medley.cron"
LIMITS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


def entry() -> tuple[list[str], str, str]:
    """Schedule, user and command of the one line that is neither comment nor setting."""
    lines = [
        line
        for line in CRON.read_text().splitlines()
        if line and not line.startswith("#") and not re.match(r"\w+=", line)
    ]
    assert len(lines) == 1
    *schedule, user, command = lines[0].split(maxsplit=6)
    return schedule, user, command


def test_the_line_is_one_that_cron_takes() -> None:
    schedule, user, command = entry()
    assert CRON.read_text().endswith("\n")  # cron ignores a last line without its end
    assert "%" not in command  # cron makes it a line break
    assert len(command) < 1000
    assert user == "medley"
    for field, (least, most) in zip(schedule, LIMITS, strict=True):
        assert field == "*" or least <= int(field) <= most


def test_it_runs_a_command_of_the_project() -> None:
    words = re.search(r"(\.venv/bin/medley) (\w+)", entry()[2])
    assert words
    assert (ROOT / words[1]).exists()
    assert words[2] in main.commands


def run_as_cron_would(folder: Path, medley: str) -> subprocess.CompletedProcess[str]:
    """Run the line's command in an installation where `medley` is this script."""
    program = folder / ".venv" / "bin" / "medley"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{medley}\n")
    program.chmod(0o755)
    settings = folder / "medley.env"
    settings.write_text((ROOT / "ops" / "medley.env").read_text())
    command = entry()[2].replace("/opt/medley", str(folder))
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("/etc/medley/medley.env", str(settings))],
        env={"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_good_run_is_silent_and_has_the_settings(tmp_path: Path) -> None:
    said = run_as_cron_would(tmp_path, 'echo "$1 $MEDLEY_LAKE"')
    assert (said.stdout, said.stderr) == ("", "")
    log = (tmp_path / "logs" / "cron.log").read_text()
    assert log == "run /var/lib/medley/lake\n"


def test_a_failed_run_is_mailed(tmp_path: Path) -> None:
    said = run_as_cron_would(tmp_path, "echo 'train failed: why' >&2; exit 1")
    assert said.stdout == "train failed: why\n"
