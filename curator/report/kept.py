"""Why a document stays: its concept and what that was granted, its semantic group, and how often it is to be read."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from curator.steps.concept_files import CONCEPTS, MIXTURE
from curator.steps.rebalance_groups import UNKNOWN
from curator.store.files import Folder
from curator.store.tables import read_parquet

Row = dict[str, Any]
COLUMNS = [
    "doc_id",
    "source",
    "language",
    "concept_id",
    "theme_id",
    "semantic_group",
    "semantic_duplicates",
    "duplicates",
    "copies",
]
SHOWN_TERMS = 5


def why_kept(output: Folder, row: Row, config: Row) -> str:
    """One sentence on a row (COLUMNS) of a curated shard; `config` is that of `run.json`."""
    concept = _row_where(output, CONCEPTS, "concept_id", row["concept_id"])
    parts = [_concept(concept, config), _group(row, concept["allowance"]), _copies(output, row, config)]
    return "kept: " + "; ".join(part for part in parts if part)


def _concept(concept: Row, config: Row) -> str:
    terms = ", ".join(concept["terms"][:SHOWN_TERMS])
    in_tokens = config["budgets"]["keep_tokens"] is not None
    kept, unit = (concept["kept_tokens"], " tokens") if in_tokens else (concept["kept"], "")
    granted = f"{concept['documents']:,} documents, {kept:,}{unit} kept of quota {concept['quota']:,}"
    return f"concept {concept['concept_id']} ({'; '.join(filter(None, [terms, granted]))})"


def _group(row: Row, allowance: int) -> str:
    size = row["semantic_duplicates"]
    if size == 1:
        return "alone in its semantic group"
    stay = f"{size:,} documents, of which up to {allowance:,} may stay"
    if row["semantic_group"] == row["doc_id"]:
        return f"leads its semantic group ({stay})"
    return f"in the semantic group of document {row['semantic_group']} ({stay})"


def _copies(output: Folder, row: Row, config: Row) -> str:
    """How many copies and why; nothing where one copy is what every document gets."""
    copies = f"{row['copies']:,} {'copy' if row['copies'] == 1 else 'copies'}"
    if config["rebalance"] is None:
        return f"{copies}: it stands for {row['duplicates']:,} duplicates" if row["copies"] > 1 else ""
    by = config["rebalance"]["by"]
    value = row[f"{by}_id"] if by in ("concept", "theme") else row[by]
    name = UNKNOWN if value is None else str(value)
    passes = _row_where(output, MIXTURE, "name", name)["passes"]
    return f"{copies}: {by} {name} is passed {passes:.2f} times"


def _row_where(output: Folder, table: str, column: str, value: object) -> Row:
    rows = read_parquet(output, table)
    (found,) = rows.filter(pc.equal(rows[column], value)).to_pylist()
    return dict(found)
