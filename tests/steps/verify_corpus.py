"""Documents and what an engine made of them, as the step `verify` finds them, written without a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator.config.filters import Filters
from curator.config.quality import Quality
from curator.config.rephrase import Rephrase
from curator.rephrase.prompts import requests_of
from curator.rephrase.requests import ANSWERS
from curator.rephrase.strategy import load_strategies
from curator.steps.assign_plan import PLAN
from curator.steps.synthetic_tables import ACCEPTED, REJECTED
from curator.steps.verify import Work
from curator.steps.verify_standards import Standards
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder

TEXTS = [
    "The old bridge over the river Aln was built in 1774 by the mason John Carr. It has three arches of grey stone,"
    " and carts crossed it for two hundred years. In 1974 a second bridge took the heavy traffic away. Today only "
    "walkers and cyclists use it.",
    "Bread dough rises because yeast turns sugar into gas. Warm kitchens make the yeast work faster, and cold ones "
    "slow it down. Bakers in Lyon leave their dough in a cool cellar for 18 hours. The slow rise gives the crumb a "
    "stronger taste.",
    "A tide is the slow rise and fall of the sea. The pull of the moon causes most of it, and the sun adds a "
    "smaller part. At Saint Malo the water climbs 12 metres between low and high tide. Boats there lie on the mud "
    "for half of the day.",
]
FAITHFUL = [
    "John Carr, a mason, built the old bridge across the river Aln in 1774. Three arches of grey stone carry it, "
    "and for two hundred years carts went over it. Since 1974 heavy traffic has taken a second bridge. Only "
    "cyclists and walkers use the old one today.",
    "Yeast turns sugar into gas, and that is why dough for bread rises. In warm kitchens the yeast works faster, in"
    " cold ones it slows down. In Lyon, bakers leave the dough for 18 hours in a cool cellar. Its crumb gets a "
    "stronger taste from the slow rise.",
    "The sea slowly rises and falls, and this is called a tide. Most of it is caused by the pull of the moon; a "
    "smaller part is added by the sun. Between low and high tide the water at Saint Malo climbs 12 metres. For half"
    " of the day boats there lie on the mud.",
]
SHARD = shard_number(0, 0)
UPSTREAM = ("curate", "assign", "rephrase", "scores", "quality")


def asked(*, heuristics: bool = False, **checks: float) -> Rephrase:
    engine = {"http": {"url": "http://localhost:1/v1", "model": "small"}}
    settings = {"strategies": {"easy": 1.0}, "checks": {"heuristics": heuristics, **checks}}
    return Rephrase.model_validate_json(json.dumps({**engine, **settings}))


Answers = Sequence[str | Sequence[str | None] | None]
"""What the engine said to each document, or to each part of it: without its opening; None for a failed request."""


def work(
    folder: Path,
    texts: Sequence[str],
    answers: Answers,
    rephrase: Rephrase,
    *,
    shards: int = 1,
    quality: Quality | None = None,
) -> Work:
    """The step over documents in so many shards."""
    inputs = {name: StepFolder(Folder(str(folder / name))) for name in UPSTREAM}
    curated = []
    for place in range(shards):
        shard, mine = shard_number(0, place), slice(place, None, shards)
        write_shard(inputs, shard, texts[mine], answers[mine], rephrase)
        counts = {"documents_out": len(texts[mine])}
        curated.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
    inputs["curate"].finish(curated)
    plan = {"strategies": {strategy.name: {"assigned": len(texts)} for strategy in load_strategies(rephrase)}}
    inputs["assign"].write_bytes(PLAN, json.dumps(plan).encode())
    inputs["assign"].finish([Commit(name="plan", shards=(), counts={"assigned": len(texts)})])
    standards = Standards(rephrase=rephrase, filters=Filters(), embedding=None, decontaminated=None, quality=quality)
    own = StepFolder(Folder(str(folder / "verify")))
    return Work(folder=own, inputs=inputs, standards=standards, assigned=len(texts))


def write_shard(
    inputs: Mapping[str, StepFolder], shard: int, texts: Sequence[str], answers: Answers, rephrase: Rephrase
) -> None:
    ids = document_ids(shard, len(texts))
    languages = pa.array(["en"] * len(texts))
    inputs["curate"].write("curated", shard, pa.table({"doc_id": ids, "text": list(texts), "language": languages}))
    (strategy,) = load_strategies(rephrase)
    rows = []
    for document, text, said in zip(ids.tolist(), texts, answers, strict=True):
        requests = requests_of(text, "en", strategy, doc_id=document, rephrase=rephrase)
        parts = [said] if said is None or isinstance(said, str) else said
        for part, (request, answer) in enumerate(zip(requests, parts, strict=True)):
            outcome = "failed: status 500" if answer is None else "stop"
            row = {"doc_id": document, "strategy": strategy.name, "part": part, "key": request.key, "outcome": outcome}
            told = f"{strategy.opening}\n{answer}"
            rows.append({**row, "text": told, "prompt_tokens": 9, "completion_tokens": 9})
    inputs["rephrase"].write("answers", shard, pa.Table.from_pylist(rows, schema=ANSWERS))


def verified(work: Work) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, int]]:
    """What was accepted, what was rejected, and the counters of the shard."""
    work.check(SHARD)
    commits = list(work.at_once([SHARD], frozenset()))
    found = [work.folder.sparse(name, SHARD, kind) for name, kind in (("synthetic", ACCEPTED), ("rejected", REJECTED))]
    counts = next(commit.counts for commit in commits if commit.shards)
    return found[0].to_pylist(), found[1].to_pylist(), counts
