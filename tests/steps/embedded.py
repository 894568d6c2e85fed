"""Step folders as `embed` and `redundancy` leave them, for embeddings given by shard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.steps.redundancy import SEMANTIC_GROUPS
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_column

Matrix = npt.NDArray[np.float32]
Embeddings = Mapping[int, Matrix]


def unit(rows: Matrix) -> Matrix:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def planted(seed: int, *, clusters: int, members: int, dimensions: int = 16) -> Matrix:
    """Rows around random directions, mixed."""
    random = np.random.default_rng(seed)
    centres = unit(random.normal(size=(clusters, dimensions)))
    truth = random.permutation(np.repeat(np.arange(clusters), members))
    return unit(centres[truth] + 0.03 * random.normal(size=(len(truth), dimensions)))


def by_shard(rows: Matrix, shards: list[int]) -> dict[int, Matrix]:
    return {shard: rows[place :: len(shards)] for place, shard in enumerate(shards)}


def embedded(folder: Path, embeddings: Embeddings) -> StepFolder:
    """A finished `embed` of these embeddings; a shard of none has no survivors."""
    embed = StepFolder(Folder(str(folder)))
    commits = []
    for shard, rows in embeddings.items():
        if len(rows):
            table = {"doc_id": document_ids(shard, len(rows)), "embedding": to_column(rows)}
            embed.write("embeddings", shard, pa.table(table))
            counts = {"documents_out": len(rows)}
            commits.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
    embed.finish(commits)
    return embed


def grouped(folder: Path, leaders: Mapping[int, Mapping[int, int]]) -> StepFolder:
    """A finished `redundancy` in which, by shard, these documents follow those leaders of the same shard."""
    redundancy = StepFolder(Folder(str(folder)))
    commits = []
    for shard, leader_of in leaders.items():
        documents = sorted({*leader_of, *leader_of.values()})
        columns = {
            "doc_id": documents,
            "group": [leader_of.get(document, document) for document in documents],
            "similarity": [1.0] * len(documents),
            "place": [int(document in leader_of) for document in documents],
            "size": [2] * len(documents),
        }
        redundancy.write("groups", shard, pa.table(columns, schema=SEMANTIC_GROUPS))
        counts = {"semantic_followers": len(leader_of)}
        commits.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
    redundancy.finish(commits)
    return redundancy
