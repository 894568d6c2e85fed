"""What curated shards say about duplicates: the group of each document, the group's size, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.group_policy import copies_of, weights_of
from curator.config.duplicates import Duplicates
from curator.store.step_folder import StepFolder

Number = TypeVar("Number", np.int64, np.uint64)
EXACT_GROUPS = pa.schema([("doc_id", pa.uint64()), ("size", pa.int64())])
NEAR_GROUPS = pa.schema([("doc_id", pa.uint64()), ("group", pa.uint64()), ("size", pa.int64())])
"""`groups` of the steps `exact` and `near`: the documents kept that have duplicates, by doc_id."""


def duplicate_columns(
    shard: int, documents: npt.NDArray[np.uint64], inputs: Mapping[str, StepFolder], duplicates: Duplicates
) -> dict[str, pa.Array]:
    """Columns for these documents of a shard: duplicate_group, duplicates, weight, copies (uint64, int64, float32, int32).

    `duplicate_group` is the doc_id of the document that leads the group, a document's own where it is alone; `duplicates` is the
    number of documents in the group, exact copies and the document itself counted.
    """
    exact = inputs["exact"].sparse("groups", shard, EXACT_GROUPS)
    near = inputs["near"].sparse("groups", shard, NEAR_GROUPS)
    exact_copies = sparse_values(exact, "size", documents, np.ones(len(documents), dtype=np.int64))
    size = sparse_values(near, "size", documents, exact_copies)
    return {
        "duplicate_group": pa.array(sparse_values(near, "group", documents, documents)),
        "duplicates": pa.array(size),
        "weight": pa.array(weights_of(size, exact_copies, duplicates.soft_exponent)),
        "copies": pa.array(copies_of(size, duplicates.rehydrate)),
    }


def settings_of(duplicates: Duplicates) -> dict[str, object]:
    """The settings that decide these columns; the others have decided before, in the steps that found the groups."""
    return duplicates.model_dump(include={"rehydrate", "soft_exponent"})


def sparse_values(
    rows: pa.Table, column: str, documents: npt.NDArray[np.uint64], otherwise: npt.NDArray[Number]
) -> npt.NDArray[Number]:
    """The value (n,) of each document in a sparse table sorted by doc_id, `otherwise` (n,) where it has none."""
    if not rows.num_rows:
        return otherwise
    known = rows["doc_id"].to_numpy()
    place = np.minimum(np.searchsorted(known, documents), len(known) - 1)
    values = rows[column].to_numpy()[place].astype(otherwise.dtype)
    return np.where(known[place] == documents, values, otherwise)
