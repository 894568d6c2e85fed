"""What the YAML says about duplicates: which one stays, how they are found, what their number is worth, what is remembered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from curator.config.base import Model, Share

Count = Annotated[int, Field(ge=1)]
Criterion = Literal["quality", "length", "oldest", "newest", "source"]
SchemeName = Literal["curator-v1", "datasketch"]


class Duplicates(Model):
    """What becomes of a group of duplicates: which document leads it, how many stay, and what the group's size is worth.

    `keep` orders the documents of a group, first criterion first, ties by doc_id. Of near duplicates the best
    `documents_per_group` stay; with `soft_exponent` all stay, each with the weight size^-exponent (SoftDedup, He 2024).
    `rehydrate` gives copies by size of group (FineWeb2): `[[2, 2], [10, 3]]` are 2 copies from 2 documents on, 3 from 10 on.
    """

    keep: tuple[Criterion, ...] = ("quality", "length")
    source_priority: tuple[str, ...] = ()
    documents_per_group: Count = 1
    soft_exponent: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    rehydrate: tuple[tuple[Count, Annotated[int, Field(ge=1, le=1_000)]], ...] = ()
    source_alarm: Share = 0.5

    @model_validator(mode="after")
    def _rules_are_clear(self) -> Duplicates:
        if len(set(self.keep)) < len(self.keep) or {"oldest", "newest"} <= set(self.keep):
            raise ValueError("keep names a criterion twice, or both oldest and newest")
        if "source" in self.keep and not self.source_priority:
            raise ValueError("keep names source: list the sources in source_priority, the best first")
        if sorted({size for size, _ in self.rehydrate}) != [size for size, _ in self.rehydrate]:
            raise ValueError("rehydrate must list [documents, copies] with rising numbers of documents")
        if (self.documents_per_group > 1) + (self.soft_exponent is not None) + bool(self.rehydrate) > 1:
            raise ValueError("choose one of documents_per_group above 1, soft_exponent and rehydrate")
        return self


class Exact(Model):
    """Documents with the same words in the same order; with `by_url` also those with the same address."""

    by_url: bool = False


class Near(Model):
    """MinHash near duplicates over word 5-grams; every dropped document is like the one that is kept for it.

    20 bands of 6 find 99.8 % of the pairs of Jaccard similarity 0.8 and 92 % of those of 0.7, and what they find is verified:
    by a sketch of 512 hashed bins (standard error 0.02), or on the texts. `bands` and `rows` null: computed from `threshold`
    and the weight of false positives (datasketch's rule) for `permutations`. `groups: components` drops whole chains.
    """

    scheme: SchemeName = "curator-v1"
    shingle_words: Count = 5
    permutations: Count = 120
    bands: Count | None = 20
    rows: Count | None = 6
    threshold: Share = 0.75
    false_positive_weight: Share = 0.5
    seed: Annotated[int, Field(ge=0)] = 1
    verify: Literal["signatures", "text"] = "signatures"
    measure: Literal["jaccard", "containment"] = "jaccard"
    groups: Literal["direct", "components"] = "direct"

    @model_validator(mode="after")
    def _bands_fit(self) -> Near:
        if (self.bands is None) != (self.rows is None):
            raise ValueError("give both bands and rows, or neither")
        if self.bands is not None and self.rows is not None and self.bands * self.rows > self.permutations:
            raise ValueError(f"bands x rows = {self.bands * self.rows} is more than permutations = {self.permutations}")
        if self.measure == "containment" and self.verify == "signatures":
            raise ValueError("containment is measured on texts: set verify: text")
        return self


class Lines(Model):
    """Paragraphs (or lines) that stand in at least `min_documents` documents are cut out of all of them but one.

    That one comes first by `duplicates.keep`; without `keep_first` they are cut there too (CCNet, RefinedWeb). Only those of
    at least `min_letters` letters count; what leads to the rest stays (headings, tables, "as follows:", code). A document
    that loses more than `max_removed_share` of its characters, or all of them, is dropped.

    Chosen by reading what is cut of 117,000 documents: single lines are facts and answers as often as notices, below 60
    letters stand headings and court formulas, and what is left of a text that lost more than half is a skeleton. What a
    document keeps for all is lost if that document goes for its other lines.
    """

    unit: Literal["line", "paragraph"] = "paragraph"
    min_documents: Annotated[int, Field(ge=2)] = 10
    min_letters: Count = 60
    keep_first: bool = True
    max_removed_share: Share = 0.5


class History(Model):
    """An index of earlier nights at `path`: what was kept then is not kept again, and is never taken back."""

    path: str
