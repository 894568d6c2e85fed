"""How busy an engine behind HTTP is kept: a server that takes 200 ms for an answer, and the lane of the step `rephrase`:

    python benchmarks/rephrase.py [--shards 16] [--documents 400] [--concurrency 64] [--latency 0.2] [--json]

All that the lane does in a run it does here: shards are read, prompts rendered, every answer put into the cache on the disk before
it counts, tables written. Measured from the first request to the last one sent, for then there are no more to fill the slots; the
server's own count also has what a request takes on its way. Second: the same with one request in ten failing once, by status 503
or a lost connection. Processor time says more than the rate does where the machine has other work.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from chat_server import Occupancy, Seen, chat_server
from common import Row, report

from curator.config.engines import HttpEngine
from curator.config.rephrase import Rephrase
from curator.rephrase import http_exchange
from curator.rephrase.pace import Pace
from curator.rephrase.strategy import load_strategies
from curator.steps.rephrase import answered, documents_of
from curator.steps.rephrase_shards import Desk
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder

WORDS, SEED = 150, 1  # of a document


class MeasuredPace(Pace):
    """Notes every change of `in_flight`, until the last request is sent."""

    def __init__(self, most: int) -> None:
        self.occupancy = Occupancy()
        self.until_last: Counter[int] = Counter()
        MEASURED.append(self)
        super().__init__(most)

    @property
    def in_flight(self) -> int:
        return self.occupancy.level

    @in_flight.setter
    def in_flight(self, level: int) -> None:
        sent = level > self.occupancy.level
        self.occupancy.change(level)
        if sent:
            self.until_last = self.occupancy.seconds.copy()


MEASURED: list[MeasuredPace] = []


def main() -> int:
    options = parse()
    rows = []
    for failing in (False, True):
        rows += measured(options, failing)
    return report(rows, as_json=options.json)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--documents", type=int, default=400, help="of a shard")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds")
    return parser.parse_args()


def measured(options: argparse.Namespace, failing: bool) -> list[Row]:
    http_exchange.Pace = MeasuredPace  # type: ignore[misc]
    with chat_server(options.latency, failing) as (url, server), tempfile.TemporaryDirectory() as output:
        engine = HttpEngine(url=url, model="m", concurrency=options.concurrency, backoff_seconds=0.1)
        desk = corpus(Path(output), Rephrase(http=engine), options.shards, options.documents)
        started, worked = time.perf_counter(), time.process_time()
        commits = list(answered(desk, list(desk.documents)))
        wall, processor = time.perf_counter() - started, time.process_time() - worked
        server.send("tell")
        seen: Seen = server.recv()
    failed, requests = (sum(commit.counts[name] for commit in commits) for name in ("failed", "requests"))
    attempts = sum(seen.asked.values())
    busy = rows_of(options.concurrency, seen)
    cost = [
        Row(what="requests answered", value=requests / wall, unit="/s"),
        Row(
            what="attempts, against the ideal",
            value=attempts / wall * options.latency / options.concurrency,
            unit="share",
        ),
        Row(what="processor of the client", value=1e3 * processor / requests, unit="ms a request"),
        Row(what="processor of the server", value=1e3 * seen.processor_seconds / attempts, unit="ms an attempt"),
        Row(what="requests lost", value=failed + requests - len(seen.given), unit=f"of {requests:,}", target="<= 0"),
        Row(what="requests answered twice", value=seen.given.total() - len(seen.given), unit="", target="<= 0"),
    ]
    return [replace(row, what=f"{'10 % fail once: ' if failing else ''}{row.what}") for row in (*busy, *cost)]


def rows_of(limit: int, seen: Seen) -> list[Row]:
    """How many requests were in flight, by both counts."""
    client, server = MEASURED[-1].until_last, {level: time for level, time in seen.occupancy.seconds.items() if level}
    mean = sum(level * seconds for level, seconds in server.items()) / sum(server.values())
    return [
        Row(what="time at the limit, at the client", value=share(client, limit), unit="share", target=">= 0.95"),
        Row(what="time within 5 % of it, at the server", value=share(server, 0.95 * limit), unit="share"),
        Row(what="mean in flight at the server", value=mean, unit=f"of {limit}"),
    ]


def share(seconds: Mapping[int, float], least: float) -> float:
    return sum(part for level, part in seconds.items() if level >= least) / sum(seconds.values())


def corpus(output: Path, rephrase: Rephrase, shards: int, documents: int) -> Desk:
    """Documents of random words, each rephrased in one way."""
    folders = {name: StepFolder(Folder(str(output / "steps" / name))) for name in ("curate", "assign", "rephrase-0")}
    rng, strategies = np.random.default_rng(SEED), load_strategies(rephrase)
    commits = []
    for shard in (shard_number(0, part) for part in range(shards)):
        ids = document_ids(shard, documents)
        texts = [" ".join(f"w{word}" for word in rng.integers(0, 10_000, WORDS)) for _ in range(documents)]
        ways = [strategies[number % len(strategies)].name for number in range(documents)]
        folders["curate"].write(
            "curated", shard, pa.table({"doc_id": ids, "text": texts, "language": ["en"] * documents})
        )
        folders["assign"].write("assigned", shard, pa.table({"doc_id": ids, "strategy": ways}))
        counts = {"documents_out": documents, "bytes_out": sum(map(len, texts))}
        commits.append(Commit(name=shard_name(shard), shards=(shard,), counts=counts))
    folders["curate"].finish(commits)
    return Desk(
        curate=folders["curate"],
        assign=folders["assign"],
        folder=folders["rephrase-0"],
        rephrase=rephrase,
        strategies=strategies,
        documents=documents_of(folders["curate"]),
    )


if __name__ == "__main__":
    raise SystemExit(main())
