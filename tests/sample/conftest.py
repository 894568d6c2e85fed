"""A small folder of installed packages and a small standard library, to read samples from."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.sample import SearchPaths

PROSE = "The quick brown fox jumps over the lazy dog, again and again, until the evening comes. "
LICENCE = "Permission is hereby granted, free of charge, to any person who obtains a copy of this software. " * 8
MODULE = f'''"""What this module is for. {PROSE * 4}"""

class Kettle:
    """A kettle. {PROSE * 4}"""

    def fill(self):
        """Fill the kettle with fresh water up to the mark, not above it, or it will boil over. Returns the litres."""

    def boil(self):
        """Boil the water. Waits until the thermostat switches off, at most five minutes; raises TimeoutError then."""

def tea(leaves):
    """Make tea.

    {PROSE * 4}
    """
    return leaves

def cup():
    """A cup."""
'''


def install(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    """Write the files of a distribution, its METADATA with a long description, and its RECORD."""
    information = f"{name.replace('-', '_')}-{version}.dist-info"
    header = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n"
    described = {f"{information}/METADATA": f"{header}# {name}\n\n{PROSE * 3}\n\n<b> & {PROSE}\n", **files}
    for path, content in described.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    (folder / information / "RECORD").write_text("".join(f"{path},,\n" for path in [*described, "../../bin/run"]))


@pytest.fixture
def paths(tmp_path: Path) -> SearchPaths:
    """Two packages with nearly the same licence, and a library of one module and two help topics."""
    packages, library = tmp_path / "site-packages", tmp_path / "library"
    tests = {"teapot/tests/test_tea.py": MODULE, "teapot/README.md": f"# Teapot\n\n{PROSE * 3}"}
    licence = {"teapot-1.0.dist-info/licenses/LICENSE": f"Copyright 2020 The Teapot Company\n\n{LICENCE}"}
    install(packages, "teapot", "1.0", {"teapot/__init__.py": "", "teapot/kettle.py": MODULE, **tests, **licence})
    install(packages, "Coffee-Pot", "2.1", {"COPYING": f"Copyright 2021 The Coffee Company\n\n{LICENCE}"})
    (library / "pydoc_data").mkdir(parents=True)
    (library / "pydoc_data/topics.py").write_text(f"topics = {{'while': {PROSE * 3!r}, 'assert': {PROSE * 4!r}}}\n")
    (library / "kitchen.py").write_text(MODULE)
    return SearchPaths((str(packages),), str(library))
