"""Rows of synthetic documents with the columns of the output, and the mark that tells where each is from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from curator.config.rephrase import Rephrase
from curator.steps.survivors import aligned
from curator.steps.synthetic_tables import MARKS

OWN_GROUP = ("semantic_group", "duplicate_group")
ONE = {"semantic_duplicates": np.int64, "duplicates": np.int64, "weight": np.float32, "copies": np.int32}


def with_marks(originals: pa.Table) -> pa.Table:
    """Curated documents with a null in the column `synthetic`."""
    return originals.append_column("synthetic", pa.nulls(originals.num_rows, MARKS))


def synthetic_rows(originals: pa.Table, accepted: pa.Table, rephrase: Rephrase) -> pa.Table:
    """`accepted` (ACCEPTED) with the columns of `with_marks`: what is not a document's own is that of its source in `originals`."""
    sources = aligned(originals, accepted["source_doc_id"].to_numpy())
    columns: dict[str, Any] = {name: sources[name] for name in originals.column_names}
    columns |= {"doc_id": accepted["doc_id"], "text": accepted["text"]}
    columns |= {name: accepted["doc_id"] for name in OWN_GROUP if name in columns}
    columns |= {name: pa.array(np.ones(len(sources), kind)) for name, kind in ONE.items() if name in columns}
    columns["synthetic"] = marks(accepted, rephrase)
    return pa.table(columns).cast(originals.schema.append(pa.field("synthetic", MARKS)))


def marks(accepted: pa.Table, rephrase: Rephrase) -> pa.StructArray:
    """MARKS of accepted documents."""
    count = accepted.num_rows
    found = {name: accepted[name].combine_chunks() for name in accepted.column_names}
    return pa.StructArray.from_arrays(
        [
            found["strategy"],
            pa.ListArray.from_arrays(np.arange(count + 1, dtype=np.int32), found["source_doc_id"]),
            pa.array([rephrase.engine_name] * count, pa.string()),
            pa.array([rephrase.engine.model] * count, pa.string()),
            found["prompt_version"],
            pa.array([rephrase.sampling.seed] * count, pa.int64()),
            found["similarity"],
            found["supported"],
        ],
        fields=list(MARKS),
    )
