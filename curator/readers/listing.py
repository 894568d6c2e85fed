"""From a path, folder or glob on a local disk or an object store to the list of input files it means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from pyarrow import fs

from curator.errors import InputError
from curator.store.files import filesystem_for, is_local

FORMATS = {
    ".jsonl": "jsonl",
    ".json": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".wet": "wet",
    ".warc": "warc",
}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
KNOWN_SUFFIXES = ".jsonl .json .ndjson (also with .gz or .zst), .parquet, .warc .wet .warc.wet (also with .gz)"


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """One file of the input as it was when it was listed.

    `path` is a URI or an absolute local path, `format` one of jsonl, parquet, warc, wet, `compression` one of "", gzip,
    zstd, `size` in bytes, `modified_ns` in nanoseconds since 1970 (0 where the storage does not tell).
    """

    path: str
    source: str
    format: str
    compression: str
    size: int
    modified_ns: int

    @staticmethod
    def from_json(value: dict[str, Any]) -> InputFile:
        """The inverse of `dataclasses.asdict`."""
        return InputFile(**value)


def list_input(path: str, *, source: str | None, format: str | None) -> list[InputFile]:
    """The files that `path` means, sorted by path.

    `path` is a file, a folder (its files of known suffixes, at any depth; all of its files where `format` is given) or a
    glob with `*`, `**` and `?`. Names that start with `.` or `_` are left out of folders and globs. `source` defaults to
    each file's name up to its first dot. Raises InputError where nothing matches or a suffix is unknown.
    """
    try:
        place = _locate(path)
        found = list(_find(place, only_known=format is None))
        if not found:
            raise InputError(f"no input file matches {path}; {_nearest_parent(place)}")
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path} cannot be listed: {error}") from error
    return sorted((_describe(full, info, source, format) for full, info in found), key=lambda file: file.path)


@dataclass(frozen=True)
class _Place:
    """Where to look: `base` (a URI without its query, or a local path; `inside` the file system) and what to match."""

    filesystem: fs.FileSystem
    base: str
    inside: str
    query: str
    pattern: str

    def full_path(self, relative: str) -> str:
        if is_local(self.filesystem):
            return f"{self.inside.rstrip('/')}/{relative}" if relative else self.inside
        return f"{self.base.rstrip('/')}/{quote(relative)}{self.query}" if relative else f"{self.base}{self.query}"


def _locate(path: str) -> _Place:
    """Cut a path at its first part with a wildcard. A `?` opens the query of a URI only where `name=` follows it."""
    query = re.search(r"\?\w+=.*$", path) if "://" in path else None
    parts = (path[: query.start()] if query else path).split("/")
    wild = next((place for place, part in enumerate(parts) if re.search(r"[*?]", part)), len(parts))
    if "://" in path and wild < 3:
        raise InputError(f"{path}: a wildcard cannot stand in the name of a bucket or host")
    base = "/".join(parts[:wild]) or ("/" if path.startswith("/") else "")
    suffix = query.group() if query else ""
    filesystem, inside = filesystem_for(base + suffix)
    return _Place(filesystem, base, inside, suffix, "/".join(parts[wild:]))


def _find(place: _Place, *, only_known: bool) -> Iterator[tuple[str, fs.FileInfo]]:
    """Full path and description of every file of the place."""
    if not place.pattern and place.filesystem.get_file_info(place.inside).is_file:
        yield place.full_path(""), place.filesystem.get_file_info(place.inside)
        return
    recursive = not place.pattern or "/" in place.pattern or "**" in place.pattern
    matches = re.compile(_regex(place.pattern or "**"))
    selector = fs.FileSelector(place.inside, allow_not_found=True, recursive=recursive)
    broken = _broken_links(place.inside, recursive) if is_local(place.filesystem) else []
    for info in [*place.filesystem.get_file_info(selector), *broken]:
        relative = str(PurePosixPath(info.path).relative_to(place.inside))
        if not info.is_file or not matches.fullmatch(relative) or re.search(r"(^|/)[._]", relative):
            continue
        if place.pattern or not only_known or _format_and_compression(relative)[0]:
            yield place.full_path(relative), info


def _broken_links(folder: str, recursive: bool) -> Iterator[fs.FileInfo]:
    """Links to nothing, which Arrow leaves out without a word, as empty files: their reader will say what is wrong."""
    for inside, _, names in os.walk(folder, followlinks=True):
        paths = [os.path.join(inside, name) for name in names]
        yield from (fs.FileInfo(path, fs.FileType.File, size=0) for path in paths if not os.path.exists(path))
        if not recursive:
            return


def _regex(pattern: str) -> str:
    """`**/` is any number of folders, `**` anything, `*` and `?` anything inside one name."""
    wildcards = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(wildcards.get(token) or re.escape(token) for token in tokens)


def _format_and_compression(name: str) -> tuple[str, str]:
    """What the suffixes of a name say; the format is empty where they say nothing or name an unsupported pair."""
    plain, compression = name, ""
    for suffix, codec in COMPRESSIONS.items():
        if name.endswith(suffix):
            plain, compression = name.removesuffix(suffix), codec
    known = FORMATS.get(PurePosixPath(plain).suffix, "")
    readable = compression == "" or known == "jsonl" or (known in ("warc", "wet") and compression == "gzip")
    return (known if readable else ""), compression


def _describe(path: str, info: fs.FileInfo, source: str | None, format: str | None) -> InputFile:
    known, compression = _format_and_compression(info.base_name)
    if not (format or known):
        raise InputError(f"{path} has no known suffix: set the format of the input, or name the file {KNOWN_SUFFIXES}")
    return InputFile(
        path=path,
        source=source or info.base_name.partition(".")[0],
        format=format or known,
        compression="" if format == "parquet" else compression,
        size=info.size,
        modified_ns=info.mtime_ns or 0,
    )


def _nearest_parent(place: _Place) -> str:
    """Which folder on the way to the place exists, the deepest one."""
    for folder in [PurePosixPath(place.inside), *PurePosixPath(place.inside).parents]:
        if folder.name and place.filesystem.get_file_info(str(folder)).type == fs.FileType.Directory:
            return f"the nearest existing folder is {folder}"
    return "nothing on the way to it exists"
