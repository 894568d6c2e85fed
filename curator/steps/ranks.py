"""How good each document is among its duplicates, by the keeper rule of the configuration: two numbers, the lower the better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.keepers import NO_DATE, ranks
from curator.config.duplicates import Duplicates
from curator.steps.survivors import Upstream, aligned, quality_folder, quality_of
from curator.store.step_folder import StepFolder


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Ranks the survivors of a shard. Without a step that measures quality all are as good. Travels to workers."""

    upstream: Upstream
    inputs: Mapping[str, StepFolder]
    duplicates: Duplicates

    @staticmethod
    def of(inputs: Mapping[str, StepFolder], duplicates: Duplicates) -> Ranking:
        return Ranking(upstream=Upstream.of(inputs), inputs=dict(inputs), duplicates=duplicates)

    def rows(self, shard: int) -> pa.Table:
        """doc_id, rank_high and rank_low of every survivor of a shard, in order of doc_id."""
        statistics = self.upstream.statistics(shard, ("doc_id", "characters", "date"))
        documents = statistics["doc_id"].to_numpy()
        high, low = ranks(
            self.duplicates.keep,
            quality=self._quality(shard, statistics["doc_id"]) if "quality" in self.duplicates.keep else None,
            length=statistics["characters"].to_numpy(),
            date=statistics["date"].fill_null(NO_DATE).to_numpy(),
            source=self._source_places(shard, documents) if "source" in self.duplicates.keep else None,
        )
        return pa.table({"doc_id": documents, "rank_high": high, "rank_low": low})

    def _quality(self, shard: int, documents: pa.ChunkedArray) -> npt.NDArray[np.float32]:
        if quality_folder(self.inputs) is None:
            return np.zeros(len(documents), np.float32)
        quality: npt.NDArray[np.float32] = quality_of(self.inputs, shard, documents).to_numpy()
        return quality

    def _source_places(self, shard: int, documents: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
        """The place of each document's source in the list of priorities; the end of the list for all others."""
        priority = self.duplicates.source_priority
        sources = aligned(self.upstream.ingest.read("origins", shard, ("doc_id", "source")), documents)["source"]
        places = pc.index_in(sources.combine_chunks(), pa.array(priority, sources.type))
        found: npt.NDArray[np.uint32] = places.fill_null(len(priority)).to_numpy().astype(np.uint32)
        return found
