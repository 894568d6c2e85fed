"""The files of the installed packages and of the standard library that may hold prose, by their paths alone."""

from __future__ import annotations

import os
import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

_SKIPPED_FOLDERS = frozenset({"test", "tests", "idle_test", "__pycache__", "site-packages", "dist-packages"})
_DESCRIPTION = re.compile(r"(?:.*/)?[^/]*\.(?:dist-info/METADATA|egg-info/PKG-INFO)")
_LICENCE = re.compile(r"(?:.*[-_.])?(?:licen[cs]es?|copying|copyright|notice)(?:[-_.].*)?", re.IGNORECASE)
_PROSE = re.compile(r".*\.(?:md|rst)|.*(?:readme|change|history|news|authors|credits).*\.txt", re.IGNORECASE)


@dataclass(frozen=True)
class SearchPaths:
    """Where to look: folders of installed packages, in order of precedence, and the folder of the standard library."""

    packages: tuple[str, ...]
    library: str


@dataclass(frozen=True)
class Source:
    """A file that may hold documents. `path` is relative to `base`, with slashes; `kind` says how to read it."""

    package: str
    version: str
    base: str
    path: str
    kind: str

    @property
    def url(self) -> str:
        place = f"python://{self.version}" if self.package == "python" else f"pypi://{self.package}/{self.version}"
        return f"{place}/{quote(self.path)}"


def this_python() -> SearchPaths:
    """The search paths of the running interpreter. Only folders of installed packages count, not the working folder."""
    folders = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return SearchPaths(tuple(dict.fromkeys(folders)), sysconfig.get_paths()["stdlib"])


def installed(paths: SearchPaths) -> dict[str, metadata.Distribution]:
    """The distributions by normalised name, sorted; the first folder wins. One without name or version is left out.

    `curator` itself is left out too: an edit of its own docstrings must not change the sample.
    """
    found: dict[str, metadata.Distribution] = {}
    for folder in paths.packages:
        for name, _, distribution in sorted(_named(metadata.distributions(path=[folder])), key=lambda entry: entry[:2]):
            found.setdefault(name, distribution)
    found.pop("curator", None)
    return dict(sorted(found.items()))


def _named(distributions: Iterable[metadata.Distribution]) -> Iterator[tuple[str, str, metadata.Distribution]]:
    for distribution in distributions:
        try:
            name, version = distribution.metadata["Name"], distribution.version
        except (OSError, ValueError, KeyError, TypeError):  # no METADATA, or not text: differs from Python to Python
            continue
        if name and version:
            yield re.sub(r"[-_.]+", "-", name).lower(), version, distribution


def find_sources(paths: SearchPaths) -> Iterator[Source]:
    """All files that may hold documents. A package's are those in its RECORD, so a package without one has none."""
    for name, distribution in installed(paths).items():
        base, version = str(distribution.locate_file("")), distribution.version  # each reads METADATA again
        for path in _recorded(distribution):
            if (kind := kind_of(path)) is not None:
                yield Source(name, version, base, path, kind)
    python = ".".join(platform.python_version_tuple()[:2])
    for path in _walk(paths.library):
        if (kind := kind_of(path)) is not None:
            yield Source("python", python, paths.library, path, kind)


def _recorded(distribution: metadata.Distribution) -> list[str]:
    try:
        return sorted({file.as_posix() for file in distribution.files or ()})
    except (OSError, ValueError, TypeError):  # a broken RECORD
        return []


def _walk(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _SKIPPED_FOLDERS)
        for name in sorted(names):
            yield Path(parent, name).relative_to(folder).as_posix()


def kind_of(path: str) -> str | None:
    """What a file may hold: python, topics, description, licence, document, or None.

    Test folders hold fixtures; `..` and absolute paths lead to scripts.
    """
    *folders, name = path.split("/")
    if not (_SKIPPED_FOLDERS | {"..", ""}).isdisjoint(folders):
        return None
    if name.endswith(".py"):
        return "topics" if path == "pydoc_data/topics.py" else "python"
    if _DESCRIPTION.fullmatch(path):
        return "description"
    if _LICENCE.fullmatch(name) and not name.endswith((".pyi", ".json")):
        return "licence"
    return "document" if _PROSE.fullmatch(name) else None
