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
from curator.steps.captions import of_prose, of_unknown_language
from curator.steps.graph import over_shards
from curator.steps.step import Job
from curator.steps.survivors import funnel_counts, without
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS
from curator.text.heuristics import heuristic_quality, judge
from curator.text.url_lists import UrlLists, load_url_lists
from curator.text.urls import judge_urls
from curator.text.verdicts import VERDICT, first_of, judge_language, judge_personal_data, judge_robots

VERSION = 3


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What a document must pass, in this order: its address, robots hints, language, personal data, heuristics.

    `suspends`: what fails the heuristics alone is not dropped yet; the step `quality` decides.
    """

    urls: Urls | None
    robots: tuple[str, ...]
    language: Language | None
    personal_data: tuple[str, ...]
    filters: Filters
    suspends: bool = False

    @staticmethod
    def of(config: Config) -> Criteria:
        return Criteria(
            urls=config.filters.urls,
            robots=config.filters.robots,
            language=config.language,
            personal_data=tuple(kind for kind, action in config.personal_data if action == "drop"),
            filters=config.filters,
            suspends=config.quality is not None and config.quality.spared is not None,
        )

    def to_json(self) -> dict[str, Any]:
        """Decides the result, so the content of the lists of addresses is part of it."""
        return {
            "url_lists": self.urls and _lists(self.urls).digest,
            "language": self.language and self.language.model_dump(),
            "personal_data": self.personal_data,
            "filters": self.filters.model_dump(exclude={"urls"}),
            **({"suspends": True} if self.suspends else {}),
        }


def run(job: Job, *, criteria: Criteria) -> None:
    """Write `drops` and, for every ingested document, its heuristic `quality`; `suspended` (schema DROPS) where asked for."""
    ingest = job.inputs["ingest"]
    over_shards(job, ingest.shards(), partial(filter_shard, folder=job.folder, ingest=ingest, criteria=criteria))


def filter_shard(shard: int, *, folder: StepFolder, ingest: StepFolder, criteria: Criteria) -> Commit:
    statistics = ingest.read("statistics", shard)
    addresses = ingest.read("documents", shard, ["url"])["url"] if criteria.urls else None
    drops, suspended = decide(statistics, addresses, criteria)
    quality = pa.array(heuristic_quality(statistics, criteria.filters))
    folder.write("quality", shard, pa.table({"doc_id": statistics["doc_id"], "quality": quality}))
    for name, rows in (("drops", drops), ("suspended", suspended)):
        if rows.num_rows:
            folder.write(name, shard, rows)
    return Commit(name=shard_name(shard), shards=(shard,), counts=funnel_counts(statistics, drops))


def decide(statistics: pa.Table, addresses: pa.ChunkedArray | None, criteria: Criteria) -> tuple[pa.Table, pa.Table]:
    """The documents that are dropped and those that are suspended (schema DROPS), each for the first criterion that it fails."""
    strict = _strict_verdicts(statistics, addresses, criteria)
    heuristics = of_prose(judge(statistics, criteria.filters), statistics["is_caption"])
    heuristics = heuristics.append_column("detail", pa.nulls(statistics.num_rows, pa.string()))
    if not criteria.suspends:
        return _failed(statistics, [*strict, heuristics]), DROPS.empty_table()
    drops = _failed(statistics, strict) if strict else DROPS.empty_table()
    return drops, without(_failed(statistics, [heuristics]), drops["doc_id"].to_numpy())


def _failed(statistics: pa.Table, verdicts: list[pa.Table]) -> pa.Table:
    """DROPS of the documents that fail one of the criteria."""
    verdict = first_of(verdicts)
    rows = pa.table({name: verdict[name] for name in VERDICT.names} | {"doc_id": statistics["doc_id"]})
    rows = rows.append_column("kept_doc_id", pa.nulls(statistics.num_rows, pa.uint64()))
    return rows.filter(pc.is_valid(rows["reason"])).select(DROPS.names).cast(DROPS)


def _strict_verdicts(statistics: pa.Table, addresses: pa.ChunkedArray | None, criteria: Criteria) -> list[pa.Table]:
    """Those that no quality makes up for."""
    verdicts = []
    if criteria.urls is not None and addresses is not None:
        verdicts.append(judge_urls(addresses.combine_chunks(), _lists(criteria.urls)))
    if criteria.robots:
        verdicts.append(judge_robots(statistics["robots"], criteria.robots))
    if criteria.language is not None:
        unknown = of_unknown_language(statistics, criteria.language)
        verdicts.append(of_prose(judge_language(statistics, criteria.language), unknown))
    if criteria.personal_data:
        verdicts.append(judge_personal_data(statistics, criteria.personal_data))
    return verdicts


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
