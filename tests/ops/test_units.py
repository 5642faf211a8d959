"""The systemd units: systemd understands them, and they start what is there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from pipeline.__main__ import main
from tests.conftest import ROOT

UNITS = ROOT / "ops" / "systemd"
INSTALLED = "/opt/medley"


def unit(name: str) -> RawConfigParser:
    parser = RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((UNITS / name).read_text())
    return parser


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    for path in UNITS.iterdir():
        text = path.read_text().replace(INSTALLED, str(ROOT))
        (tmp_path / path.name).write_text(text)
    said = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_the_service_runs_a_command_of_the_project() -> None:
    program, *words = shlex.split(unit("medley.service")["Service"]["ExecStart"])
    assert (ROOT / Path(program).relative_to(INSTALLED)).exists()
    assert words[0] in main.commands


def test_paths_below_the_project_are_known_to_it() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    for path in re.findall(rf"{INSTALLED}/([\w./]+)", (UNITS / "medley.service").read_text()):
        assert (ROOT / path).exists() or f"{path}/" in ignored


def test_the_timer_starts_the_service_that_is_there() -> None:
    timer = unit("medley.timer")["Timer"]
    assert (UNITS / timer.get("Unit", "medley.service")).exists()
    assert "OnCalendar" in timer


def test_the_jvm_may_compile() -> None:
    assert unit("medley.service")["Service"].get("MemoryDenyWriteExecute", "no") == "no"


def test_the_environment_file_sets_only_what_is_read() -> None:
    text = (ROOT / "ops" / "medley.env").read_text()
    names = set(re.findall(r"^#?(\w+)=", text, re.MULTILINE))
    code = "".join(
        path.read_text()
        for room in ("ingest", "publish", "pipeline", "profiles")
        for path in (ROOT / room).rglob("*.[py]*")
        if path.is_file()
    )
    assert len(names) > 3
    assert [name for name in names if f'"{name}"' not in code and f"'{name}'" not in code] == []
