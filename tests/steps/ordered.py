"""Curated documents for the tests of the training order: the folders of the steps before, written without a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curator.config.sequence import Mixture
from curator.config.sequence import Sequence as TrainingOrder
from curator.steps import order
from curator.steps.gather import together
from curator.steps.order_measure import Measuring
from curator.steps.order_places import Places
from curator.steps.order_rows import OrderRows
from curator.steps.step import Job, Step
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_column

DIMENSIONS, CONCEPTS = 8, 6
INPUTS = ("ingest", "concepts", "embed", "curate")
COLUMNS = {
    "source": pa.string(),
    "language": pa.string(),
    "theme_id": pa.uint32(),
    "quality": pa.float32(),
    "copies": pa.int32(),
}


@dataclass
class Document:
    """What is known of one curated document; `theme_id` is that of its concept halved."""

    text: str
    copies: int
    source: str | None
    language: str
    quality: float
    concept: int
    distance: float
    doc_id: int = 0
    theme_id: int = field(init=False)

    def __post_init__(self) -> None:
        self.theme_id = self.concept // 2

    @property
    def bytes(self) -> int:
        return len(self.text.encode())

    @property
    def tokens(self) -> int:
        return -(-self.bytes // 4)


def documents(seed: int, count: int, *, copies: Sequence[int] = (1, 1, 2, 3)) -> list[Document]:
    """Random documents of 0 to 600 bytes; better ones come from books, and every eighth has no source."""
    rng = np.random.default_rng(seed)
    quality = rng.random(count).astype(np.float32)
    return [
        Document(
            text=(97 + rng.integers(0, 1 + number % 20, rng.integers(0, 600))).astype(np.uint8).tobytes().decode(),
            copies=int(rng.choice(copies)),
            source=None if number % 8 == 0 else "books" if quality[number] > 0.7 else "web",
            language="de" if rng.random() < 0.3 else "en",
            quality=float(quality[number]),
            concept=int(rng.integers(0, CONCEPTS) * rng.random()),
            distance=float(np.float32(rng.random())),
        )
        for number in range(count)
    ]


class Corpus:
    """Documents in shards of the given sizes, as the folders of the steps before, and the step's own folder."""

    def __init__(self, folder: Path, found: Sequence[Document], sizes: Sequence[int], name: str = "order") -> None:
        self.documents = list(found)
        self.inputs = {step: StepFolder(Folder(str(folder)) / step) for step in INPUTS}
        self.own = StepFolder(Folder(str(folder)) / name)
        self.shards = [shard_number(unit, 0) for unit in range(len(sizes))]
        bounds = np.cumsum([0, *sizes]).tolist()
        curated = []
        for shard, first, last in zip(self.shards, bounds[:-1], bounds[1:], strict=True):
            rows = self.documents[first:last]
            for row, number in zip(rows, document_ids(shard, len(rows)).tolist(), strict=True):
                row.doc_id = number
            if rows:
                self._write(shard, rows)
            counts = {
                "documents_out": len(rows),
                "bytes_out": sum(row.bytes for row in rows),
                "copies": sum(row.copies for row in rows),
            }
            curated.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
        self.inputs["curate"].finish(curated)
        self.inputs["concepts"].finish([Commit(name="all", shards=(), counts={"concepts": CONCEPTS - 1})])

    def _write(self, shard: int, rows: Sequence[Document]) -> None:
        ids = pa.array([row.doc_id for row in rows], pa.uint64())
        sizes = pa.array([row.bytes for row in rows], pa.int64())
        self.inputs["ingest"].write("statistics", shard, pa.table({"doc_id": ids, "bytes": sizes}))
        columns = {name: pa.array([getattr(row, name) for row in rows], kind) for name, kind in COLUMNS.items()}
        texts = pa.array([row.text for row in rows])
        self.inputs["curate"].write("curated", shard, pa.table({"doc_id": ids, "text": texts, **columns}))
        concept = pa.array([row.concept for row in rows], pa.uint32())
        distance = pa.array([row.distance for row in rows], pa.float32())
        assigned = pa.table({"doc_id": ids, "concept_id": concept, "distance": distance})
        self.inputs["concepts"].write("assignments", shard, assigned)
        vectors = np.random.default_rng(shard).normal(size=(len(rows), DIMENSIONS)).astype(np.float32)
        self.inputs["embed"].write("embeddings", shard, pa.table({"doc_id": ids, "embedding": to_column(vectors)}))

    def job(self, exchange_bytes: int = 1 << 40) -> Job:
        return Job(
            step=Step(name="order", settings={}, version=1, work=lambda job: None),
            folder=self.own,
            inputs=self.inputs,
            exchange_bytes=exchange_bytes,
            watch=lambda event: None,
            commits=self.own.committed(),
        )

    def put_in_order(self, sequence: TrainingOrder, *, shard_tokens: int = 10_000) -> list[Commit]:
        """All that the step `order` does, without Ray."""
        rows = OrderRows(folder=self.own, inputs=self.inputs, sequence=sequence)
        work = order.Work(
            rows=rows,
            places=Places(rows=rows, dimensions=DIMENSIONS),
            shards=tuple(shard for shard in self.shards if self._size(shard)),
            shard_tokens=shard_tokens,
            documents=len(self.documents),
            copies=sum(document.copies for document in self.documents),
        )
        return self.measured(rows, work.shards) + list(work.at_once(frozenset()))

    def measured(self, rows: OrderRows, shards: Sequence[int]) -> list[Commit]:
        """The rounds in which texts are measured, where the order asks for it."""
        measuring = Measuring(rows=rows, documents=len(self.documents))
        if rows.text_measure is None:
            return []
        fitted = [measuring.conclude_proxy(together(measuring.sampled, shards))] if measuring.needs_proxy else []
        return fitted + [measuring.measure(shard) for shard in shards]

    def _size(self, shard: int) -> int:
        commits = self.inputs["curate"].manifest() or ()
        return sum(commit.counts["documents_out"] for commit in commits if shard in commit.shards)

    def placed(self) -> list[dict[str, Any]]:
        """The rows of the table `order` of all shards, each with its `document`, in training order."""
        by_id = {document.doc_id: document for document in self.documents}
        shards = [shard for shard in self.shards if self._size(shard)]
        rows = [row for shard in shards for row in self.own.read("order", shard).to_pylist()]
        ordered = sorted(rows, key=lambda row: (row["key"], row["doc_id"], row["copy"]))
        return [row | {"document": by_id[row["doc_id"]], "position": row["key"] / 2**64} for row in ordered]


def stages(*asked: tuple[float, dict[str, dict[str, float]]], **settings: Any) -> TrainingOrder:
    """A training order of these stages."""
    return TrainingOrder(stages=tuple((start, Mixture(**mixture)) for start, mixture in asked), **settings)
