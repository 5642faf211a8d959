from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from datetime import datetime

import psutil
import pytest
import requests
from click.testing import CliRunner

from sample_api.__main__ import command
from sample_api.pages import page_bytes
from sample_api.process import SampleApiNotStartedError, options_of, running
from sample_api.service import listening_socket
from sample_api.settings import SampleSettings

SMALL = SampleSettings(
    users=20,
    tracks=30,
    listens=40,
    seed=7,
    dirty=True,
    end=datetime.fromisoformat("2025-05-06T07:08:09.000010"),
)
PARENT = """
import sys
from sample_api.process import running
from sample_api.settings import SampleSettings
with running(SampleSettings(listens=10)) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def is_open(url: str) -> bool:
    port = int(url.rsplit(":", 1)[1])
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_child_serves_exactly_these_settings() -> None:
    with running(SMALL) as url:
        for kind in ("tracks", "users", "listen_history"):
            answer = requests.get(f"{url}/{kind}", params={"size": 9, "page": 2}, timeout=30)
            assert answer.content == page_bytes(SMALL, kind, page=2, size=9)
    assert not is_open(url)


def test_the_child_ends_when_the_block_fails() -> None:
    seen = []

    def fail_inside() -> None:
        with running(SMALL) as url:
            seen.append((url, is_open(url)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_inside()
    ((url, was_open),) = seen
    assert was_open
    assert not is_open(url)


def test_the_child_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        (child,) = psutil.Process(parent.pid).children()
        assert is_open(url)
        parent.kill()
        _, alive = psutil.wait_procs([child], timeout=30)
    assert alive == []
    assert not is_open(url)


def test_it_prints_one_line_and_ends_with_status_0_on_sigterm() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sample_api", *options_of(SMALL)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        with requests.Session() as session:  # its connection stays open
            assert session.get(f"{url}/users", timeout=30).status_code == 200
            child.send_signal(signal.SIGTERM)
            out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (0, "", "")


def test_a_child_that_cannot_start_says_so() -> None:
    wrong = SampleSettings(listens=0)
    # The command line refuses what slipped past the dataclass.
    object.__setattr__(wrong, "users", -1)
    with pytest.raises(SampleApiNotStartedError, match="status 2"), running(wrong):
        pass


def test_wrong_options_are_wrong_usage() -> None:
    result = CliRunner().invoke(command, ["--users", "0"])
    assert result.exit_code == 2
    assert "at least one user" in result.output


def test_a_taken_port_is_named_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port)])
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.output
    assert "choose another" in result.output


def test_answers_do_not_wait_for_nagle() -> None:
    async def nodelay_of_a_connection() -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def on_connection(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listening_socket("127.0.0.1", 0)
        async with await asyncio.start_server(on_connection, sock=listener):
            with socket.create_connection(listener.getsockname()):
                return await accepted

    assert asyncio.run(nodelay_of_a_connection()) != 0
