"""A step's means are those of all processes below it."""

from __future__ import annotations

import subprocess
import sys

from pipeline.usage import Usage

MEBIBYTE = 2**20
CHILD = """
import subprocess, sys, time
held = bytearray(150 * 2**20)
held[::4096] = b"x" * len(held[::4096])
while time.process_time() < 1.5:
    pass
print("done", flush=True)
sys.stdin.read()
"""
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {CHILD!r}])
"""


def test_memory_and_cpu_of_a_grandchild_count() -> None:
    usage = Usage()
    with (
        usage,
        subprocess.Popen(
            [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process,
    ):
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == b"done\n"
        usage._look()
        process.stdin.close()
    assert usage.cpu_seconds >= 1.4
    assert usage.peak_bytes > 160 * MEBIBYTE


def test_what_was_used_before_does_not_count() -> None:
    with Usage() as first:
        assert sum(range(10**7))
    with Usage() as second:
        pass
    assert second.cpu_seconds < first.cpu_seconds + 0.1
    assert second.peak_bytes > MEBIBYTE
