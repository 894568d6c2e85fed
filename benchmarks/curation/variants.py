"""The variants of curation that are compared: each is the pool itself, a random part of it, or a run of `curator` by a YAML.

They build on each other, so that each says what one step adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Settings = Mapping[str, Any]

BASE: Settings = {
    "shards": {"text_bytes": 4_000_000, "unit_bytes": 2_000_000},
    "language": {"keep": ["en"], "min_probability": 0.65},  # FineWeb's; the held-out sets are English
    "embedding": {"model": "tfidf", "sample_documents": 10_000},
}
WITHOUT_BUDGETS: Settings = {"budgets": None}
FINEWEB: Settings = {
    "filters": {"profile": "datatrove"},
    # 14 bands of 8, every candidate pair is believed, and of what hangs together one document stays, whichever
    "near": {"permutations": 112, "bands": 14, "rows": 8, "threshold": 0.0, "groups": "components"},
}
QUALITY: Settings = {"quality": {"keep_share": 0.7}}
REBALANCE: Settings = {"rebalance": {"by": "theme", "method": "temperature", "temperature": 2.0, "max_passes": 4}}
KEEP = 0.5  # of the documents that pass filters, duplicates and quality: all three kinds of budgets keep as many


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A corpus to train on: by `settings` of a run, or without a run (`settings` None) all or a random part of the pool."""

    name: str
    what: str
    settings: Settings | None = None
    random: bool = False


def merged(*parts: Settings) -> dict[str, Any]:
    """One nested mapping; what comes later wins, key by key."""
    found: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            found[key] = merged(found.get(key) or {}, value) if isinstance(value, Mapping) else value
    return found


def budgets(**settings: Any) -> Settings:
    return {"budgets": {"keep_share": KEEP, **settings}}


UNIFORM = budgets(floor=1.0, share_ratio=1.0)
# At similarity 1 effective numbers are numbers of documents, so that parts are by size; semantic repeats then stay.
PROPORTIONAL = merged(budgets(floor=0.0, share_ratio=1.0), {"redundancy": {"similarity": 1.0}})
BY_EFFECTIVE = budgets(share_ratio=1.0)
BY_COMPLEXITY = budgets(share_ratio=3.0)
OTHER_FILLS = ("random", "quality", "density")

VARIANTS = (
    Variant(name="raw", what="the pool as it is"),
    Variant(name="random", what="a random part of the pool, of as many bytes as `full` keeps", random=True),
    Variant(
        name="fineweb",
        what="language, FineWeb's heuristics and MinHash",
        settings=merged(BASE, WITHOUT_BUDGETS, FINEWEB),
    ),
    Variant(
        name="dedup", what="language, our heuristics, exact and near duplicates", settings=merged(BASE, WITHOUT_BUDGETS)
    ),
    Variant(name="quality", what="dedup + quality", settings=merged(BASE, WITHOUT_BUDGETS, QUALITY)),
    Variant(
        name="proportional",
        what="quality + of each concept the same share",
        settings=merged(BASE, QUALITY, PROPORTIONAL),
    ),
    Variant(
        name="uniform",
        what="quality + semantic repeats + of each concept as many",
        settings=merged(BASE, QUALITY, UNIFORM),
    ),
    Variant(
        name="effective",
        what="quality + semantic repeats + budgets by effective numbers",
        settings=merged(BASE, QUALITY, BY_EFFECTIVE),
    ),
    Variant(
        name="complexity",
        what="quality + semantic repeats + budgets by effective numbers and complexity",
        settings=merged(BASE, QUALITY, BY_COMPLEXITY),
    ),
    *(
        Variant(
            name=f"complexity_{fill}",
            what=f"complexity, with quotas filled by {fill}",
            settings=merged(BASE, QUALITY, BY_COMPLEXITY, budgets(fill=fill)),
        )
        for fill in OTHER_FILLS
    ),
    Variant(
        name="rebalanced",
        what="complexity + themes rebalanced (temperature 2)",
        settings=merged(BASE, QUALITY, BY_COMPLEXITY, REBALANCE),
    ),
    Variant(
        name="full",
        what="rebalanced + repeated paragraphs cut + better documents more often",
        settings=merged(
            BASE, QUALITY, BY_COMPLEXITY, REBALANCE, {"lines": {}}, {"rebalance": {"quality": {"drop_share": 0.0}}}
        ),
    ),
)


def yaml_of(variant: Variant, pool: Path, out: Path) -> dict[str, Any]:
    """The whole YAML of a run of a variant, as a mapping, over the files of a pool (the folder of `write_pool`)."""
    assert variant.settings is not None, f"{variant.name} needs no run"
    places = {
        "input": {"sources": [{"path": str(pool / "pool" / "*.jsonl.zst"), "name": "web"}]},
        "output": {"path": str(out)},
    }
    return merged(places, variant.settings)
