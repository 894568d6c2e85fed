"""The whole system in reading order: what each step is given, what decides its result, and which function does it.

    input shards
      | ingest       read, extract, clean, language, statistics, signatures   -> documents, statistics, signatures, origins
      | filter       addresses, language, personal data, heuristics           -> drops, quality
      | exact        content hashes meet by key                               -> drops
      | near         MinHash bands meet by key, pairs verified, in order      -> drops, groups
      | remember     where nights are remembered: what this one keeps        -> segments of the history
      | lines        paragraphs of many documents, where they are cut         -> drops, cuts
      | decontaminate  items of benchmarks, where some are named              -> drops, contamination.json
      | embed        survivors through the embedder's actors                  -> embeddings
      | concepts     spherical k-means                                        -> assignments
      | redundancy   semantic duplicates inside each concept                  -> drops
      | budgets      quotas by complexity                                     -> drops, concepts.parquet
      | curate       all drops applied at once                                -> curated, ledger
    curated Parquet + ledger

Every table is cut by document shard and keyed by doc_id. Text is read by `ingest`, `decontaminate`, `embed` and `curate`, and
never shuffled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from curator.config import Config
from curator.readers.registry import Registry, fingerprint
from curator.steps import (
    budgets,
    concepts,
    curate,
    decontaminate,
    duplicate_columns,
    embed,
    exact,
    filter,
    ingest,
    lines,
    near,
    redundancy,
    remember,
    write,
)
from curator.steps.ingest_settings import IngestSettings
from curator.steps.step import Step
from curator.store.history import History


def build_pipeline(config: Config, registry: Registry, history: History | None) -> tuple[Step, ...]:
    """The steps of a run in the order in which they are done."""
    units = units_digest(registry)
    settings, criteria = IngestSettings.of(config), filter.Criteria.of(config)
    ingested = Step(
        name="ingest",
        version=ingest.VERSION,
        settings=settings.to_json(),
        work=partial(ingest.run, units=registry.active_units, settings=settings),
        manifest=f"manifest-{units}.json",  # its folder grows with the input; every other folder is of one input
    )
    filtered = Step(
        name="filter",
        version=filter.VERSION,
        settings={"units": units, **criteria.to_json()},
        inputs=(ingested,),
        work=partial(filter.run, criteria=criteria),
    )
    survivors = without_duplicates(config, (ingested, filtered), {}, history)
    if config.decontamination is not None:
        unseen = Step(
            name="decontaminate",
            version=decontaminate.VERSION,
            settings=decontaminate.settings_of(config.decontamination),
            inputs=survivors,
            work=partial(decontaminate.run, decontamination=config.decontamination),
        )
        survivors = (*survivors, unseen)
    embedded = Step(
        name="embed",
        version=embed.VERSION,
        settings={
            **config.embedding.model_dump(exclude={"actors", "gpus_per_actor"}),
            "on_gpu": config.embedding.gpus_per_actor > 0,
        },
        inputs=survivors,
        work=partial(embed.run, embedding=config.embedding),
    )
    assigned = Step(
        name="concepts",
        version=concepts.VERSION,
        settings=config.concepts.model_dump(),
        inputs=(*survivors, embedded),
        work=partial(concepts.run, concepts=config.concepts, dimensions=config.embedding.dimensions),
    )
    spread = Step(
        name="redundancy",
        version=redundancy.VERSION,
        settings={"duplicate_similarity": config.budgets.duplicate_similarity},
        inputs=(*survivors, embedded, assigned),
        work=partial(redundancy.run, budgets=config.budgets, dimensions=config.embedding.dimensions),
    )
    budgeted = Step(
        name="budgets",
        version=budgets.VERSION,
        settings=config.budgets.model_dump(),
        inputs=(*survivors, assigned, spread),
        work=partial(budgets.run, budgets=config.budgets),
    )
    curated = Step(
        name="curate",
        version=curate.VERSION,
        settings=duplicate_columns.settings_of(config.duplicates),
        inputs=(*survivors, assigned, spread, budgeted),
        work=partial(curate.run, duplicates=config.duplicates),
    )
    return *survivors, embedded, assigned, spread, budgeted, curated


def build_dedup_pipeline(config: Config, registry: Registry, history: History | None) -> tuple[Step, ...]:
    """The steps of `curator dedup`: texts stay as they were read, and of each only what tells duplicates is measured."""
    units = units_digest(registry)
    settings = IngestSettings.for_dedup(config)
    ingested = Step(
        name="ingest",
        version=ingest.VERSION,
        settings=settings.to_json(),
        work=partial(ingest.run, units=registry.active_units, settings=settings),
        manifest=f"manifest-{units}.json",
    )
    survivors = without_duplicates(config, (ingested,), {"units": units}, history)
    written = Step(
        name="write",
        version=write.VERSION,
        settings=duplicate_columns.settings_of(config.duplicates),
        inputs=survivors,
        work=partial(write.run, duplicates=config.duplicates),
    )
    return *survivors, written


def without_duplicates(
    config: Config, given: tuple[Step, ...], settings: Mapping[str, Any], history: History | None
) -> tuple[Step, ...]:
    """The steps `given` and those that drop duplicates; `settings` are what decides beside them."""
    keeper = config.duplicates.model_dump(include={"keep", "source_priority"})
    policy = config.duplicates.model_dump(include={"documents_per_group", "soft_exponent"})
    past = {"history": history.state} if history is not None else {}
    unique = Step(
        name="exact",
        version=exact.VERSION,
        settings={**settings, **config.exact.model_dump(), **keeper, **past},
        inputs=given,
        work=partial(exact.run, exact=config.exact, duplicates=config.duplicates, history=history),
    )
    distinct = Step(
        name="near",
        version=near.VERSION,
        settings={**config.near.model_dump(), **keeper, **policy, **past},
        inputs=(*given, unique),
        work=partial(near.run, near=config.near, duplicates=config.duplicates, history=history),
    )
    steps = (*given, unique, distinct)
    if history is not None:
        remembered = Step(
            name="remember",
            version=remember.VERSION,
            settings={},
            inputs=steps,
            work=partial(remember.run, history=history, near=config.near, exact=config.exact),
        )
        steps = (*steps, remembered)
    if config.lines is not None:
        cut = Step(
            name="lines",
            version=lines.VERSION,
            settings=config.lines.model_dump() | keeper,
            inputs=steps,
            work=partial(lines.run, lines=config.lines, duplicates=config.duplicates),
        )
        steps = (*steps, cut)
    return steps


def units_digest(registry: Registry) -> str:
    """A hash of the input units in use: their numbers and contents."""
    content = [[number, fingerprint(unit)] for number, unit in registry.active_units.items()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]
