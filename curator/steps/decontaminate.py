"""Step `decontaminate`: documents that contain items of benchmarks go (FACTS section 11), and tables say what was hit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.contamination import Finder, Index
from curator.algorithms.contamination_index import build_index
from curator.config.decontamination import Decontamination
from curator.errors import InputError
from curator.readers.benchmarks import Benchmark, benchmarks_digest, read_benchmarks
from curator.steps.contamination_tables import Summary, drops_of, hit_rows
from curator.steps.graph import in_one_task, over_shards
from curator.steps.step import Job
from curator.steps.survivors import Upstream, apply_drops, shards_with_documents
from curator.store.files import Folder
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet, to_parquet
from curator.text.folded_words import hash_words
from curator.text.unicode import clean_text

VERSION = 1
INDEX, SUMMARY = "index.parquet", "contamination.json"


def settings_of(decontamination: Decontamination) -> dict[str, Any]:
    """What decides the result: the settings, and instead of the path the contents of the files that it means."""
    return {
        **decontamination.model_dump(exclude={"path"}),
        "benchmarks": benchmarks_digest(decontamination.path),
    }


def check_benchmarks(decontamination: Decontamination) -> None:
    """Raises InputError, with file, line and mend, where the benchmarks cannot be read or hold nothing to look for."""
    benchmarks = read_benchmarks(decontamination.path, decontamination.fields)
    _, _, starts = hash_words(_texts(benchmarks))
    if np.diff(starts).max(initial=0) < decontamination.item_ngram_words:
        raise InputError(
            f"no item under {decontamination.path} has a text of decontamination.item_ngram_words "
            f"({decontamination.item_ngram_words}) words or more to look for; check decontamination.fields"
        )


def run(job: Job, *, decontamination: Decontamination) -> None:
    """Write `index.parquet`; for every shard `drops` and `contamination` (what was hit); and `contamination.json`."""
    upstream = Upstream.of(job.inputs)
    shards = shards_with_documents(upstream.last)
    expected = len(shards) + 2
    if "index" not in job.commits:
        digest = job.step.settings["benchmarks"]
        write = partial(write_index, folder=job.folder, decontamination=decontamination, digest=digest)
        in_one_task(job, write, expected=expected)
    screen = partial(screen_shard, folder=job.folder, upstream=upstream, item_share=decontamination.item_share)
    over_shards(job, shards, screen)
    if "summary" not in job.commits:
        hit = sorted(shard for commit in job.commits.values() if commit.counts.get("hits") for shard in commit.shards)
        in_one_task(job, partial(write_summary, folder=job.folder, shards=hit), expected=expected)


def write_index(*, folder: StepFolder, decontamination: Decontamination, digest: str) -> Iterator[Commit]:
    """Build the index of the benchmarks; their files must still be those that the run was planned with."""
    if benchmarks_digest(decontamination.path) != digest:
        raise InputError(f"the files under {decontamination.path} have changed since the run began; run again")
    index = index_of(read_benchmarks(decontamination.path, decontamination.fields), decontamination)
    folder.write_bytes(INDEX, to_parquet(index.to_table()).to_pybytes())
    yield Commit(name="index", shards=(), counts={"benchmark_items": int(index.first_items[-1])})


def index_of(benchmarks: Sequence[Benchmark], decontamination: Decontamination) -> Index:
    """The index of all texts of all items."""
    items = [item for benchmark in benchmarks for item in benchmark.items]
    return build_index(
        [benchmark.name for benchmark in benchmarks],
        np.cumsum([0, *(len(benchmark.items) for benchmark in benchmarks)]),
        _texts(benchmarks),
        np.repeat(np.arange(len(items)), [len(item) for item in items]),
        ngram_words=decontamination.ngram_words,
        item_ngram_words=decontamination.item_ngram_words,
        template_items=decontamination.template_items,
    )


def _texts(benchmarks: Sequence[Benchmark]) -> pa.Array:
    """All texts of all items, cleaned as documents are."""
    texts = [text for benchmark in benchmarks for item in benchmark.items for text in item]
    return clean_text(pa.array(texts, pa.large_string()))


def screen_shard(shard: int, *, folder: StepFolder, upstream: Upstream, item_share: float) -> Commit:
    """Look through the survivors of a shard; each worker process holds the index, about 50 bytes a word of the benchmarks."""
    finder = _finder(folder.folder.uri, item_share)
    rows = upstream.documents(shard, ("doc_id", "text"))
    hits = hit_rows(finder.find(rows["text"]), rows["doc_id"], finder.index)
    if hits.num_rows:
        folder.write("contamination", shard, hits)
    commit = apply_drops(folder, upstream, shard, drops_of(hits))
    return replace(commit, counts={**commit.counts, "hits": hits.num_rows})


def contaminated(texts: pa.Array, *, folder: StepFolder, item_share: float) -> npt.NDArray[np.bool_]:
    """Which of these texts (n,) contain an item of the benchmarks whose index this step has written."""
    found = np.zeros(len(texts), np.bool_)
    found[_finder(folder.folder.uri, item_share).find(texts)["document"].to_numpy()] = True
    return found


def write_summary(*, folder: StepFolder, shards: Sequence[int]) -> Iterator[Commit]:
    """Write `contamination.json` from the hits of these shards, of which one at a time is in memory."""
    summary = Summary(read_index(folder))
    for shard in shards:
        summary.add(folder.read("contamination", shard))
    rows = summary.rows()
    folder.write_bytes(SUMMARY, json.dumps(rows, indent=1).encode())
    yield Commit(name="summary", shards=(), counts={"benchmark_items_hit": sum(row["items_hit"] for row in rows)})


def read_index(folder: StepFolder) -> Index:
    """The index that a step wrote."""
    return Index.from_table(read_parquet(folder.folder, INDEX))


@lru_cache(maxsize=1)
def _finder(uri: str, item_share: float) -> Finder:
    """A step's folder is named after what decides its index, so its place stands for the index."""
    return Finder(read_index(StepFolder(Folder(uri))), item_share=item_share)
