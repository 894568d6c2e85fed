"""Step folders as the steps before `rebalance` leave them, for a corpus of five concepts in two themes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from curator.steps.survivors import drops_table
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_number
from curator.store.step_folder import StepFolder
from curator.store.tables import to_parquet

SHARDS = [shard_number(unit, 0) for unit in range(3)]
ROWS = 400
THEMES = [0, 0, 1, 1, 1]  # of concepts 0 to 4
SHARES = [0.02, 0.08, 0.1, 0.3, 0.5]


def selected_corpus(folder: Path) -> dict[str, StepFolder]:
    """3 shards of 400 documents of 5 concepts in 2 themes; the first 10 of each shard are gone already."""
    names = ("ingest", "filter", "exact", "near", "concepts", "complexity", "budgets")
    folders = {name: StepFolder(Folder(str(folder / name))) for name in names}
    for shard in SHARDS:
        write_shard(folders, shard, np.random.default_rng(shard))
    quotas = {
        "concept_id": np.arange(5, dtype=np.uint32),
        "quota": [100] * 5,
        "allowance": pa.array([1, 2, 1, 3, 2], pa.int32()),
    }
    complexity = {
        "concept_id": np.arange(5, dtype=np.uint32),
        "theme_id": np.array(THEMES, np.uint32),
        "documents": [300] * 5,
    }
    folders["complexity"].write_bytes("complexity.parquet", to_parquet(pa.table(complexity)).to_pybytes())
    folders["budgets"].write_bytes("quotas.parquet", to_parquet(pa.table(quotas)).to_pybytes())
    return folders


def write_shard(folders: dict[str, StepFolder], shard: int, rng: np.random.Generator) -> None:
    documents = document_ids(shard, ROWS)
    size = rng.integers(1, 4000, ROWS)
    languages = np.where(rng.random(ROWS) < 0.1, "de", "en")
    folders["ingest"].write("statistics", shard, pa.table({"doc_id": documents, "bytes": size, "language": languages}))
    sources = pa.array([None if row % 20 == 0 else f"s{row % 3}" for row in range(ROWS)], pa.string())
    folders["ingest"].write("origins", shard, pa.table({"doc_id": documents, "source": sources}))
    quality = rng.random(ROWS).astype(np.float32)
    folders["filter"].write("quality", shard, pa.table({"doc_id": documents, "quality": quality}))
    concept = rng.choice(5, ROWS, p=SHARES).astype(np.uint32)
    folders["concepts"].write("assignments", shard, pa.table({"doc_id": documents, "concept_id": concept}))
    folders["budgets"].write("drops", shard, drops_table(documents[:10], "over_quota", np.ones(10), None))
    groups = {"doc_id": documents[50:60], "group": documents[50:60], "size": np.full(10, 5)}
    folders["near"].write("groups", shard, pa.table(groups))
