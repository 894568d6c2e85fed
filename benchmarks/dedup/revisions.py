"""Quality on real near duplicates: revisions of documents, and one page through twenty extractors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

from .measures import Truth, precision, recall, truth_of_texts
from .oracle import Pairs

BOUNDS = (0.7, 0.8, 0.9)

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Score:
    """Groups against the pairs of J >= bound of one set: pairs within groups, ARI with the components of the true pairs,
    and as removal: true pairs that no longer stand side by side, removed documents that have a true neighbour."""

    name: str
    documents: int
    bound: float
    pairs: int
    precision: float
    recall: float
    ari: float
    apart: float
    justified: float


def write_sets(source: Path, folder: Path) -> dict[str, Path]:
    """Every `*.jsonl.zst` of the source as a folder of one Parquet file with id and text, by its name."""
    sets = {}
    for path in sorted(source.glob("*.jsonl.zst")):
        name = path.name.removesuffix(".jsonl.zst")
        with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
            rows = [orjson.loads(line) for line in bytes(stream.read()).splitlines()]
        sets[name] = folder / name
        sets[name].mkdir(parents=True, exist_ok=True)
        texts = pa.array([row["text"] for row in rows], pa.large_string())
        pq.write_table(pa.table({"id": [row["id"] for row in rows], "text": texts}), sets[name] / "records.parquet")
    return sets


def scores(name: str, folder: Path, kept_for: dict[str, str]) -> list[Score]:
    """Scores of one set at every bound. Documents of fewer than five words have no J and are left out."""
    table = pq.read_table(folder / "records.parquet")
    truth = truth_of_texts(table["id"].to_pylist(), table["text"].to_pylist())
    groups = group_labels(truth, kept_for)
    return [score(name, truth, groups, kept_for, bound) for bound in BOUNDS]


def group_labels(truth: Truth, kept_for: dict[str, str]) -> Labels:
    """A number for every document, equal within a group; a leader of another set keeps its group together all the same."""
    number = {name: place for place, name in enumerate(dict.fromkeys(chain(truth.ids, kept_for.values())))}
    return np.array([number[kept_for.get(name, name)] for name in truth.ids], np.int64)


def score(name: str, truth: Truth, groups: Labels, kept_for: dict[str, str], bound: float) -> Score:
    near, compared = truth.pairs.above(bound), truth.sets.sizes > 0
    together = int(np.sum(groups[near.left] == groups[near.right]))
    found = _pairs_within(groups[compared])
    removed = np.array([one in kept_for for one in truth.ids]) & compared
    return Score(
        name=name,
        documents=int(compared.sum()),
        bound=bound,
        pairs=len(near.left),
        precision=together / max(1, found),
        recall=together / max(1, len(near.left)),
        ari=float(adjusted_rand_score(_components(near, len(groups))[compared], groups[compared])),
        apart=recall(truth.pairs, removed, bound),
        justified=precision(truth.pairs, removed, bound),
    )


def _pairs_within(groups: Labels) -> int:
    sizes = np.unique(groups, return_counts=True)[1]
    return int(np.sum(sizes * (sizes - 1) // 2))


def _components(pairs: Pairs, documents: int) -> Labels:
    edges = coo_matrix((np.ones(len(pairs.left)), (pairs.left, pairs.right)), shape=(documents, documents))
    labels: Labels = connected_components(edges, directed=False)[1]
    return labels


def score_table(found: list[Score]) -> str:
    """The scores as a Markdown table for docs/benchmarks.md."""
    lines = [
        "| set | documents | J >= | pairs | precision | recall | ARI | pairs no longer side by side | removed with a neighbour |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        shares = " | ".join(f"{share:.3f}" for share in (one.precision, one.recall, one.ari, one.apart, one.justified))
        lines.append(f"| {one.name} | {one.documents:,} | {one.bound} | {one.pairs:,} | {shares} |")
    return "\n".join(lines)
