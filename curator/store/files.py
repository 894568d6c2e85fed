"""Files by URI on a local disk or an object store, behind pyarrow's file systems, and the one atomic act: `put`."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from pyarrow import fs

from curator.errors import StoreError


def filesystem_for(path: str) -> tuple[fs.FileSystem, str]:
    """The file system of `path` (a local path or a URI such as `s3://bucket/key`) and the path inside it."""
    if "://" not in path:
        return fs.LocalFileSystem(), os.path.abspath(os.path.expanduser(path))
    filesystem, inside = fs.FileSystem.from_uri(path)
    return filesystem, str(inside)


def is_local(filesystem: fs.FileSystem) -> bool:
    return isinstance(filesystem, fs.LocalFileSystem)


class Folder:
    """A folder of files named by relative paths. Holds only its URI, so it travels to workers cheaply.

    Every method raises StoreError with the path where the storage fails (a full disk, a network that is down).
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri if "://" in uri else os.path.abspath(os.path.expanduser(uri))

    def __truediv__(self, name: str) -> Folder:
        head, mark, query = self.uri.partition("?")
        return Folder(f"{head.rstrip('/')}/{name}{mark}{query}")

    def at(self, name: str) -> tuple[fs.FileSystem, str]:
        """The file system and the path in it of the file `name`."""
        filesystem, base = filesystem_for(self.uri)
        return filesystem, f"{base.rstrip('/')}/{name}" if name else base

    def put(self, name: str, content: bytes | memoryview) -> None:
        """Write a whole file in one atomic act: readers see the old file, none, or the new one, never a part.

        Local: a temporary name, then a rename. Object store: one put.
        """
        with self.stream(name) as stream:
            stream.write(content)

    @contextmanager
    def stream(self, name: str) -> Iterator[Any]:
        """A stream to write the file `name` of any size; on a local disk it appears when it is whole, as with `put`."""
        filesystem, path = self.at(name)
        with _store_error("write", path):
            opened = _renamed_when_whole(path) if is_local(filesystem) else filesystem.open_output_stream(path)
            with opened as stream:
                yield stream

    def get(self, name: str) -> bytes | None:
        """The bytes of the file `name`, or None where there is none."""
        filesystem, path = self.at(name)
        with _store_error("read", path):
            try:
                with filesystem.open_input_stream(path, compression=None) as stream:
                    return bytes(stream.read())
            except FileNotFoundError:
                return None

    def names(self, suffix: str = "") -> list[str]:
        """The sorted names of the files directly inside the folder that end in `suffix`."""
        return sorted(info.base_name for info in self._infos() if info.base_name.endswith(suffix) and info.is_file)

    def folders(self) -> list[str]:
        """The sorted names of the folders directly inside."""
        return sorted(info.base_name for info in self._infos() if info.type == fs.FileType.Directory)

    def _infos(self) -> list[fs.FileInfo]:
        filesystem, base = self.at("")
        with _store_error("list", base):
            return list(filesystem.get_file_info(fs.FileSelector(base, allow_not_found=True)))

    def delete(self, name: str) -> None:
        """Delete the file `name`; nothing happens where there is none."""
        filesystem, path = self.at(name)
        with _store_error("delete", path):
            if filesystem.get_file_info(path).type == fs.FileType.File:
                filesystem.delete_file(path)

    def copy_to(self, name: str, target: Folder) -> None:
        """Make the file `name` appear in `target` too: a hard link on one local disk, else a copy by the store itself."""
        filesystem, source = self.at(name)
        _, destination = target.at(name)
        with _store_error("write", destination):
            if is_local(filesystem):
                _link_and_rename(source, destination)
            else:
                filesystem.copy_file(source, destination)


@contextmanager
def _store_error(act: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot {act} {path}: {error}") from error


def _link_and_rename(source: str, destination: str) -> None:
    Path(destination).parent.mkdir(parents=True, exist_ok=True)
    attempt = f"{destination}.{uuid.uuid4().hex}.attempt"
    try:
        try:
            os.link(source, attempt)
        except OSError:  # another device, or a file system without links
            fs.LocalFileSystem().copy_file(source, attempt)
        os.replace(attempt, destination)
    finally:
        Path(attempt).unlink(missing_ok=True)


@contextmanager
def _renamed_when_whole(path: str) -> Iterator[BinaryIO]:
    """Write beside the target and rename over it; the temporary file never outlives a failure."""
    attempt = f"{path}.{uuid.uuid4().hex}.attempt"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    try:
        with _flushed(attempt) as file:
            yield file
        os.replace(attempt, path)
    finally:
        Path(attempt).unlink(missing_ok=True)


def write_whole(path: str, content: bytes | memoryview) -> None:
    """Write and flush to the device."""
    with _flushed(path) as file:
        file.write(content)


@contextmanager
def _flushed(path: str) -> Iterator[BinaryIO]:
    """A file that is on the device at its end, so that a full disk is an error here and not a short file later."""
    with open(path, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
