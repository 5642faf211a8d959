"""File work: the only module that knows where the lake is. Paths are relative to its bronze.

On a disk (and HDFS) things are written aside and renamed. An object store shows an object once it
is complete, and has no folders to rename: there a batch is one object, copied to its place.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from ingest.errors import LakeBusyError, SettingsError

LOCKS = "_staging"


class Bronze:
    """The bronze layer of a lake, given as a folder or as a URI."""

    def __init__(self, lake: Path | str) -> None:
        address = str(lake)
        try:
            self.fs, root = fs.FileSystem.from_uri(
                address if "://" in address else Path(address).expanduser().resolve().as_uri()
            )
        except (pa.ArrowException, ValueError, OSError) as error:
            kind = address.partition("://")[0] if "://" in address else "a folder"
            told = f"the lake's address ({kind}) cannot be used: {type(error).__name__}"
            raise SettingsError(
                f"{told}; give a folder, or a URI such as s3://bucket/path"
            ) from None
        self.root = f"{root.rstrip('/')}/bronze"
        self.local = isinstance(self.fs, fs.LocalFileSystem)
        self.renames = self.fs.type_name in ("local", "hdfs")

    def path(self, name: str) -> str:
        """The full path, as Spark and pyarrow take it."""
        return f"{self.root}/{name}"

    def files(self, folder: str) -> list[str]:
        """Every file below a folder, sorted; none if there is no such folder."""
        selector = fs.FileSelector(self.path(folder), recursive=True, allow_not_found=True)
        found = self.fs.get_file_info(selector)
        return sorted(info.path[len(self.root) + 1 :] for info in found if info.is_file)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return bool(self.fs.get_file_info(self.path(name)).is_file)

    def size(self, name: str) -> int:
        """The size of a file in bytes."""
        return int(self.fs.get_file_info(self.path(name)).size)

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        with self.fs.open_input_stream(self.path(name)) as stream:
            return bytes(stream.read())

    @contextmanager
    def writing(self, name: str) -> Iterator[pa.NativeFile]:
        """Give a stream; its file appears whole at the end, or not at all."""
        target = self.path(name)
        if self.renames:
            aside = self.path(f"{LOCKS}/.writing/{name.replace('/', '+')}")
            for path in (aside, target):
                self.fs.create_dir(str(PurePosixPath(path).parent), recursive=True)
            with self.fs.open_output_stream(aside) as stream:
                yield stream
            self.fs.move(aside, target)
        else:  # closing the stream would show what was written so far
            buffer = pa.BufferOutputStream()
            yield buffer
            with self.fs.open_output_stream(target) as stream:
                stream.write(buffer.getvalue())

    def write_table(self, name: str, table: pa.Table) -> None:
        """Write a Parquet file, zstd."""
        with self.writing(name) as stream:
            words: Any = [name for name in table.schema.names if name != "payload"]
            pq.write_table(table, stream, compression="zstd", use_dictionary=words)

    def table(self, name: str) -> pa.Table:
        """Read a Parquet file, its schema's metadata included."""
        with self.fs.open_input_file(self.path(name)) as file:
            return pq.ParquetFile(file).read()

    def copy(self, name: str, target: str) -> None:
        """Copy a file."""
        if self.renames:
            self.fs.create_dir(str(PurePosixPath(self.path(target)).parent), recursive=True)
        self.fs.copy_file(self.path(name), self.path(target))

    def remove(self, name: str) -> None:
        """Remove a folder or a file, if it is there; of a folder the last file first."""
        info = self.fs.get_file_info(self.path(name))
        if info.type == fs.FileType.Directory:
            for file in reversed(self.files(name)):
                self.fs.delete_file(self.path(file))
            self.fs.delete_dir(info.path)
        elif info.is_file:
            self.fs.delete_file(info.path)

    def show(self, folder: str, target: str) -> str:
        """Make a folder's files visible in their place, at once, and give its full path."""
        if self.renames:
            self._sync(folder)
            self.fs.create_dir(str(PurePosixPath(self.path(target)).parent), recursive=True)
            self.fs.move(self.path(folder), self.path(target))
            self._sync(str(PurePosixPath(target).parent))
        else:
            self._copy(folder, target)
        return self.path(target)

    def _copy(self, folder: str, target: str) -> None:
        """Other files first, then all rows as one object, which is what readers look for."""
        parts = [name for name in self.files(folder) if name.endswith(".parquet")]
        for name in [name for name in self.files(folder) if name.endswith(".json")]:
            self.copy(name, f"{target}/{PurePosixPath(name).name}")
        whole = f"{LOCKS}/.writing/{folder.replace('/', '+')}"
        with self.fs.open_output_stream(self.path(whole)) as stream:
            schema = self.table(parts[0]).schema.remove_metadata()
            with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
                for name in parts:
                    writer.write_table(self.table(name).replace_schema_metadata(None))
        self.copy(whole, f"{target}/part-00000.parquet")
        self.remove(whole)

    def _sync(self, folder: str) -> None:
        """Flush a local folder to the disk."""
        place = Path(self.path(folder))
        for path in [*place.iterdir(), place] if self.local else []:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Keep other processes out, on a local disk; the lock ends with its process.

        Raises:
            LakeBusyError: another process is at it.
        """
        if not self.local:
            yield
            return
        place = Path(self.path(LOCKS))
        place.mkdir(parents=True, exist_ok=True)
        with (place / f"{name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LakeBusyError(
                    f"another ingest of {name} into {self.root} is running: wait until it ends"
                ) from None
            yield
