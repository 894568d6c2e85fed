"""A shard at the desk of a lane: which requests are made of its documents, which answers it has, and what is written of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curator.config.rephrase import Rephrase
from curator.rephrase.cache import ResponseCache
from curator.rephrase.prompts import requests_of
from curator.rephrase.requests import ANSWERS, Request, Response
from curator.rephrase.strategy import Strategy
from curator.steps.assign_draw import ASSIGNED
from curator.steps.survivors import aligned
from curator.store.files import Folder
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder


class Asked(NamedTuple):
    """The place of one request: the first columns of its answer."""

    doc_id: int
    strategy: str
    part: int
    key: str


@dataclass(kw_only=True)
class OpenShard:
    """A shard at work. A request whose answer has come is let go of; equal ones are made once."""

    shard: int
    asked: list[Asked]
    waiting: dict[str, Request]
    answers: dict[str, Response]
    cache: ResponseCache
    started: float
    filled: int = 0

    def __post_init__(self) -> None:
        self.sent = len(self.waiting) + self.filled
        self.characters = sum(len(content) for request in self.waiting.values() for _, content in request.messages)

    @property
    def complete(self) -> bool:
        return not self.waiting

    def receive(self, responses: Iterable[Response]) -> None:
        """Take in answers. They are in the cache before they count."""
        given = list(responses)
        self.cache.put(given)
        for response in given:
            self.answers[response.key] = response
            del self.waiting[response.key]

    def table(self) -> pa.Table:
        """All answers, in order of doc_id, strategy and part; schema ANSWERS."""
        found = [self.answers[asked.key] for asked in self.asked]
        places = {name: [getattr(asked, name) for asked in self.asked] for name in Asked._fields}
        rest = [name for name in ANSWERS.names if name not in places]
        answers = {name: [getattr(answer, name) for answer in found] for name in rest}
        return pa.table({**places, **answers}, schema=ANSWERS)

    def counts(self) -> dict[str, int]:
        """Requests: all, those answered from the cache, those sent (`requests` = `cached` + `sent`), and those that failed.

        Tokens are those of all answers, whichever run has paid for them.
        """
        return {
            "requests": len(self.asked),
            "cached": len(self.asked) - self.sent,
            "sent": self.sent,
            "failed": sum(self.answers[asked.key].failed for asked in self.asked),
            "prompt_tokens": sum(answer.prompt_tokens for answer in self.answers.values()),
            "completion_tokens": sum(answer.completion_tokens for answer in self.answers.values()),
        }


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where shards are opened and closed: the folders they come from and go to. Travels to workers.

    `documents` are the documents and text bytes of each curated shard; `filled` are answers that this run has put into the cache
    of a shard before the lanes began.
    """

    curate: StepFolder
    assign: StepFolder
    folder: StepFolder
    rephrase: Rephrase
    strategies: tuple[Strategy, ...]
    documents: Mapping[int, tuple[int, int]]
    filled: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def _by_name(self) -> dict[str, Strategy]:
        return {strategy.name: strategy for strategy in self.strategies}

    def open(self, shard: int) -> OpenShard:
        """Make the requests of a shard, and look for answers that are there already."""
        started, cache = time.time(), ResponseCache(cache_folder(self.folder.folder), shard)
        made = list(self._requests(shard))
        wanted = {request.key: request for _, request in made}
        known = cache.load() if wanted else {}
        return OpenShard(
            shard=shard,
            asked=[asked for asked, _ in made],
            waiting={key: request for key, request in wanted.items() if key not in known},
            answers={key: known[key] for key in wanted if key in known},
            cache=cache,
            started=started,
            filled=self.filled.get(shard, 0),
        )

    def _requests(self, shard: int) -> Iterable[tuple[Asked, Request]]:
        assigned = self.assign.sparse("assigned", shard, ASSIGNED)
        if not assigned.num_rows:
            return
        documents = np.unique(assigned["doc_id"].to_numpy())
        rows = aligned(self.curate.read("curated", shard, ["doc_id", "text", "language"]), documents)
        texts = {row["doc_id"]: row for row in rows.to_pylist()}
        for doc_id, name in sorted(zip(*(assigned[name].to_pylist() for name in ASSIGNED.names), strict=True)):
            text, language = texts[doc_id]["text"], texts[doc_id]["language"]
            made = requests_of(text, language, self._by_name[name], doc_id=doc_id, rephrase=self.rephrase)
            for part, request in enumerate(made):
                yield Asked(doc_id, name, part, request.key), request

    def close(self, opened: OpenShard) -> Commit:
        """Write the answers of a shard, where there are some, and leave its cache in one file."""
        assert opened.complete, "every request has a response, be it that it failed"
        if opened.asked:
            self.folder.write("answers", opened.shard, opened.table())
            opened.cache.compact()
        documents, size = self.documents[opened.shard]
        counts = {"documents_in": documents, "documents_out": documents, "bytes_in": size, "bytes_out": size}
        return Commit(
            name=shard_name(opened.shard),
            shards=(opened.shard,),
            counts=counts | opened.counts(),
            started=opened.started,
        )


def cache_folder(folder: Folder) -> Folder:
    """Where the answers of all runs of an output lie, given the folder of a step in it: `<output>/cache/rephrase`."""
    head, mark, query = folder.uri.partition("?")
    output, steps, _ = head.rpartition("/steps/")
    assert steps, "a step lies in <output>/steps"
    return Folder(f"{output}{mark}{query}") / "cache" / "rephrase"
