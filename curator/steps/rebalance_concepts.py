"""What every concept has come to: what it holds, what it was granted, and what it keeps, in one table for people to read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.steps.concept_files import COMPLEXITY, CONCEPTS, QUOTAS
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet, to_parquet

KEPT = ("kept", "kept_tokens", "copies", "copies_tokens")
CONCEPT_SUMS = pa.schema([("key", pa.uint64()), *((name, pa.int64()) for name in KEPT)])
"""`sums`: of each concept (the key) the documents of a shard that stay and their tokens, once each and with copies."""


def sums_of(rows: pa.Table) -> pa.Table:
    """CONCEPT_SUMS of these documents."""
    tokens, copies = rows["tokens"], rows["copies"].cast(pa.int64())
    ones = pa.array(np.ones(rows.num_rows, np.int64))
    key = rows["concept_id"].cast(pa.uint64())
    return concept_sums(pa.table([key, ones, tokens, copies, pc.multiply(tokens, copies)], schema=CONCEPT_SUMS))


def concept_sums(rows: pa.Table) -> pa.Table:
    """CONCEPT_SUMS with one row for each concept."""
    sums = rows.group_by("key", use_threads=False).aggregate([(name, "sum") for name in KEPT])
    return sums.rename_columns(CONCEPT_SUMS.names).sort_by("key")


def concept_table(complexity: pa.Table, quotas: pa.Table, sums: pa.Table) -> pa.Table:
    """One row for each concept: what it holds, what it was granted, and what it keeps, with copies."""
    concept = complexity["concept_id"].combine_chunks()
    granted = quotas.take(pc.index_in(concept, quotas["concept_id"].combine_chunks())).drop_columns(["concept_id"])
    kept = sums.take(pc.index_in(concept.cast(pa.uint64()), sums["key"].combine_chunks()))
    columns = {name: pc.fill_null(kept[name], 0) for name in KEPT}
    granted_columns = {name: granted[name] for name in granted.column_names}
    return pa.table({name: complexity[name] for name in complexity.column_names} | granted_columns | columns)


def conclude_concepts(rows: pa.Table, *, folder: StepFolder, inputs: Mapping[str, StepFolder]) -> Commit:
    """Write `concepts.parquet` from the CONCEPT_SUMS of all shards."""
    complexity = read_parquet(inputs["complexity"].folder, COMPLEXITY)
    quotas = read_parquet(inputs["budgets"].folder, QUOTAS)
    table = concept_table(complexity, quotas, rows)
    folder.write_bytes(CONCEPTS, to_parquet(table).to_pybytes())
    return Commit(name="concepts", shards=(), counts={"concepts": table.num_rows})
