"""Adding a night to the index: the files that step `remember` made are copied, then `nights.json` is put, then old files go.

A kill before the put leaves the old index, a kill after it the new one, with files too many in either case: the former are
written over by the next try, the latter are deleted by it. Every step may be done twice.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from pyarrow import fs

from curator.errors import StoreError
from curator.store.files import Folder
from curator.store.history import NIGHTS, History
from curator.store.history_parts import KEEPER_ROWS, Night, Segment, keeper_file, night_name, output_name, piece_file
from curator.store.lock import OutputLock
from curator.store.step_folder import StepFolder

DRAFT = "night.json"
COPIES_AT_ONCE = 16  # an object store answers each in some 50 ms
COPY_BYTES = 8 << 20


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A night as step `remember` leaves it in its folder: what it was checked against (`state`), and the files it made.

    `made` holds the night's own segments by table, `merged` those that stand for several older ones.
    """

    state: str
    settings: Mapping[str, Any]
    number: int
    digest: str
    first_entry: int
    entries: int
    made: Mapping[str, Segment]
    merged: Mapping[str, Segment]

    def save(self, folder: Folder) -> None:
        folder.put(DRAFT, json.dumps(asdict(self), sort_keys=True).encode())

    @staticmethod
    def load(folder: StepFolder) -> Draft:
        values: dict[str, Any] = json.loads(folder.read_bytes(DRAFT))
        for name in ("made", "merged"):
            values[name] = {table: Segment.from_json(segment) for table, segment in values[name].items()}
        return Draft(**values)

    def files(self) -> list[str]:
        """Every file of the step's folder that belongs to the index."""
        segments = [*self.made.items(), *self.merged.items()]
        pieces = [
            piece_file(table, segment.name, piece)
            for table, segment in segments
            for piece, rows in enumerate(segment.rows)
            if rows
        ]
        parts = range(-(-self.entries // KEEPER_ROWS))
        return pieces + [keeper_file(night_name(self.number, self.digest), part) for part in parts]

    def night(self, output: str) -> Night:
        return Night(
            number=self.number,
            output=output_name(output),
            digest=self.digest,
            first_entry=self.first_entry,
            entries=self.entries,
        )


def publish_night(index: Folder, remembered: StepFolder, output: str) -> None:
    """Make what step `remember` of the run with this output found a night of the index. Doing it again changes nothing.

    Raises ConfigError where a night before the last one would change, StoreError where another run has added a night since
    this one began, LockedError while another run is adding its own.
    """
    draft = Draft.load(remembered)
    if _is_published(index, draft, output) and not _leftovers(index):
        return
    with OutputLock(index):
        if not _is_published(index, draft, output):
            _publish(index, remembered.folder, draft, output)
        for name in _leftovers(index):
            _delete(index, name)


def _is_published(index: Folder, draft: Draft, output: str) -> bool:
    return History.open(index).night_of(output) == draft.night(output)


def _leftovers(index: Folder) -> list[str]:
    """The folders that the last put of `nights.json` has replaced and that are still there."""
    return [name for name in History.open(index).retired if _is_folder(index, name)]


def _is_folder(index: Folder, name: str) -> bool:
    filesystem, path = index.at(name)
    return bool(filesystem.get_file_info(path).type == fs.FileType.Directory)


def _publish(index: Folder, source: Folder, draft: Draft, output: str) -> None:
    history = History.open(index)
    history.check_output(output, draft.digest)
    if history.before(output, draft.settings).state != draft.state:
        raise StoreError(
            f"another run has added a night to the history {output_name(index.uri)} since this one began; run again: "
            f"what does not depend on the history is not done again"
        )
    with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
        for _ in pool.map(lambda name: copy_file(name, source, index), draft.files()):
            pass
    settled = History(folder=index, settings=draft.settings, nights=history.nights, segments=history.segments)
    index.put(NIGHTS, settled.with_night(draft.night(output), draft.made, draft.merged).to_json())


def copy_file(name: str, source: Folder, target: Folder) -> None:
    """Make the file `name` of `source` appear in `target`, which may be on another file system. Raises StoreError."""
    here, path = source.at(name)
    there, _ = target.at(name)
    if here.equals(there):
        source.copy_to(name, target)
        return
    try:
        with here.open_input_stream(path, compression=None) as stream, target.stream(name) as sink:
            shutil.copyfileobj(stream, sink, COPY_BYTES)
    except OSError as error:
        raise StoreError(f"cannot copy {path} to {output_name(target.uri)}: {error}") from error


def _delete(index: Folder, name: str) -> None:
    filesystem, path = index.at(name)
    try:
        filesystem.delete_dir(path)
    except OSError as error:
        raise StoreError(f"cannot delete {path}: {error}") from error
