"""The tables of synthetic documents: what was accepted, what was not and why, and how the output marks them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.steps.survivors import aligned
from curator.store.ids import are_synthetic
from curator.store.step_folder import StepFolder

ACCEPTED = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("source_doc_id", pa.uint64()),
        ("strategy", pa.string()),
        ("text", pa.large_string()),
        ("prompt_version", pa.string()),
        ("similarity", pa.float32()),
        ("supported", pa.float32()),
        ("quality", pa.float32()),
        ("covered", pa.float32()),
    ]
)
"""`synthetic` of the step `verify`, by doc_id; `accepted_rewrites` is what later steps leave of it. What becomes of a caption has
its doc_id. `similarity`: to the source, 0 as much as a random pair of documents, 1 the same, null without an embedder;
`supported`: the share of its words that the source has; `quality`: its own, null without models of quality; `covered`: the share
of the source's characters that it is made of, for parts that do not pass are left out."""
REJECTED = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("strategy", pa.string()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("detail", pa.string()),
    ]
)
"""`rejected` of the steps JUDGES: `doc_id` is that of the source."""
JUDGES = ("verify", "near_rewrites")
"""The steps that reject rewrites, in order; the second is optional."""
REJECTED_COUNT = "rejected."
"""Before a reason: the counter of the rewrites that were rejected for it."""
MARKS = pa.struct(
    [
        ("strategy", pa.string()),
        ("source_doc_ids", pa.list_(pa.uint64())),
        ("engine", pa.string()),
        ("model", pa.string()),
        ("prompt_version", pa.string()),
        ("seed", pa.int64()),
        ("similarity", pa.float32()),
        ("supported", pa.float32()),
        ("covered", pa.float32()),
    ]
)
"""The column `synthetic` of the output, null for texts that people wrote."""
SIZES = pa.schema([("doc_id", pa.uint64()), ("bytes", pa.int64()), ("origin", pa.uint64())])
"""`sizes` of the step `blend`. `origin`: the document itself, or of a synthetic one its source."""


def accepted_rewrites(inputs: Mapping[str, StepFolder], shard: int) -> pa.Table:
    """ACCEPTED of a shard: the rewrites that no step has rejected."""
    rows = inputs["verify"].sparse("synthetic", shard, ACCEPTED)
    later = [inputs[name].sparse("rejected", shard, REJECTED) for name in JUDGES[1:] if name in inputs]
    gone = {name for table in later for name in names_of(table, "doc_id")}
    return rows.filter(pa.array([name not in gone for name in names_of(rows)], pa.bool_())) if gone else rows


def names_of(rows: pa.Table, source: str = "source_doc_id") -> list[tuple[int, str]]:
    """What names each rewrite: its source, and the strategy."""
    return list(zip(rows[source].to_pylist(), rows["strategy"].to_pylist(), strict=True))


def written(inputs: Mapping[str, StepFolder]) -> StepFolder:
    """The step whose table `curated` is the output, or what is put in order."""
    return inputs.get("blend") or inputs["curate"]


def written_by_people(documents: pa.ChunkedArray) -> int:
    """How many of these documents came in: synthetic ones are counted as copies only."""
    return int((~are_synthetic(documents.to_numpy())).sum())


def origins_of(
    inputs: Mapping[str, StepFolder], shard: int, documents: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """The documents (n,) by which the steps before `blend` know these: a synthetic one by its source."""
    if "blend" not in inputs:
        return documents
    found: npt.NDArray[np.uint64] = aligned(inputs["blend"].read("sizes", shard), documents)["origin"].to_numpy()
    return found
