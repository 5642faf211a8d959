"""A loader in a process of its own, which dies at its n-th change of the lake, or when told."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from pyarrow import fs

import ingest.stage
from ingest.service import ingest as load
from ingest.settings import IngestSettings

PART_ROWS = 20
NEVER = 10**9
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["__main__", "ingest.service", "tests.ingest.killing"])


class MortalFileSystem(fs.LocalFileSystem):
    """A disk that ends the process before its n-th change; a folder goes file by file."""

    deadline = NEVER
    changes = itertools.count()
    turn = threading.Lock()

    @classmethod
    def change(cls) -> None:
        with cls.turn:
            if next(cls.changes) == cls.deadline:
                os.kill(os.getpid(), signal.SIGKILL)

    def create_dir(self, path: str, *, recursive: bool = True) -> None:
        if not Path(path).exists():
            self.change()
        super().create_dir(path, recursive=recursive)

    def open_output_stream(self, path: str, *more: Any, **options: Any) -> Any:
        self.change()
        return super().open_output_stream(path, *more, **options)

    def move(self, src: str, dest: str) -> None:
        self.change()
        super().move(src, dest)

    def copy_file(self, src: str, dest: str) -> None:
        self.change()
        super().copy_file(src, dest)

    def delete_file(self, path: str) -> None:
        self.change()
        super().delete_file(path)

    def delete_dir(self, path: str) -> None:
        files = sorted(file for file in Path(path).rglob("*") if file.is_file())
        for file in files:
            self.delete_file(str(file))
        self.change()
        super().delete_dir(path)


class _Mortal:
    @staticmethod
    def from_uri(uri: str) -> tuple[fs.FileSystem, str]:
        _known, path = fs.LocalFileSystem.from_uri(uri)
        return MortalFileSystem(), path


def _run(settings: IngestSettings, deadline: int, options: dict[str, Any], told: Any) -> None:
    ingest.stage.PART_ROWS = PART_ROWS
    MortalFileSystem.deadline = deadline
    fs.FileSystem = _Mortal  # type: ignore[misc, assignment]
    try:
        load(settings, **options)
    except Exception as error:
        told.send(f"{type(error).__name__}: {error}")
        raise SystemExit(1) from error
    told.send(next(MortalFileSystem.changes))


def start(
    settings: IngestSettings, *, deadline: int = NEVER, **options: Any
) -> tuple[BaseProcess, Any]:
    """Start a loader; what it has to tell is its number of changes, or its error."""
    here, there = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_run, args=(settings, deadline, options, there))
    process.start()
    there.close()
    return process, here


def run(settings: IngestSettings, *, deadline: int = NEVER, **options: Any) -> Any:
    """Run a loader to its end; None if that was its death."""
    process, here = start(settings, deadline=deadline, **options)
    process.join(60)
    if process.exitcode == -signal.SIGKILL:
        return None
    told = here.recv()
    assert process.exitcode == 0, told
    return told
