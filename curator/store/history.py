"""The index of past nights: what earlier runs kept, so that tonight's documents are checked against it.

nights.json                           what is valid: settings, nights and segments; put last, in one atomic act
bands/<segment>/<piece>.parquet       key (sorted), entry: MinHash bands of the documents that `near` kept
content/<segment>/<piece>.parquet     key (sorted), low, night, doc_id: content hashes of the documents that `exact` kept
urls/<segment>/<piece>.parquet        the same for addresses, where they count
keepers/<night>/<part>.parquet        entry (sorted), doc_id, sketch: what stands behind an entry of `bands`

A segment holds some nights. Its pieces are equal ranges of keys, a power of two of them. An entry is the running number of a
document over all nights. Files are never changed, and their names hold the digest of the run that made them, so a file of a
killed or a lost run can neither be taken for another nor be in its way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from curator.errors import ConfigError, StoreError
from curator.store.files import Folder
from curator.store.history_parts import KEEPERS, Night, Segment, output_name

NIGHTS, FORMAT = "nights.json", 1


@dataclass(frozen=True, kw_only=True)
class History:
    """The index as one run sees it. Small and picklable: workers read the files they need."""

    folder: Folder
    settings: Mapping[str, Any] = field(default_factory=dict)
    nights: tuple[Night, ...] = ()
    segments: Mapping[str, tuple[Segment, ...]] = field(default_factory=dict)
    retired: tuple[str, ...] = ()

    @staticmethod
    def open(folder: Folder) -> History:
        """The whole index in `folder`, without nights where there is none. Raises StoreError where it cannot be understood."""
        content = folder.get(NIGHTS)
        return History(folder=folder) if content is None else _parsed(folder, content)

    @property
    def entries(self) -> int:
        """The number of entries, which is the next one."""
        return self.nights[-1].first_entry + self.nights[-1].entries if self.nights else 0

    @property
    def state(self) -> str:
        """A digest of the nights, for the hash of a step that is decided by them. Merges of segments do not change it."""
        decides = [[night.digest, night.first_entry, night.entries] for night in self.nights]
        return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:12]

    def before(self, output: str, settings: Mapping[str, Any]) -> History:
        """What a run with this output is checked against: all nights, or those before it where it was published already.

        So the same run again meets what it met, and never itself. Raises ConfigError where `settings` (names as in the
        YAML, values of JSON) differ from those of the index.
        """
        self._check_settings(settings)
        own = self.night_of(output)
        count = len(self.nights) if own is None else own.number
        segments = {
            table: tuple(segment for segment in held if segment.first_night < count)
            for table, held in self.segments.items()
        }
        return replace(self, settings=dict(settings), nights=self.nights[:count], segments=segments)

    def night_of(self, output: str) -> Night | None:
        """The night that has this output."""
        return next((night for night in self.nights if night.output == output_name(output)), None)

    def check_output(self, output: str, digest: str) -> None:
        """Raises ConfigError where `output` is an earlier night than the last and was published with another digest."""
        night = self.night_of(output)
        if night is not None and night.digest != digest and night != self.nights[-1]:
            later = len(self.nights) - 1 - night.number
            raise ConfigError(
                f"{night.output} is night {night.number} of the history {output_name(self.folder.uri)} and {later} later "
                f"nights were checked against it, so it cannot be published again with other input or settings: give this "
                f"run another output.path, or the input and settings it had"
            )

    def with_night(self, night: Night, made: Mapping[str, Segment], merged: Mapping[str, Segment]) -> History:
        """The index with `night` as its last: after all others, or in the place of the last one with that number.

        `made` are the night's own segments by table; each of `merged` stands for all segments of its nights. What they
        replace is retired: its folders are to be deleted.
        """
        nights = (*self.nights[: night.number], night)
        segments = {table: _joined(self.segments.get(table, ()), made[table], merged.get(table)) for table in made}
        kept = set(History(folder=self.folder, nights=nights, segments=segments).folders())
        retired = tuple(name for name in self.folders() if name not in kept)
        return replace(self, nights=nights, segments=segments, retired=retired)

    def folders(self) -> list[str]:
        """The folders of everything that is valid, below the folder of the index."""
        segments = [f"{table}/{segment.name}" for table, held in self.segments.items() for segment in held]
        return [*segments, *(f"{KEEPERS}/{night.name}" for night in self.nights)]

    def to_json(self) -> bytes:
        values = {
            "format": FORMAT,
            "settings": self.settings,
            "nights": [asdict(night) for night in self.nights],
            "segments": {table: [asdict(segment) for segment in held] for table, held in self.segments.items()},
            "retired": self.retired,
        }
        return json.dumps(values, sort_keys=True).encode()

    def _check_settings(self, settings: Mapping[str, Any]) -> None:
        names = sorted(set(settings) | set(self.settings))
        differing = [name for name in names if settings.get(name) != self.settings.get(name)]
        if self.nights and differing:
            was = ", ".join(f"{name} {self.settings.get(name)} (now {settings.get(name)})" for name in differing)
            raise ConfigError(
                f"the history {output_name(self.folder.uri)} was made with {was}: its documents cannot be compared with "
                f"tonight's; set them back, or begin a new history in another folder"
            )


def _joined(held: tuple[Segment, ...], made: Segment, merged: Segment | None) -> tuple[Segment, ...]:
    """Segments in the order of their nights: `made` in the place of its night, `merged` in that of the nights it has.

    Where these have become part of a larger segment since `merged` was made, that one stays.
    """
    left = [segment for segment in held if segment.first_night < made.first_night]
    parts = [segment for segment in left if merged and merged.first_night <= segment.first_night]
    parts = [segment for segment in parts if merged and segment.last_night <= merged.last_night]
    if merged is not None and parts:
        left = [*(segment for segment in left if segment not in parts), merged]
    return (*sorted(left, key=lambda segment: segment.first_night), made)


def _parsed(folder: Folder, content: bytes) -> History:
    try:
        values = json.loads(content)
        if values["format"] != FORMAT:
            raise StoreError(
                f"the history {output_name(folder.uri)} has format {values['format']}, this version reads {FORMAT}"
            )
        return History(
            folder=folder,
            settings=values["settings"],
            nights=tuple(Night(**night) for night in values["nights"]),
            segments={table: tuple(map(Segment.from_json, held)) for table, held in values["segments"].items()},
            retired=tuple(values["retired"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{output_name(folder.uri)}/{NIGHTS} is damaged ({error}): bring back an earlier version of it"
        ) from error
