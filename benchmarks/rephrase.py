"""How busy an engine behind HTTP is kept: a server that takes 200 ms for an answer, and the lane of the step `rephrase`:

    python benchmarks/rephrase.py [--shards 16] [--documents 400] [--concurrency 64] [--latency 0.2] [--json]

All that the lane does in a run it does here: shards are read, prompts rendered, every answer put into the cache on the disk before
it counts, tables written. The server is a process of its own. Measured from the first request to the last one sent, for then there
are no more to fill the slots. Second: the same with one request in ten failing once, by status 503 or a lost connection.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pyarrow as pa
from aiohttp import web
from common import Row, report

from curator.config.rephrase import HttpEngine, Rephrase
from curator.rephrase import http_exchange
from curator.rephrase.pace import Pace
from curator.rephrase.strategy import load_strategies
from curator.steps.rephrase import answered, documents_of
from curator.steps.rephrase_shards import Desk
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder

WORDS, SEED = 150, 1  # of a document
ANSWER_WORDS = 150


class Occupancy:
    """How long so many requests were in flight."""

    def __init__(self) -> None:
        self.seconds: Counter[int] = Counter()
        self.level, self.since = 0, time.perf_counter()

    def change(self, level: int) -> None:
        now = time.perf_counter()
        self.seconds[self.level] += now - self.since
        self.level, self.since = level, now


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
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs, options.latency, failing), daemon=True
    )
    server.start()
    engine = HttpEngine(
        url=f"http://127.0.0.1:{ours.recv()}/v1", model="m", concurrency=options.concurrency, backoff_seconds=0.1
    )
    http_exchange.Pace = MeasuredPace  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as output:
        desk = corpus(Path(output), Rephrase(http=engine), options.shards, options.documents)
        started = time.perf_counter()
        commits = list(answered(desk, list(desk.documents)))
        wall = time.perf_counter() - started
    ours.send("stop")
    answers, occupancy = ours.recv()
    server.join(10)
    return rows_of(options, failing, commits, wall, answers, occupancy)


def rows_of(
    options: argparse.Namespace,
    failing: bool,
    commits: list[Commit],
    wall: float,
    answers: list[int],
    occupancy: dict[int, float],
) -> list[Row]:
    name = "10 % fail once: " if failing else ""
    limit, requests = options.concurrency, sum(commit.counts["requests"] for commit in commits)
    lost = sum(commit.counts["failed"] for commit in commits) + requests - len(answers)
    client = MEASURED[-1].until_last
    held = {level: seconds for level, seconds in occupancy.items() if level}
    attempts = requests * (1.1 if failing else 1.0)
    ideal = limit / options.latency * requests / attempts
    return [
        Row(what=f"{name}time at the limit, at the client", value=share(client, limit), unit="share", target=">= 0.95"),
        Row(what=f"{name}time within 5 % of it, at the server", value=share(held, 0.95 * limit), unit="share"),
        Row(what=f"{name}mean in flight at the server", value=mean(held), unit=f"of {limit}"),
        Row(what=f"{name}requests answered", value=requests / wall, unit="/s"),
        Row(what=f"{name}against the ideal", value=requests / wall / ideal, unit=f"of {ideal:,.0f} /s"),
        Row(what=f"{name}requests lost", value=lost, unit=f"of {requests:,}", target="<= 0"),
        Row(what=f"{name}requests answered twice", value=sum(answers) - len(answers), unit="", target="<= 0"),
    ]


def share(seconds: dict[int, float], least: float) -> float:
    return sum(part for level, part in seconds.items() if level >= least) / sum(seconds.values())


def mean(seconds: dict[int, float]) -> float:
    return sum(level * part for level, part in seconds.items()) / sum(seconds.values())


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


def serve(pipe: Connection, latency: float, failing: bool) -> None:
    """Answers each request after `latency`; tells its port first, and in the end how often each request was answered."""
    asyncio.run(_serve(pipe, latency, failing))


async def _serve(pipe: Connection, latency: float, failing: bool) -> None:
    occupancy, asked, given = Occupancy(), Counter[int](), Counter[int]()
    message = {"choices": [{"message": {"content": "word " * ANSWER_WORDS}, "finish_reason": "stop"}]}
    content = json.dumps(message | {"usage": {"prompt_tokens": 300, "completion_tokens": 200}}).encode()

    async def chat(request: web.Request) -> web.Response:
        occupancy.change(occupancy.level + 1)
        try:
            seed = json.loads(await request.read())["seed"]
            asked[seed] += 1
            await asyncio.sleep(latency)
            if failing and seed % 10 == 0 and asked[seed] == 1:
                if seed % 20 == 0 and request.transport is not None:
                    request.transport.abort()
                return web.Response(status=503)
            given[seed] += 1
            return web.Response(body=content, content_type="application/json")
        finally:
            occupancy.change(occupancy.level - 1)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4_096)
    await site.start()
    pipe.send(runner.addresses[0][1])
    await asyncio.to_thread(pipe.recv)
    pipe.send((list(given.values()), dict(occupancy.seconds)))
    await runner.cleanup()


if __name__ == "__main__":
    raise SystemExit(main())
