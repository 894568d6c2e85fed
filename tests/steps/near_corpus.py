"""Step folders as `ingest` and `exact` leave them, for texts given by shard, and random texts that are like each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from curator.algorithms import schemes
from curator.config.duplicates import Near
from curator.steps.step import Job, Step
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import fixed_column

Texts = Mapping[int, list[str]]


def families(seed: int, *, families: int, versions: int, words: int = 120) -> list[str]:
    """Chains of versions: each is the one before with a few words replaced, so that its ends are less and less alike."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(families):
        text = [f"w{number}" for number in rng.integers(0, 100_000, words)]
        for _ in range(versions):
            texts.append(" ".join(text))
            for place in rng.integers(0, words, rng.integers(0, 6)):
                text[place] = f"w{rng.integers(0, 100_000)}"
    return [texts[place] for place in rng.permutation(len(texts))]


def by_shard(texts: list[str], shards: list[int]) -> dict[int, list[str]]:
    return {shard: texts[place :: len(shards)] for place, shard in enumerate(shards)}


def ingested(folder: Path, texts: Texts, near: Near) -> StepFolder:
    """A finished `ingest` of these texts, with the tables that deduplication reads."""
    ingest = StepFolder(Folder(str(folder)))
    commits = []
    for shard, documents in texts.items():
        ids = pa.array(document_ids(shard, len(documents)))
        text = pa.array(documents, pa.large_string())
        signatures, sketches, signed = schemes.signatures(
            text, scheme=near.scheme, shingle_words=near.shingle_words, permutations=near.permutations, seed=near.seed
        )
        hashes = pa.array([hash(document) & (2**63 - 1) for document in documents], pa.uint64())
        columns = {"bytes": 1, "characters": 1}
        statistics = {name: [len(document) for document in documents] for name in columns}
        statistics |= {"doc_id": ids, "content_hash_high": hashes, "content_hash_low": hashes}
        nothing = pa.nulls(len(documents), pa.int64())
        ingest.write(
            "statistics", shard, pa.table(statistics | {"date": nothing, "url_hash": nothing.cast(pa.uint64())})
        )
        ingest.write("documents", shard, pa.table({"doc_id": ids, "text": text}))
        ingest.write("origins", shard, pa.table({"doc_id": ids, "source": ["s"] * len(documents)}))
        raw = fixed_column(signatures[signed].astype("<u4").view(np.uint8))
        table = {"doc_id": ids.filter(pa.array(signed)), "signature": raw, "sketch": fixed_column(sketches[signed])}
        ingest.write("signatures", shard, pa.table(table))
        counts = {"documents_out": len(documents)}
        commits.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
    ingest.finish(commits)
    return ingest


def nothing_exact(folder: Path, texts: Texts) -> StepFolder:
    """A finished `exact` that found nothing."""
    exact = StepFolder(Folder(str(folder)))
    exact.finish(
        [
            Commit(name=shard_name(shard), shards=(shard,), counts={"documents_out": len(documents)})
            for shard, documents in texts.items()
        ]
    )
    return exact


def job(name: str, folder: Path, inputs: Mapping[str, StepFolder], exchange_bytes: int) -> Job:
    kept = StepFolder(Folder(str(folder)))
    return Job(
        step=Step(name=name, settings={}, version=1, work=lambda job: None),
        folder=kept,
        inputs=inputs,
        exchange_bytes=exchange_bytes,
        watch=lambda event: None,
        commits=kept.committed(),
    )
