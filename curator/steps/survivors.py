"""Which documents of a shard are still there: the ingested ones less what the steps so far have dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import ReconciliationError
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.text.line_cuts import CUTS, apply_cuts, cut_sizes

DROPPERS = ("filter", "quality", "exact", "near", "lines", "decontaminate", "budgets", "rebalance")
"""The steps that drop documents, in order; `ingest` comes before them. `quality`, `lines` and `decontaminate` are optional."""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The ingest folder, the folders of the steps that drop, in order, and that of the step that cuts. Travels to workers."""

    ingest: StepFolder
    droppers: tuple[StepFolder, ...] = ()
    lines: StepFolder | None = None

    @staticmethod
    def of(inputs: Mapping[str, StepFolder]) -> Upstream:
        """What is upstream of a step with these inputs, by the names of their steps."""
        droppers = tuple(inputs[name] for name in DROPPERS if name in inputs)
        return Upstream(ingest=inputs["ingest"], droppers=droppers, lines=inputs.get("lines"))

    @property
    def last(self) -> StepFolder:
        """The step that left the survivors."""
        return self.droppers[-1] if self.droppers else self.ingest

    def statistics(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Columns of the narrow table of a shard's survivors, in order of doc_id."""
        wanted = list(dict.fromkeys(["doc_id", *columns]))
        rows = self._surviving(self.ingest.read("statistics", shard, wanted), shard)
        return cut_sizes(rows, self._cuts(shard)).select(list(columns))

    def documents(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Columns of the text table of a shard's survivors, in order of doc_id."""
        wanted = list(dict.fromkeys(["doc_id", *columns]))
        rows = self._surviving(self.ingest.read("documents", shard, wanted), shard)
        return (apply_cuts(rows, self._cuts(shard)) if "text" in columns else rows).select(list(columns))

    def signatures(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Columns of the signatures of a shard's survivors that have one."""
        return self._surviving(self.ingest.read("signatures", shard, columns), shard)

    def _cuts(self, shard: int) -> pa.Table:
        """What the step `lines` cuts out of the texts of a shard."""
        return CUTS.empty_table() if self.lines is None else self.lines.sparse("cuts", shard, CUTS)

    def dropped(self, shard: int) -> npt.NDArray[np.uint64]:
        """The ids that the steps so far have dropped from a shard."""
        gone = [folder.drops(shard)["doc_id"].to_numpy() for folder in self.droppers]
        return np.concatenate(gone) if gone else np.empty(0, np.uint64)

    def _surviving(self, table: pa.Table, shard: int) -> pa.Table:
        return without(table, self.dropped(shard))


def without(table: pa.Table, documents: npt.NDArray[np.uint64]) -> pa.Table:
    """The rows of a table whose doc_id is not among `documents`."""
    if not len(documents):
        return table
    return table.filter(pa.array(~np.isin(table["doc_id"].to_numpy(), documents)))


def aligned(table: pa.Table, documents: npt.NDArray[np.uint64]) -> pa.Table:
    """The rows of `table` for exactly these doc_ids; both ascending. Raises ReconciliationError where one is missing."""
    place = np.searchsorted(table["doc_id"].to_numpy(), documents)
    if len(documents) and (
        place.max() >= table.num_rows or not np.array_equal(table["doc_id"].to_numpy()[place], documents)
    ):
        raise ReconciliationError(
            "a table lacks documents that are still there; delete the folder of its step and run again"
        )
    return table.take(pa.array(place))


def apply_drops(folder: StepFolder, upstream: Upstream, shard: int, drops: pa.Table) -> Commit:
    """Write the drops of a shard and count documents and bytes; each drop must be of a survivor, once."""
    survivors = upstream.statistics(shard, ("doc_id", "bytes"))
    check_drops(survivors["doc_id"].to_numpy(), drops["doc_id"].to_numpy(), shard_name(shard))
    if drops.num_rows:
        folder.write("drops", shard, drops)
    return Commit(name=shard_name(shard), shards=(shard,), counts=funnel_counts(survivors, drops))


def check_drops(survivors: npt.NDArray[np.uint64], drops: npt.NDArray[np.uint64], shard: str) -> None:
    """A step may drop only what it was given, and only once. Raises ReconciliationError."""
    if len(np.unique(drops)) != len(drops) or not np.isin(drops, survivors).all():
        raise ReconciliationError(f"shard {shard}: a step dropped a document twice, or one that was gone before")


def funnel_counts(before: pa.Table, drops: pa.Table) -> dict[str, int]:
    """Documents and text bytes in and out of one step for one shard, and documents dropped by reason."""
    after = without(before, drops["doc_id"].to_numpy())
    counts = {
        "documents_in": before.num_rows,
        "bytes_in": total(before["bytes"]),
        "documents_out": after.num_rows,
        "bytes_out": total(after["bytes"]),
    }
    return counts | reason_counts(drops)


def reason_counts(drops: pa.Table) -> dict[str, int]:
    """Documents dropped by reason, as counters named `dropped.<reason>`."""
    tally = drops["reason"].value_counts().to_pylist()
    return {f"dropped.{item['values']}": item["counts"] for item in sorted(tally, key=lambda item: str(item["values"]))}


def total(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column).as_py() or 0)


def shards_with_documents(folder: StepFolder) -> list[int]:
    """The shards that a dropping step has left documents in."""
    commits = folder.manifest() or ()
    return sorted(shard for commit in commits if commit.counts.get("documents_out") for shard in commit.shards)


def quality_folder(inputs: Mapping[str, StepFolder]) -> StepFolder | None:
    """The step that says how good documents are: that of the models where there is one, else the heuristics."""
    return inputs.get("quality") or inputs.get("filter")


def quality_of(inputs: Mapping[str, StepFolder], shard: int, documents: pa.ChunkedArray) -> pa.ChunkedArray:
    """The quality of these documents of a shard, float32."""
    folder = quality_folder(inputs)
    assert folder is not None, "a step that asks for quality comes after one that measures it"
    return aligned(folder.read("quality", shard), documents.to_numpy())["quality"]


def drops_table(document: object, reason: str, value: object, kept: object, detail: object = None) -> pa.Table:
    """Rows of DROPS with one reason: arrays doc_id, value, and kept_doc_id and detail (None where there is nothing to say)."""
    documents = pa.array(document, pa.uint64())
    count = len(documents)
    columns = [
        documents,
        pa.repeat(pa.scalar(reason), count),
        pa.array(value, pa.float64()),
        pa.nulls(count, pa.uint64()) if kept is None else pa.array(kept, pa.uint64()),
        pa.nulls(count, pa.string()) if detail is None else detail,
    ]
    return pa.table(columns, schema=DROPS)
