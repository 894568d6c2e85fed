"""What decides the ingested tables, taken from the configuration: every field of it is part of the name of the step's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from curator.algorithms import schemes
from curator.config import Config
from curator.config.cleaning import PersonalData
from curator.config.duplicates import SchemeName
from curator.config.profiles import Profile
from curator.readers.records import ReadOptions
from curator.text.cleaning import CleanSettings
from curator.text.extraction.extractor import ExtractionSettings
from curator.text.lines import C4_LINES, CURATOR_LINES, DCLM_LINES
from curator.text.own_statistics import source_digest

PROFILE_LINES = {"curator": CURATOR_LINES, "datatrove": C4_LINES, "dclm": DCLM_LINES, "dolma": ()}


@dataclass(frozen=True, kw_only=True)
class IngestSettings:
    """`own` names the user's functions by their filters.

    Without `cleaning` and `profile` the texts stay as they were read, and only what tells duplicates is measured.
    """

    options: ReadOptions
    skip_bad_files: bool
    extraction: ExtractionSettings
    cleaning: CleanSettings | None
    profile: Profile | None
    paragraph_language: bool
    own: Mapping[str, str]
    shard_bytes: int
    scheme: SchemeName
    shingle_words: int
    permutations: int
    seed: int

    @staticmethod
    def of(config: Config) -> IngestSettings:
        """Those of a whole run."""
        reading, extraction, near, language = config.input, config.extraction, config.near, config.language
        return IngestSettings(
            options=ReadOptions(
                text_field=reading.text_field,
                url_field=reading.url_field,
                source_field=reading.source_field,
                date_field=reading.date_field,
                medium_field=reading.medium_field,
                max_document_bytes=reading.max_document_bytes,
            ),
            skip_bad_files=reading.on_bad_file == "skip",
            extraction=ExtractionSettings(
                extractor=extraction.extractor,
                seconds=extraction.page_seconds,
                memory_bytes=extraction.page_memory_bytes,
            ),
            cleaning=_cleaning(config),
            profile=config.filters.profile,
            paragraph_language=language is not None and language.min_paragraph_share is not None,
            own={name: own.function for name, own in sorted(config.filters.own.items())},
            shard_bytes=config.shards.text_bytes,
            scheme=near.scheme,
            shingle_words=near.shingle_words,
            permutations=near.permutations,
            seed=near.seed,
        )

    @staticmethod
    def for_dedup(config: Config) -> IngestSettings:
        """Those of a run that only looks for duplicates: texts are left alone."""
        return replace(IngestSettings.of(config), cleaning=None, profile=None, paragraph_language=False, own={})

    def to_json(self) -> dict[str, Any]:
        sources = {name: source_digest(function) for name, function in self.own.items()}
        return {**asdict(self), "own_sources": sources, "scheme": schemes.stored_name(self.scheme)}


def _cleaning(config: Config) -> CleanSettings:
    lines = config.clean_up.lines
    return CleanSettings(
        mojibake=config.clean_up.mojibake,
        lines=tuple(PROFILE_LINES[config.filters.profile] if lines is None else lines),
        personal_data=personal_data(config.personal_data),
    )


def personal_data(actions: PersonalData) -> dict[str, Literal["count", "mask"]]:
    """What ingest does with each kind that is not ignored. To drop a document the filter step only needs its counts."""
    return {kind: "mask" if action == "mask" else "count" for kind, action in actions if action != "ignore"}
