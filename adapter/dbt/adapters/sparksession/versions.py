"""The folders that a table's builds live in, on a local disk or behind a URI.

`<lake>/versions/<schema>/<table>/<version>` holds one build; `<lake>/<schema>/<table>` leads to the
current one: a link on a local disk, a pointer file elsewhere.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from pyarrow import fs


def new_version() -> str:
    """A name for a build; sorts by time."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:8]}"


def folder_of(credentials: SparkSessionCredentials, name: str, version: str = "") -> str:
    """Where a build of the table `<schema>/<table>` lives; without a version, where all do."""
    return f"{credentials.lake}/versions/{name}/{version}".rstrip("/")


def show(credentials: SparkSessionCredentials, name: str, location: str) -> None:
    """Let `<lake>/<schema>/<table>` lead to a build."""
    if not credentials.is_local_disk:
        filesystem, root = fs.FileSystem.from_uri(credentials.lake)
        with filesystem.open_output_stream(f"{root}/{name}.current") as pointer:
            pointer.write(location.encode())
        return
    link = Path(credentials.lake, name)
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.{uuid.uuid4().hex}")
    fresh.symlink_to(os.path.relpath(location, link.parent))
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    fresh.replace(link)


def hide(credentials: SparkSessionCredentials, name: str) -> None:
    """Remove what leads to the current build."""
    if credentials.is_local_disk:
        link = Path(credentials.lake, name)
        if link.is_symlink():
            link.unlink()
        return
    filesystem, root = fs.FileSystem.from_uri(credentials.lake)
    pointer = f"{root}/{name}.current"
    if filesystem.get_file_info(pointer).is_file:
        filesystem.delete_file(pointer)


def partitions_written(location: str) -> dict[str, float]:
    """When each partition of a build was written last, in seconds since 1970.

    Args:
        location: folder or URI of the build.

    Returns:
        The time of the newest file by partition folder, such as `listened_month=2026-03`;
        nothing for a folder that is not there.
    """
    written: dict[str, float] = {}
    filesystem, root = _filesystem(location)
    for info in _files(filesystem, root):
        partition = _folder(info.path[len(root) + 1 :])
        if "=" in partition and info.mtime_ns is not None:
            written[partition] = max(written.get(partition, 0.0), info.mtime_ns / 1e9)
    return written


def carry_over(source: str, target: str, *, except_for: set[str]) -> None:
    """Let a build hold the files of another one as well, but for some partitions.

    On a local disk the files are hard links, so that nothing is copied and their times stay;
    elsewhere the store copies them.

    Args:
        source: folder or URI of the build that has the files.
        target: that of the build that is to have them.
        except_for: partition folders to leave out.
    """
    filesystem, root = _filesystem(source)
    _, target_root = _filesystem(target)
    for info in _files(filesystem, root):
        path = info.path[len(root) + 1 :]
        if _folder(path) in except_for or not path.endswith(".parquet"):
            continue
        copy = f"{target_root}/{path}"
        filesystem.create_dir(_folder(copy))
        if isinstance(filesystem, fs.LocalFileSystem):
            os.link(info.path, copy)
        else:
            filesystem.copy_file(info.path, copy)


def tidy(credentials: SparkSessionCredentials, name: str, keep: set[str | None]) -> None:
    """Remove every build of a table but those to keep."""
    folder = folder_of(credentials, name)
    filesystem, root = _filesystem(folder)
    selector = fs.FileSelector(root, allow_not_found=True)
    for info in filesystem.get_file_info(selector):
        if info.base_name not in keep:
            remove(f"{folder}/{info.base_name}")


def remove(location: str) -> None:
    """Remove a build."""
    filesystem, path = _filesystem(location)
    if isinstance(filesystem, fs.LocalFileSystem):
        shutil.rmtree(path, ignore_errors=True)
    else:
        filesystem.delete_dir(path)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _filesystem(location: str) -> tuple[fs.FileSystem, str]:
    if "://" in location:
        filesystem, path = fs.FileSystem.from_uri(location)
        return filesystem, path
    return fs.LocalFileSystem(), location


def _files(filesystem: fs.FileSystem, root: str) -> Iterator[fs.FileInfo]:
    selector = fs.FileSelector(root, recursive=True, allow_not_found=True)
    return (
        info
        for info in filesystem.get_file_info(selector)
        if info.is_file and not info.base_name.startswith(("_", "."))
    )
