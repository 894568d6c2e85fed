"""The whole system in reading order: what each step is given, what decides its result, and which function does it.

    input shards
      | ingest       read, extract, clean, language, statistics, signatures   -> documents, statistics, signatures, origins
      | filter       addresses, language, personal data, heuristics           -> drops, quality
      | scores       models of quality, where they are asked for              -> scores
      | quality      their ranks inside each language                         -> drops, quality
      | exact        content hashes meet by key                               -> drops
      | near         MinHash bands meet by key, pairs verified, in order      -> drops, groups
      | remember     where nights are remembered: what this one keeps         -> segments of the history
      | lines        paragraphs of many documents, where they are cut         -> drops, cuts
      | decontaminate  items of benchmarks, where some are named              -> drops, contamination.json
      | embed        survivors through the embedder's actors                  -> embeddings
      | cells        spherical k-means, so that repeats meet                  -> assignments
      | redundancy   semantic duplicates inside each cell                     -> groups
      | concepts     k-means again, without the repeats; themes over it       -> assignments
      | complexity   how varied each concept is, and its name                 -> complexity.parquet
      | budgets      quotas and allowances of repeats by complexity           -> drops, quotas.parquet
      | rebalance    how often each document is repeated                      -> drops, copies, concepts.parquet
      | curate       all drops applied at once                                -> curated, ledger
      | assign       which documents are rephrased, and by which strategies  -> assigned, plan.json
      | rephrase     requests that no cache knows go to the engine           -> answers
      | verify       what came back is parsed, and held against its source   -> synthetic, rejected, synthetic.json
      | near_rewrites  no near duplicates of the corpus, or of each other  -> rejected
      | blend        as much of it as may go in, beside the curated          -> curated
      | tokenize     where tokens are asked for                               -> tokens, lengths, tokenizer.json
      | order        where a training order is asked for: every copy's place  -> order, cuts.npy, order.json
      | arrange      content moved into that order, tokens packed             -> curated
    curated Parquet + ledger

Every table is cut by document shard and keyed by doc_id. Text is read by `ingest`, `scores`, `decontaminate`, `embed`, `complexity`
(a sample) and `curate`, and moved between shards by `arrange` only, through files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import Any

from curator.config import Config
from curator.config.concepts import Budgets
from curator.config.rephrase import Rephrase
from curator.config.sequence import Sequence
from curator.models.embedder import embedding_width
from curator.readers.registry import Registry, fingerprint
from curator.steps import (
    arrange,
    assign,
    blend,
    budgets,
    cells,
    complexity,
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
    near_rewrites,
    order,
    quality,
    rebalance,
    redundancy,
    remember,
    rephrase,
    scores,
    tokenize,
    verify,
    write,
)
from curator.steps.ingest_settings import IngestSettings
from curator.steps.step import Step
from curator.steps.verify_standards import Standards
from curator.store.history import History
from curator.text.token_estimate import BYTES_PER_TOKEN

Steps = tuple[Step, ...]


def build_pipeline(config: Config, registry: Registry, history: History | None) -> Steps:
    """The steps of a run in the order in which they are done."""
    criteria = filter.Criteria.of(config)
    steps = ingested(registry, IngestSettings.of(config))
    steps = then(steps, filter, {"units": units_digest(registry), **criteria.to_json()}, criteria=criteria)
    if config.quality is not None:
        steps = then(steps, scores, scores.settings_of(config.quality), quality=config.quality)
        steps = then(steps, quality, quality.settings_of(config.quality), quality=config.quality)
    steps = without_duplicates(config, steps, {}, history)
    if config.decontamination is not None:
        settings = decontaminate.settings_of(config.decontamination)
        steps = then(steps, decontaminate, settings, decontamination=config.decontamination)
    if config.budgets is not None:
        steps = with_budgets(config, config.budgets, steps)
    steps = ending(config, steps, curate)
    if config.rephrase is not None:
        steps = with_synthetic(config, config.rephrase, steps)
    if config.sequence is None and config.output.format == "text":
        return steps
    return in_order(config, config.sequence or Sequence(), steps)


def in_order(config: Config, sequence: Sequence, steps: Steps) -> Steps:
    """`steps` and those that put what they have curated in training order."""
    packing = config.packing if config.output.format == "tokens" else None
    if packing is not None:
        steps = then(steps, tokenize, tokenize.settings_of(config.tokenizer), tokenizer=config.tokenizer)
    shard_tokens = max(1, config.shards.text_bytes // BYTES_PER_TOKEN)
    width = embedding_width(config.embedding) if sequence.order == "chain" else 0
    decides = {**sequence.model_dump(mode="json"), "shard_tokens": shard_tokens}
    steps = then(steps, order, decides, sequence=sequence, shard_tokens=shard_tokens, dimensions=width)
    return then(steps, arrange, {"packing": packing and packing.model_dump()}, packing=packing)


def with_synthetic(config: Config, asked: Rephrase, steps: Steps) -> Steps:
    """`steps` and those that rephrase some of what is curated, check it, and mix it in."""
    steps = then(steps, assign, assign.settings_of(asked), rephrase=asked)
    steps = then(steps, rephrase, rephrase.settings_of(asked), rephrase=asked)
    standards = Standards.of(config, asked)
    steps = then(steps, verify, standards.settings(), standards=standards)
    if asked.checks.near_duplicates:
        decides = config.near.model_dump() | keeper_rule(config)
        steps = then(steps, near_rewrites, decides, near=config.near, duplicates=config.duplicates)
    return then(steps, blend, blend.settings_of(asked), rephrase=asked)


def build_dedup_pipeline(config: Config, registry: Registry, history: History | None) -> Steps:
    """The steps of `curator dedup`: texts stay as they were read, and of each only what tells duplicates is measured."""
    steps = ingested(registry, IngestSettings.for_dedup(config))
    steps = without_duplicates(config, steps, {"units": units_digest(registry)}, history)
    return ending(config, steps, write)


def ending(config: Config, steps: Steps, module: ModuleType) -> Steps:
    """`steps` and that which writes what they leave, and the ledger."""
    media = {"media": True} if config.input.medium_field is not None else {}
    decides = {**duplicate_columns.settings_of(config.duplicates), **media}
    return then(steps, module, decides, duplicates=config.duplicates, media=bool(media))


def without_duplicates(config: Config, steps: Steps, settings: Mapping[str, Any], history: History | None) -> Steps:
    """`steps` and those that drop duplicates; `settings` are what decides beside them."""
    duplicates, keeper = config.duplicates, keeper_rule(config)
    policy = duplicates.model_dump(include={"documents_per_group", "soft_exponent"})
    past = {"history": history.state} if history is not None else {}
    decides = {**settings, **config.exact.model_dump(), **keeper, **past}
    steps = then(steps, exact, decides, exact=config.exact, duplicates=duplicates, history=history)
    decides = {**config.near.model_dump(), **keeper, **policy, **past}
    steps = then(steps, near, decides, near=config.near, duplicates=duplicates, history=history)
    if history is not None:
        steps = then(steps, remember, {}, history=history, near=config.near, exact=config.exact)
    if config.lines is not None:
        decides = config.lines.model_dump() | keeper
        steps = then(steps, lines, decides, lines=config.lines, duplicates=duplicates)
    return steps


def with_budgets(config: Config, granted: Budgets, steps: Steps) -> Steps:
    """`steps` and those that find concepts, and decide what stays of each and how often it is repeated."""
    duplicates, found, measured = config.duplicates, config.concepts, config.complexity
    width = embedding_width(config.embedding)
    steps = then(steps, embed, embed.settings_of(config.embedding), embedding=config.embedding)
    clustering = found.model_dump(exclude={"terms"})
    steps = then(steps, cells, clustering, concepts=found, dimensions=width)
    decides = config.redundancy.model_dump() | keeper_rule(config)
    steps = then(steps, redundancy, decides, redundancy=config.redundancy, duplicates=duplicates, dimensions=width)
    steps = then(steps, concepts, clustering, concepts=found, dimensions=width)
    decides = measured.model_dump(exclude={"measure"}) | {"terms": found.terms}
    steps = then(
        steps,
        complexity,
        decides,
        complexity=measured,
        redundancy=config.redundancy,
        terms=found.terms,
        dimensions=width,
    )
    decides = granted.model_dump() | {"measure": measured.measure}
    steps = then(steps, budgets, decides, budgets=granted, measure=measured.measure, dimensions=width)
    decides = {
        "rebalance": config.rebalance and config.rebalance.model_dump(),
        **duplicate_columns.settings_of(duplicates),
    }
    return then(steps, rebalance, decides, rebalance=config.rebalance, duplicates=duplicates)


def ingested(registry: Registry, settings: IngestSettings) -> Steps:
    """The first step, whose folder grows with the input; every other folder is of one input."""
    step = Step(
        name="ingest",
        version=ingest.VERSION,
        settings=settings.to_json(),
        work=partial(ingest.run, units=registry.active_units, settings=settings),
        manifest=f"manifest-{units_digest(registry)}.json",
    )
    return (step,)


def then(steps: Steps, module: ModuleType, settings: Mapping[str, Any], **arguments: Any) -> Steps:
    """`steps` and after them that of a module of `curator.steps`: its `run`, given all of them and `arguments`.

    `settings` are those of the arguments that decide the result.
    """
    name, run = module.__name__.rpartition(".")[2], partial(module.run, **arguments)
    return (*steps, Step(name=name, version=module.VERSION, settings=settings, inputs=steps, work=run))


def keeper_rule(config: Config) -> dict[str, Any]:
    """The settings that decide which document of a group leads it."""
    return config.duplicates.model_dump(include={"keep", "source_priority"})


def units_digest(registry: Registry) -> str:
    """A hash of the input units in use: their numbers and contents."""
    content = [[number, fingerprint(unit)] for number, unit in registry.active_units.items()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]
