"""Step `filter`: addresses, robots hints, language, personal data and heuristics, judged on the narrow statistics.

The text is not read, so that thresholds are cheap to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator.config import Config
from curator.config.cleaning import Language
from curator.config.criteria import Urls
from curator.config.filters import Filters
from curator.steps.graph import over_shards
from curator.steps.step import Job
from curator.steps.survivors import funnel_counts
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.text.heuristics import heuristic_quality, judge
from curator.text.url_lists import UrlLists, load_url_lists
from curator.text.urls import judge_urls
from curator.text.verdicts import VERDICT, first_of, judge_language, judge_personal_data, judge_robots

VERSION = 2


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What a document must pass, in this order: its address, robots hints, language, personal data, heuristics."""

    urls: Urls | None
    robots: tuple[str, ...]
    language: Language | None
    personal_data: tuple[str, ...]
    filters: Filters

    @staticmethod
    def of(config: Config) -> Criteria:
        return Criteria(
            urls=config.filters.urls,
            robots=config.filters.robots,
            language=config.language,
            personal_data=tuple(kind for kind, action in config.personal_data if action == "drop"),
            filters=config.filters,
        )

    def to_json(self) -> dict[str, Any]:
        """Decides the result, so the content of the lists of addresses is part of it."""
        return {
            "url_lists": self.urls and _lists(self.urls).digest,
            "language": self.language and self.language.model_dump(),
            "personal_data": self.personal_data,
            "filters": self.filters.model_dump(exclude={"urls"}),
        }


def run(job: Job, *, criteria: Criteria) -> None:
    """Write `drops` and, for every ingested document, its heuristic `quality`."""
    ingest = job.inputs["ingest"]
    over_shards(job, ingest.shards(), partial(filter_shard, folder=job.folder, ingest=ingest, criteria=criteria))


def filter_shard(shard: int, *, folder: StepFolder, ingest: StepFolder, criteria: Criteria) -> Commit:
    statistics = ingest.read("statistics", shard)
    addresses = ingest.read("documents", shard, ["url"])["url"] if criteria.urls else None
    drops = decide(statistics, addresses, criteria)
    quality = pa.array(heuristic_quality(statistics, criteria.filters))
    folder.write("quality", shard, pa.table({"doc_id": statistics["doc_id"], "quality": quality}))
    if drops.num_rows:
        folder.write("drops", shard, drops)
    return Commit(name=shard_name(shard), shards=(shard,), counts=funnel_counts(statistics, drops))


def decide(statistics: pa.Table, addresses: pa.ChunkedArray | None, criteria: Criteria) -> pa.Table:
    """The documents that are dropped (schema DROPS), each for the first criterion that it fails."""
    verdict = first_of(_verdicts(statistics, addresses, criteria))
    rows = pa.table({name: verdict[name] for name in VERDICT.names} | {"doc_id": statistics["doc_id"]})
    rows = rows.append_column("kept_doc_id", pa.nulls(statistics.num_rows, pa.uint64()))
    return rows.filter(pc.is_valid(rows["reason"])).select(DROPS.names).cast(DROPS)


def _verdicts(statistics: pa.Table, addresses: pa.ChunkedArray | None, criteria: Criteria) -> list[pa.Table]:
    verdicts = []
    if criteria.urls is not None and addresses is not None:
        verdicts.append(judge_urls(addresses.combine_chunks(), _lists(criteria.urls)))
    if criteria.robots:
        verdicts.append(judge_robots(statistics["robots"], criteria.robots))
    if criteria.language is not None:
        verdicts.append(judge_language(statistics, criteria.language))
    if criteria.personal_data:
        verdicts.append(judge_personal_data(statistics, criteria.personal_data))
    judged = judge(statistics, criteria.filters)
    return [*verdicts, judged.append_column("detail", pa.nulls(statistics.num_rows, pa.string()))]


@cache
def _lists(urls: Urls) -> UrlLists:
    """Read once in a process: a list of domains may have millions of lines."""
    return load_url_lists(
        domains=urls.domains,
        urls=urls.addresses,
        hard_words=urls.hard_words,
        soft_words=urls.soft_words,
        max_soft_words=urls.max_soft_words,
    )
