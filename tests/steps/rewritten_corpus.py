"""Curated documents given by shard, and what a step `verify` has accepted of rewrites of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curator.config.duplicates import Near
from curator.steps.synthetic_tables import ACCEPTED
from curator.steps.verify_answers import CHECKED
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, synthetic_ids
from curator.store.step_folder import Commit, StepFolder
from tests.steps.near_corpus import Texts, ingested, nothing_exact


class Rewrite(NamedTuple):
    """What an engine wrote of the document in a row of a shard; `appended`: it stands behind the source."""

    row: int
    answer: str
    strategy: str = "easy"
    appended: bool = False


Rewrites = Mapping[int, Sequence[Rewrite]]


def rewritten(folder: Path, texts: Texts, rewrites: Rewrites, near: Near) -> dict[str, StepFolder]:
    """Finished folders up to `verify`, which has rejected one more rewrite of every document."""
    names = ("curate", "verify")
    inputs = {"ingest": ingested(folder / "ingest", texts, near), "exact": nothing_exact(folder / "exact", texts)}
    inputs |= {name: StepFolder(Folder(str(folder / name))) for name in names}
    sizes = {shard: {"documents_out": len(documents)} for shard, documents in texts.items()}
    inputs["curate"].finish([Commit(name=shard_name(shard), shards=(shard,), counts=sizes[shard]) for shard in sizes])
    commits = [verified(inputs["verify"], shard, texts[shard], rewrites.get(shard, ())) for shard in texts]
    inputs["verify"].finish(commits)
    return inputs


def verified(verify: StepFolder, shard: int, texts: Sequence[str], rewrites: Sequence[Rewrite]) -> Commit:
    ids = document_ids(shard, len(texts)).tolist()
    found = sorted(rewrites, key=lambda rewrite: (rewrite.row, rewrite.strategy))
    accepted = [
        {
            "doc_id": number,
            "source_doc_id": ids[rewrite.row],
            "strategy": rewrite.strategy,
            "text": f"{texts[rewrite.row]}\n\n{rewrite.answer}" if rewrite.appended else rewrite.answer,
        }
        for number, rewrite in zip(synthetic_ids(shard, len(found)).tolist(), found, strict=True)
    ]
    rows = [{**row, "answer": rewrite.answer} for row, rewrite in zip(accepted, found, strict=True)]
    lost = [{"source_doc_id": number, "strategy": "lost", "answer": "", "reason": "empty"} for number in ids]
    checked = sorted([*rows, *lost], key=lambda row: (row["source_doc_id"], row["strategy"]))
    verify.write("checked", shard, pa.Table.from_pylist(checked, schema=CHECKED))
    if accepted:
        verify.write("synthetic", shard, pa.Table.from_pylist(accepted, schema=ACCEPTED))
    counts = {"rewrites": len(checked), "accepted": len(accepted), "rejected.empty": len(lost)}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts)


def answers(seed: int, texts: Texts, versions: int = 3) -> Rewrites:
    """Of every second document answers like another document, like each other, or like neither; every third is appended."""
    rng = np.random.default_rng(seed)
    pool = [text for documents in texts.values() for text in documents]
    found: dict[int, list[Rewrite]] = {}
    for shard, documents in texts.items():
        for row in range(0, len(documents), 2):
            words = pool[rng.integers(len(pool))].split()
            words = [f"a{word}" for word in words] if rng.integers(2) else words
            for version in range(versions):
                for place in rng.integers(0, len(words), rng.integers(0, 8)):
                    words[place] = f"w{rng.integers(0, 100_000)}"
                strategy, appended = f"way{version}", version == 2
                found.setdefault(shard, []).append(Rewrite(row, " ".join(words), strategy, appended))
    return found
