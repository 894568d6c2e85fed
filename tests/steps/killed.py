"""A step's folder as a kill leaves it."""

from __future__ import annotations

import shutil
from pathlib import Path


def rounds(folder: Path) -> list[str]:
    """The names of the commits of a step's folder, in the order in which they were made."""
    return [path.stem for path in sorted((folder / "commits").iterdir(), key=lambda path: path.stat().st_mtime_ns)]


def killed_after(commit: str, whole: Path, again: Path) -> None:
    """Make `again` what `whole`, the folder of a step that is done, was when this commit had just been made."""
    shutil.copytree(whole, again)
    last = (whole / "commits" / f"{commit}.json").stat().st_mtime_ns
    for path in again.rglob("*"):
        if path.is_file() and path.stat().st_mtime_ns > last:
            path.unlink()


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a step's folder but its commits, which have times in them."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "commits"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(files)}
