"""Rows of synthetic documents with the columns of the output, expanded captions, and the mark that tells where each is from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.rephrase import Rephrase
from curator.steps.survivors import aligned
from curator.steps.synthetic_tables import MARKS

OWN_GROUP = ("semantic_group", "duplicate_group")
ONE = {"semantic_duplicates": np.int64, "duplicates": np.int64, "weight": np.float32, "copies": np.int32}


def with_marks(originals: pa.Table, expanded: pa.Table, rephrase: Rephrase) -> pa.Table:
    """Curated documents with a column `synthetic`, null but for the captions in `expanded` (ACCEPTED), which have their new text.

    Where there are media, the column `caption` has what people wrote beside each.
    """
    if "medium" not in originals.column_names:
        return originals.append_column("synthetic", pa.nulls(originals.num_rows, MARKS))
    place = pc.index_in(originals["doc_id"].combine_chunks(), expanded["source_doc_id"].combine_chunks())
    text = pc.coalesce(expanded["text"].take(place), originals["text"])
    caption = pc.if_else(pc.is_valid(originals["medium"]), originals["text"], None)
    rows = originals.set_column(originals.column_names.index("text"), "text", text).append_column("caption", caption)
    return rows.append_column("synthetic", marks(expanded, rephrase).take(place))


def synthetic_rows(originals: pa.Table, accepted: pa.Table, rephrase: Rephrase) -> pa.Table:
    """`accepted` (ACCEPTED) with the columns of `originals`, a result of `with_marks`: what is not its own is its source's."""
    sources = aligned(originals, accepted["source_doc_id"].to_numpy())
    columns: dict[str, Any] = {name: sources[name] for name in originals.column_names}
    columns |= {"doc_id": accepted["doc_id"], "text": accepted["text"]}
    columns["quality"] = pc.coalesce(accepted["quality"], sources["quality"])
    columns |= {name: accepted["doc_id"] for name in OWN_GROUP if name in columns}
    columns |= {name: pa.array(np.ones(len(sources), kind)) for name, kind in ONE.items() if name in columns}
    columns["synthetic"] = marks(accepted, rephrase)
    return pa.table(columns).cast(originals.schema)


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
            found["covered"],
        ],
        fields=list(MARKS),
    )
