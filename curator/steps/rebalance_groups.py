"""The documents that are to be rebalanced: their group, their quality, their tokens, and the sums of those.

Only sums meet: tokens by group and quality, one row for each that a shard has. Quality is counted in 256 steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.concepts import Rebalance
from curator.config.duplicates import Duplicates
from curator.steps.concept_files import COMPLEXITY
from curator.steps.duplicate_columns import duplicate_columns
from curator.steps.survivors import Upstream, aligned, quality_of
from curator.steps.tokens import estimated_tokens
from curator.store.step_folder import StepFolder
from curator.store.tables import read_parquet
from curator.text.content_hash import content_hashes

UNKNOWN = "unknown"  # the name of the group of documents without a source
QUALITY_STEPS = 256
SUMS = pa.schema(
    [
        ("key", pa.uint64()),
        ("name", pa.string()),
        ("step", pa.uint8()),
        ("tokens", pa.int64()),
        ("copied_tokens", pa.int64()),
    ]
)
"""Tokens of a group's documents of one step of quality, once each and with the copies that `duplicates.rehydrate` gives."""


@dataclass(frozen=True, kw_only=True)
class Selected:
    """The documents that are still there when copies are counted. Travels to workers."""

    inputs: Mapping[str, StepFolder]
    duplicates: Duplicates

    @property
    def upstream(self) -> Upstream:
        return Upstream.of(self.inputs)

    def rows(self, shard: int) -> pa.Table:
        """doc_id, language, tokens, concept_id and `copies` by `duplicates.rehydrate` of the documents of a shard."""
        statistics = self.upstream.statistics(shard, ("doc_id", "bytes", "language"))
        documents = statistics["doc_id"].to_numpy()
        return pa.table(
            {
                "doc_id": statistics["doc_id"],
                "language": statistics["language"],
                "tokens": estimated_tokens(statistics),
                "concept_id": aligned(self.inputs["concepts"].read("assignments", shard), documents)["concept_id"],
                "copies": duplicate_columns(shard, documents, self.inputs, self.duplicates)["copies"],
            }
        )

    def group_names(self, shard: int, rows: pa.Table, rebalance: Rebalance) -> pa.Array:
        """The name of the group of each of these rows."""
        if rebalance.by == "concept":
            return rows["concept_id"].cast(pa.string()).combine_chunks()
        if rebalance.by == "theme":
            return themes_of(self.inputs["complexity"], rows["concept_id"]).cast(pa.string())
        if rebalance.by == "language":
            return rows["language"].cast(pa.string()).combine_chunks()
        origins = self.inputs["ingest"].read("origins", shard, ("doc_id", "source"))
        sources = aligned(origins, rows["doc_id"].to_numpy())["source"].cast(pa.string())
        return pc.fill_null(sources, UNKNOWN).combine_chunks()

    def quality_steps(self, shard: int, rows: pa.Table, rebalance: Rebalance) -> npt.NDArray[np.uint8]:
        """The step of quality, 0 to 255, of each of these rows; 0 where quality does not count."""
        if rebalance.quality is None:
            return np.zeros(rows.num_rows, np.uint8)
        quality = quality_of(self.inputs, shard, rows["doc_id"]).to_numpy()
        steps: npt.NDArray[np.uint8] = np.clip(quality * QUALITY_STEPS, 0, QUALITY_STEPS - 1).astype(np.uint8)
        return steps

    def sums(self, shard: int, rebalance: Rebalance) -> pa.Table:
        """SUMS of a shard."""
        rows = self.rows(shard)
        names = self.group_names(shard, rows, rebalance)
        columns = {
            "key": content_hashes(names)[0][0],
            "name": names,
            "step": self.quality_steps(shard, rows, rebalance),
            "tokens": rows["tokens"],
            "copied_tokens": pc.multiply(rows["tokens"], rows["copies"].cast(pa.int64())),
        }
        return added_up(pa.table(columns, schema=SUMS))


def added_up(rows: pa.Table) -> pa.Table:
    """SUMS with one row for each group and step of quality: whole numbers, so that their order does not matter."""
    groups = rows.group_by(["key", "name", "step"], use_threads=False)
    sums = groups.aggregate([("tokens", "sum"), ("copied_tokens", "sum")])
    return sums.rename_columns(SUMS.names).sort_by([("name", "ascending"), ("step", "ascending")])


def themes_of(complexity: StepFolder, concepts: pa.ChunkedArray) -> pa.Array:
    """The theme_id (uint32) of each concept_id, by `complexity.parquet`."""
    table = read_parquet(complexity.folder, COMPLEXITY, ("concept_id", "theme_id"))
    place = pc.index_in(concepts.combine_chunks(), table["concept_id"].combine_chunks())
    return table["theme_id"].combine_chunks().take(place)
