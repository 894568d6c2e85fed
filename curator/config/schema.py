"""The YAML's schema: one frozen model for each step of the pipeline, in the order of the graph."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Fields, Model
from curator.config.cleaning import CleanUp, Extraction, Language, PersonalData
from curator.config.concepts import Budgets, Complexity, Concepts, Rebalance, Redundancy
from curator.config.decontamination import Decontamination
from curator.config.duplicates import Count, Duplicates, Exact, History, Lines, Near
from curator.config.embedding import Embedding
from curator.config.filters import Filters
from curator.config.packing import Packing, Tokenizer
from curator.config.quality import Quality
from curator.config.rephrase import Rephrase
from curator.config.sequence import Sequence

MAX_SHARD_BYTES = 100_000_000  # Ray Data cuts blocks above 128 MiB, and a shard must stay whole


class Source(Model):
    """Input files: a file, a folder or a glob, local or by URI (`s3://bucket/crawl/*.warc.gz`).

    `split` chooses files of a Hugging Face data set; the fields are those of `input` where they are left out.
    """

    path: str
    name: str | None = None
    format: Literal["jsonl", "parquet", "arrow", "csv", "tsv", "text", "lines", "warc", "wet", "arc"] | None = None
    split: str | None = None
    text_field: str | Fields | None = None
    url_field: str | None = None


class Input(Model):
    """What is read and which fields of a record are which: `meta.url` is `url` inside `meta`, several texts are joined.

    A record with something in `medium_field` (the address of a picture, its bytes, or Hugging Face's struct of both) is a pair:
    its text is a caption, which is not judged as prose, and the medium goes into the output as it is.
    """

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    text_field: str | Fields = "text"
    url_field: str = "url"
    source_field: str = "source"
    date_field: str = "date"
    medium_field: str | None = None
    on_bad_file: Literal["fail", "skip"] = "fail"
    max_document_bytes: Annotated[int, Field(ge=1, le=MAX_SHARD_BYTES)] = 20_000_000


class Output(Model):
    """Where the curated shards, the ledger and the folders of the steps go.

    With `format: tokens` the curated shards hold sequences of tokens, by `tokenizer` and `packing`, in training order.
    """

    path: str
    format: Literal["text", "tokens"] = "text"


class Shards(Model):
    """The unit of work: text bytes of one document shard, and input bytes read by one task."""

    text_bytes: Annotated[int, Field(ge=1, le=MAX_SHARD_BYTES)] = 64_000_000
    unit_bytes: Count = 256_000_000


class Resources(Model):
    """Bounds of a run, and its Ray cluster (address null: the one around, else a local one).

    Rows that meet in one worker take up to `exchange_bytes`; measured, the worker's peak is three times that.
    """

    exchange_bytes: Annotated[int, Field(ge=1_000)] = 500_000_000
    ray_address: str | None = None
    cpus: Count | None = None
    object_store_bytes: Annotated[int, Field(ge=100_000_000)] | None = None


class Config(Model):
    """A whole run. With `budgets: null` nothing is embedded: no concepts, no semantic duplicates, no budgets, no rebalancing.

    With `sequence` the curated shards are in training order; without it they are those of the input.
    """

    input: Input
    output: Output
    shards: Shards = Shards()
    extraction: Extraction = Extraction()
    clean_up: CleanUp = CleanUp()
    personal_data: PersonalData = PersonalData()
    language: Language | None = Language()
    filters: Filters = Filters()
    quality: Quality | None = None
    duplicates: Duplicates = Duplicates()
    exact: Exact = Exact()
    near: Near = Near()
    lines: Lines | None = None
    history: History | None = None
    decontamination: Decontamination | None = None
    embedding: Embedding = Embedding()
    concepts: Concepts = Concepts()
    redundancy: Redundancy = Redundancy()
    complexity: Complexity = Complexity()
    budgets: Budgets | None = Budgets()
    rebalance: Rebalance | None = None
    rephrase: Rephrase | None = None
    sequence: Sequence | None = None
    tokenizer: Tokenizer = Tokenizer()
    packing: Packing = Packing()
    resources: Resources = Resources()

    @model_validator(mode="after")
    def _document_fits_shard(self) -> Config:
        if self.input.max_document_bytes > MAX_SHARD_BYTES - self.shards.text_bytes:
            raise ValueError(
                f"input.max_document_bytes + shards.text_bytes must be at most {MAX_SHARD_BYTES}: "
                "a document that does not fit its shard would be cut by Ray Data"
            )
        return self

    @model_validator(mode="after")
    def _concepts_are_there_where_they_are_needed(self) -> Config:
        needing = ["rebalance"] if self.rebalance is not None else []
        needing += [part.needs_concepts for part in (self.sequence, self.rephrase) if part is not None]
        first = next((name for name in needing if name), None)
        if self.budgets is None and first is not None:
            raise ValueError(f"{first} needs concepts: leave out budgets: null, or set budgets: {{keep_share: 1.0}}")
        return self

    @model_validator(mode="after")
    def _order_of_synthetic_text_needs_some(self) -> Config:
        stages = self.sequence.stages if self.sequence is not None else ()
        if self.rephrase is None and any(mixture.synthetic for _, mixture in stages):
            raise ValueError(
                "sequence.stages by synthetic needs synthetic text: add rephrase, or leave the weights out"
            )
        return self

    @model_validator(mode="after")
    def _media_stay_where_they_are(self) -> Config:
        in_tokens = self.output.format == "tokens"
        if self.input.medium_field is not None and (in_tokens or self.sequence is not None):
            moved = "output.format: tokens" if in_tokens else "sequence"
            raise ValueError(f"{moved} moves texts and not media: leave it out, or input.medium_field")
        return self

    @model_validator(mode="after")
    def _history_is_decidable(self) -> Config:
        near, duplicates = self.near, self.duplicates
        if self.history is not None and self.history.path.rstrip("/") == self.output.path.rstrip("/"):
            raise ValueError("history.path and output.path must be two folders")
        plain = duplicates.documents_per_group == 1 and duplicates.soft_exponent is None
        if self.history is not None and not (plain and near.verify == "signatures" and near.groups == "direct"):
            raise ValueError(
                "history needs near.verify: signatures, near.groups: direct, one document per group and no soft_exponent: "
                "of earlier nights it keeps sketches, not texts, and what was published is never taken back"
            )
        return self
