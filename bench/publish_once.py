"""One publication in a process of its own: `python -m bench.publish_once LAKE URL`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Published:
    """What it took; `seconds` without the start of Python, `peak` in resident bytes."""

    seconds: float
    rows: int
    rows_written: int
    peak: int


def publish_once(lake: Path, url: str) -> Published:
    """Publish in a fresh process."""
    command = [sys.executable, "-m", "bench.publish_once", str(lake), url]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return Published(**json.loads(done.stdout))


def main() -> None:
    """Publish, and say in JSON what it took."""
    from publish.service import publish

    lake, url = sys.argv[1:]
    result = publish(lake=Path(lake), url=url, keep=2)
    status = Path("/proc/self/status").read_text()  # ru_maxrss would have the parent's in it
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    taken = {"seconds": result.seconds, "rows": result.rows, "rows_written": result.rows_written}
    sys.stdout.write(json.dumps(taken | {"peak": peak}))


if __name__ == "__main__":
    main()
