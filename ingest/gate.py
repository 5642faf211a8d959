"""Great Expectations at the gate: a batch becomes visible when its measures are as expected.

Record by record the loader has judged already. What is checked here is the batch as a whole, in a
process of its own: the import takes seconds, which pass while the pages come in.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from typing import Any

from ingest.errors import LoaderError

PATIENCE_SECONDS = 300.0


class Gate:
    """Starts the process when it is told to, and asks it. `shared()` is the one of this process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Have the process import what it needs; whether it can is seen when it is asked."""
        if not self._process:
            environment = {**os.environ, "GX_ANALYTICS_ENABLED": "false"}
            with suppress(OSError):
                self._process = subprocess.Popen(
                    [sys.executable, "-W", "ignore", "-m", "ingest.expectations"], env=environment,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                )  # fmt: skip

    def check(self, **question: Any) -> dict[str, Any]:
        """Validate measures; the answer holds Great Expectations' result and what failed.

        Raises:
            LoaderError: the process gave no answer.
        """
        self.start()
        process: Any = self._process
        patience = threading.Timer(PATIENCE_SECONDS, getattr(process, "kill", bool))
        patience.start()
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
        except (OSError, ValueError, AttributeError):
            self.close()
            told = "the checks could not be run, so nothing was landed"
            raise LoaderError(f"{told}: `python -m ingest.expectations` tells why") from None
        finally:
            patience.cancel()
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


@cache
def shared() -> Gate:
    """The gate of this process, which is paid for once."""
    gate = Gate()
    atexit.register(gate.close)
    return gate
