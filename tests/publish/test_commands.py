"""The commands, as processes: output, streams and exit status."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from publish.errors import NothingOlderError
from publish.rollback import rollback
from publish.service import publish

ROOT = Path(__file__).parents[2]


def run(
    *arguments: object, module: str = "publish", **environ: str
) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MEDLEY_")}
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=clean | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def recommend(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    return run(*arguments, module="publish.recommend", **environ)


def on_a_terminal(*arguments: object, module: str) -> str:
    """What the command writes when stdout is a terminal, 120 columns wide."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "120", "TERM": "xterm"},
        stdout=follower,
    )
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 65_536):
            written += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(leader)
    assert process.wait() == 0
    return written.decode()


def test_publish_says_what_it_published(lake: Any) -> None:
    done = run("--lake", lake.path)
    assert done.returncode == 0, done.stderr
    assert "published 9 recommendations for 3 users (model m1, generation 1)" in done.stdout
    assert str(lake.served) in done.stdout


def test_a_rollback_is_one_line_and_where_there_is_nothing_before_status_1(lake: Any) -> None:
    publish(lake=lake.path)
    lake.recommend(["u1", "u2", "u3"], version="m2", score=2.0)
    publish(lake=lake.path)
    done = run("--lake", lake.path)
    assert done.stdout == f"nothing new: generation 2 is served at {lake.served}\n"
    done = run("--lake", lake.path, "--rollback")
    assert (done.returncode, done.stdout) == (0, "generation 1 is served\n")
    done = run("--lake", lake.path, "--rollback")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: no generation older than 1")


def test_as_many_generations_are_kept_as_is_said(
    lake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDLEY_KEEP_GENERATIONS", "1")
    publish(lake=lake.path)
    lake.recommend(["u1", "u2", "u3"], version="m2", score=2.0)
    publish(lake=lake.path)
    with pytest.raises(NothingOlderError):
        rollback(url=lake.served)
    lake.recommend(["u1", "u2", "u3"], version="m3", score=3.0)
    run("--lake", lake.path, "--keep", 2)
    assert rollback(url=lake.served) == 2
    done = run("--lake", lake.path, MEDLEY_KEEP_GENERATIONS="all")
    assert done.returncode == 2
    assert "MEDLEY_KEEP_GENERATIONS=all" in done.stderr


def test_settings_come_from_the_environment(lake: Any) -> None:
    environ = {
        "MEDLEY_LAKE": str(lake.path),
        "MEDLEY_SERVING_URL": f"sqlite:///{lake.path}/elsewhere.db",
    }
    assert run(**environ).returncode == 0
    assert (lake.path / "elsewhere.db").exists()
    assert recommend("u1", **environ).stdout.startswith("1\tChoice 1\t")


def test_a_pipe_gets_tab_separated_lines(lake: Any) -> None:
    run("--lake", lake.path)
    done = recommend("u1", "--n", 2, "--lake", lake.path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "1\tChoice 1\tOdd\tFirst\tals\t1.0000\tTrack 1\n"
        "2\tChoice 2\tEven\tFirst\tals\t1.0000\tTrack 1\n"
    )


def test_a_terminal_gets_a_table(lake: Any) -> None:
    run("--lake", lake.path)
    written = on_a_terminal("u1", "--lake", lake.path, module="publish.recommend")
    for part in ("rank", "artist", "Choice 1", "Odd", "First", "als", "1.0000"):
        assert part in written
    assert "\t" not in written


def test_names_cannot_steer_the_terminal_nor_break_a_line(lake: Any) -> None:
    rows = pq.read_table(lake.folder("dim_track")).to_pylist()
    name = "a\tb\nc\x1b[31m[bold]d[/bold]"
    lake.write("dim_track", [row | {"track_name": name} for row in rows])
    run("--lake", lake.path)
    piped = recommend("u1", "--n", 1, "--lake", lake.path).stdout
    cleaned = "a b c [31m[bold]d[/bold]"
    assert piped == f"1\t{cleaned}\tOdd\tFirst\tals\t1.0000\t{cleaned}\n"
    written = on_a_terminal("u1", "--lake", lake.path, module="publish.recommend")
    assert "a b c [31m[bold]d[/bold]" in written


@pytest.mark.parametrize("user", ["nobody", "", "u1 ", "ü'\"", os.fsdecode(b"\xff")])
def test_an_unknown_user_sees_what_a_visitor_sees(lake: Any, user: str) -> None:
    run("--lake", lake.path)
    done = recommend("--n", 2, "--lake", lake.path, "--", user)
    assert done.returncode == 0
    assert f"no recommendations for user {user!r}" in done.stderr
    assert done.stdout == "1\tTrack 2\tEven\t3\n2\tTrack 1\tOdd\t3\n"


def test_a_failed_step_is_one_line_and_status_1(lake: Any) -> None:
    done = recommend("u1", "--lake", lake.path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "run `medley publish`" in done.stderr

    lake.folder("recommendations").unlink()
    done = run("--lake", lake.path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "run `medley train`" in done.stderr


@pytest.mark.parametrize("arguments", [["--to", "oracle://x/y"], ["--lake"], ["--what"]])
def test_wrong_settings_are_status_2(lake: Any, arguments: list[str]) -> None:
    done = run(*arguments, MEDLEY_LAKE=str(lake.path))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not lake.served.exists()


def test_a_length_below_one_is_status_2(lake: Any) -> None:
    assert recommend("u1", "--n", 0, "--lake", lake.path).returncode == 2


def test_reading_loads_no_arrow() -> None:
    """The frontend may import the reader without paying for what only publishing needs."""
    code = "import sys, publish.reader; sys.exit('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0
