"""From a path, folder or glob on a local disk or an object store to the list of input files it means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from pyarrow import fs

from curator.errors import InputError
from curator.readers.names import (
    COLUMNAR,
    KNOWN_SUFFIXES,
    format_and_compression,
    is_side_file,
    source_of,
    split_of,
)
from curator.store.files import filesystem_for, is_local


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """One file of the input as it was when it was listed.

    `path` is a URI or an absolute local path, `format` one of jsonl, csv, tsv, text, lines, parquet, arrow, warc, wet, arc,
    `compression` one of "", gzip, zstd, bz2, xz, snappy, `size` in bytes, `modified_ns` in nanoseconds since 1970 (0 where
    the storage does not tell). `text_field` and `url_field` are those of the file's source where it names its own.
    """

    path: str
    source: str
    format: str
    compression: str
    size: int
    modified_ns: int
    text_field: str | tuple[str, ...] | None = None
    url_field: str | None = None

    @staticmethod
    def from_json(value: dict[str, Any]) -> InputFile:
        """The inverse of `dataclasses.asdict`."""
        text_field = value.get("text_field")
        return InputFile(**{**value, "text_field": tuple(text_field) if isinstance(text_field, list) else text_field})


def list_input(
    path: str,
    *,
    source: str | None,
    format: str | None,
    split: str | None = None,
    text_field: str | tuple[str, ...] | None = None,
    url_field: str | None = None,
) -> list[InputFile]:
    """The files that `path` means, sorted by path.

    `path` is a file, a folder (its files of known suffixes, at any depth; all of its files where `format` is given) or a
    glob with `*`, `**` and `?`, which means its matches: files, and folders as above. Names that start with `.` or `_`
    and the side files of Hugging Face data sets are left out of folders and globs. With `split`, only the files whose
    name or folder says that split. `source` defaults to each file's name up to its first dot, less the number of a
    shard. Raises InputError where nothing matches or a suffix is unknown.
    """
    try:
        place = _locate(path)
        found = list(_find(place, only_known=format is None))
        if not found:
            raise InputError(f"no input file matches {path}; {_nearest_parent(place)}")
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path} cannot be listed: {error}") from error
    if split is not None:
        found = _of_split(found, split, place, path)
    files = (_describe(place.full_path(relative), info, source, format) for relative, info in found)
    mapped = [replace(file, text_field=text_field, url_field=url_field) for file in files]
    return sorted(mapped, key=lambda file: file.path)


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
    """The path inside the place, empty for the place itself, and the description of every file that is meant."""
    if not place.pattern and place.filesystem.get_file_info(place.inside).is_file:
        yield "", place.filesystem.get_file_info(place.inside)
        return
    meant = re.compile(f"{_regex(place.pattern or '**')}(?P<in_folder>/.*)?")
    infos = {str(PurePosixPath(info.path).relative_to(place.inside)): info for info in _infos(place, meant)}
    for relative, info in infos.items():
        match = meant.fullmatch(relative)
        if not info.is_file or not match or re.search(r"(^|/)[._]", relative) or is_side_file(relative, infos):
            continue
        is_named = place.pattern and not match["in_folder"]
        if is_named or not only_known or format_and_compression(relative)[0]:
            yield relative, info


def _infos(place: _Place, meant: re.Pattern[str]) -> Iterator[fs.FileInfo]:
    """Everything in the folder of the place; of its sub-folders only what the pattern can match."""
    recursive = not place.pattern or "/" in place.pattern or "**" in place.pattern
    for info in _listed(place, place.inside, recursive):
        yield info
        if not recursive and info.type == fs.FileType.Directory and meant.fullmatch(info.base_name):
            yield from _listed(place, info.path, True)


def _listed(place: _Place, folder: str, recursive: bool) -> list[fs.FileInfo]:
    selector = fs.FileSelector(folder, allow_not_found=True, recursive=recursive)
    broken = _broken_links(folder, recursive) if is_local(place.filesystem) else []
    return [*place.filesystem.get_file_info(selector), *broken]


def _of_split(
    found: list[tuple[str, fs.FileInfo]], split: str, place: _Place, path: str
) -> list[tuple[str, fs.FileInfo]]:
    splits = [split_of(relative or PurePosixPath(place.inside).name, split) for relative, _ in found]
    if split not in splits:
        known = ", ".join(sorted(set(splits) - {""}))
        there = f"the splits there are {known}" if known else "none of its files names a split"
        raise InputError(f"{path} has no split {split}; {there}")
    return [file for file, name in zip(found, splits, strict=True) if name == split]


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


def _describe(path: str, info: fs.FileInfo, source: str | None, format: str | None) -> InputFile:
    known, compression = format_and_compression(info.base_name)
    if not (format or known):
        raise InputError(f"{path} has no known suffix: set the format of the input, or name the file {KNOWN_SUFFIXES}")
    return InputFile(
        path=path,
        source=source or source_of(info.base_name),
        format=format or known,
        compression="" if format in COLUMNAR else compression,
        size=info.size,
        modified_ns=info.mtime_ns or 0,
    )


def _nearest_parent(place: _Place) -> str:
    """Which folder on the way to the place exists, the deepest one."""
    for folder in [PurePosixPath(place.inside), *PurePosixPath(place.inside).parents]:
        if folder.name and place.filesystem.get_file_info(str(folder)).type == fs.FileType.Directory:
            return f"the nearest existing folder is {folder}"
    return "nothing on the way to it exists"
