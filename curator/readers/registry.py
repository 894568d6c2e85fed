"""The append-only registry of input units: a unit keeps its number, and so its documents their ids, from night to night.

Files that are new or changed become new units with new numbers; units whose files are gone or changed are retired.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from curator.readers.listing import InputFile
from curator.readers.units import Unit, plan_units
from curator.store.files import Folder

REGISTRY_NAME = "inputs.json"


@dataclass(frozen=True)
class Registry:
    """All units ever registered, in the order of their numbers, and the numbers of those in use now."""

    units: tuple[Unit, ...]
    active: tuple[int, ...]

    @property
    def active_units(self) -> dict[int, Unit]:
        return {number: self.units[number] for number in self.active}

    @property
    def files(self) -> list[InputFile]:
        """The input files in use now, each once."""
        pieces = (piece.file for number in self.active for piece in self.units[number].pieces)
        return list(dict.fromkeys(pieces))


def fingerprint(unit: Unit) -> str:
    """A hash of a unit's content as the file system tells it: paths, sizes, times of change, cuts."""
    return hashlib.sha256(json.dumps(asdict(unit), sort_keys=True).encode()).hexdigest()[:16]


def load_registry(folder: Folder, files: Sequence[InputFile], *, unit_bytes: int) -> Registry:
    """The registry of an output brought up to date with the files there are now; nothing is written."""
    content = folder.get(REGISTRY_NAME)
    known = tuple(Unit.from_json(item) for item in json.loads(content)) if content else ()
    present = set(files)
    active = [number for number, unit in enumerate(known) if all(piece.file in present for piece in unit.pieces)]
    covered = {piece.file for number in active for piece in known[number].pieces}
    fresh = plan_units([file for file in files if file not in covered], unit_bytes=unit_bytes)
    numbers = range(len(known), len(known) + len(fresh))
    return Registry((*known, *fresh), (*active, *numbers))


def save_registry(folder: Folder, registry: Registry) -> None:
    folder.put(REGISTRY_NAME, json.dumps([asdict(unit) for unit in registry.units], sort_keys=True).encode())
