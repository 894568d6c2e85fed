"""Curated documents and what is assigned of them, written without a run; and a lane in a process of its own, to be killed:

python -m tests.steps.rephrase_corpus FOLDER URL SHARDS DOCUMENTS CONCURRENCY
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator.config.engines import HttpEngine
from curator.config.rephrase import Rephrase
from curator.rephrase.prompts import requests_of
from curator.rephrase.requests import Request
from curator.rephrase.strategy import load_strategies
from curator.steps.graph import commit_now
from curator.steps.rephrase import answered, documents_of
from curator.steps.rephrase_shards import Desk
from curator.steps.step import Job, Step
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder

Assigned = Sequence[Sequence[str]]
"""For each document of a shard the strategies by which it is rephrased."""
WAYS = ("dense", "easy")


def http(url: str, **settings: Any) -> Rephrase:
    quick = {"backoff_seconds": 0.001, "concurrency": 16, "model": "small"}
    return Rephrase(http=HttpEngine(url=url, **{**quick, **settings}))


def text_of(shard: int, row: int) -> str:
    return f"Document {row} of shard {shard} tells of {row * 7 + 3} ships that left the harbour of Kiel in 19{row % 90 + 10}."


class Shards:
    """A folder of an output with the steps `curate` and `assign` of these shards, and an empty `rephrase`."""

    def __init__(self, output: Path, assigned: Sequence[Assigned]) -> None:
        self.output = output
        self.folder = StepFolder(Folder(str(output / "steps" / "rephrase-0123456789ab")))
        self.inputs = {name: StepFolder(Folder(str(output / "steps" / f"{name}-0"))) for name in ("curate", "assign")}
        self.assigned = {shard_number(0, part): ways for part, ways in enumerate(assigned)}

    def write(self) -> Shards:
        commits = []
        for shard, ways in self.assigned.items():
            ids = document_ids(shard, len(ways))
            texts = [text_of(shard, row) for row in range(len(ways))]
            counts = {"documents_out": len(ways), "bytes_out": sum(map(len, texts))}
            commits.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
            if len(ways):
                table = {"doc_id": ids, "text": pa.array(texts, pa.large_string()), "language": ["en"] * len(ways)}
                self.inputs["curate"].write("curated", shard, pa.table(table))
            pairs = [(number, way) for number, chosen in zip(ids.tolist(), ways, strict=True) for way in chosen]
            if pairs:
                numbers, names = zip(*pairs, strict=True)
                rows = {"doc_id": pa.array(numbers, pa.uint64()), "strategy": pa.array(names, pa.string())}
                self.inputs["assign"].write("assigned", shard, pa.table(rows))
        self.inputs["curate"].finish(commits)
        return self

    def desk(self, rephrase: Rephrase) -> Desk:
        return Desk(
            curate=self.inputs["curate"],
            assign=self.inputs["assign"],
            folder=self.folder,
            rephrase=rephrase,
            strategies=load_strategies(rephrase),
            documents=documents_of(self.inputs["curate"]),
        )

    def job(self) -> Job:
        return Job(
            step=Step(name="rephrase", settings={}, version=1, work=lambda job: None),
            folder=self.folder,
            inputs=self.inputs,
            exchange_bytes=1 << 40,
            watch=lambda event: None,
            commits=self.folder.committed(),
        )

    def requests(self, rephrase: Rephrase) -> dict[tuple[int, str, int], Request]:
        """All that is to be asked, by doc_id, strategy and part."""
        known = {strategy.name: strategy for strategy in load_strategies(rephrase)}
        return {
            (number, way, part): request
            for shard, ways in self.assigned.items()
            for row, (number, chosen) in enumerate(zip(document_ids(shard, len(ways)).tolist(), ways, strict=True))
            for way in sorted(chosen)
            for part, request in enumerate(
                requests_of(text_of(shard, row), "en", known[way], doc_id=number, rephrase=rephrase)
            )
        }

    def run_lane(self, rephrase: Rephrase) -> Mapping[str, Commit]:
        """All undone shards in one lane, without Ray."""
        desk, done = self.desk(rephrase), self.folder.committed()
        undone = [shard for shard in desk.documents if shard_name(shard) not in done]
        for commit in answered(desk, undone):
            commit_now(self.folder, commit, commit.started)
        return self.folder.committed()

    def answers(self) -> list[dict[str, Any]]:
        """The rows of all shards that have answers."""
        with_answers = [shard for shard, ways in self.assigned.items() if any(ways)]
        return [row for shard in with_answers for row in self.folder.read("answers", shard).to_pylist()]


def many(output: Path, shards: int, documents: int) -> Shards:
    """So many documents in each shard, each rephrased in two ways."""
    return Shards(output, [[WAYS] * documents] * shards)


if __name__ == "__main__":
    folder, url, shards, documents, concurrency = sys.argv[1:]
    many(Path(folder), int(shards), int(documents)).run_lane(http(url, concurrency=int(concurrency)))
