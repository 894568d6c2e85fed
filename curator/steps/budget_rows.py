"""What the documents of a shard bring to the budgets of their concepts: amounts to decide by, and candidates for a quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.allowances import allowances
from curator.algorithms.density import TEXT_LETTERS
from curator.config.concepts import Budgets
from curator.steps.concept_files import COMPLEXITY
from curator.steps.duplicate_columns import sparse_values
from curator.steps.redundancy import SEMANTIC_GROUPS
from curator.steps.samples import mixed
from curator.steps.shuffle import PARTITION_BYTES
from curator.steps.step import Job
from curator.steps.survivors import Upstream, aligned, drops_table, quality_of
from curator.steps.tokens import estimated_tokens
from curator.store.step_folder import StepFolder
from curator.store.tables import read_parquet
from curator.text.buffers import first_characters

PARTS = "parts.parquet"
MEASURES = {"intra": "intra_distance", "inter": "inter_distance", "participation": "participation_ratio"}
"""The columns of `complexity.parquet` that are not named as the measure is in the YAML."""
COVERED_TOGETHER = 8_192
"""Documents of one traversal: its work grows with their square, 0.5 s on one core for 80 % of as many (128 dimensions)."""
PART_BITS = 32
KEY_BYTES, NUMBER_BYTES, TOKENS_BYTES = 20, 4, 8

Ids = npt.NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True)
class BudgetRows:
    """Reads what the steps before have found out. Travels to workers."""

    folder: StepFolder
    inputs: Mapping[str, StepFolder]
    upstream: Upstream
    budgets: Budgets
    measure: str
    dimensions: int

    @staticmethod
    def of(job: Job, budgets: Budgets, measure: str, dimensions: int) -> BudgetRows:
        return BudgetRows(
            folder=job.folder,
            inputs=job.inputs,
            upstream=Upstream.of(job.inputs),
            budgets=budgets,
            measure=MEASURES.get(measure, measure),
            dimensions=dimensions,
        )

    @property
    def unit(self) -> str:
        return "documents" if self.budgets.keep_tokens is None else "tokens"

    @property
    def row_bytes(self) -> int:
        """Bytes of a candidate."""
        fill = {"random": 0, "coverage": NUMBER_BYTES + 2 * self.dimensions, "density": TEXT_LETTERS}
        return KEY_BYTES + fill.get(self.budgets.fill, NUMBER_BYTES) + TOKENS_BYTES * (self.unit == "tokens")

    @cached_property
    def concepts(self) -> pa.Table:
        """All concepts: concept_id, documents, effective_documents, complexity, allowance (int32), parts (int64) it is cut into.

        A part holds about as many documents as a partition of an exchange. `complexity` is the measure in use.
        """
        columns = ["concept_id", "documents", "effective_documents"]
        rows = read_parquet(self.inputs["complexity"].folder, COMPLEXITY, [*columns, self.measure])
        complexity = rows[self.measure].to_numpy().astype(np.float64)
        most = PARTITION_BYTES // self.row_bytes
        most = min(most, COVERED_TOGETHER) if self.budgets.fill == "coverage" else most
        return pa.table(
            {
                **{name: rows[name] for name in columns},
                "complexity": complexity,
                "allowance": allowances(complexity, most=self.budgets.max_repeats),
                "parts": -(-rows["documents"].to_numpy() // most),
            }
        ).sort_by("concept_id")

    def eligible(self, shard: int) -> pa.Table:
        """The documents that their concepts' allowances let stay: key (concept << 32 | part), doc_id, place, tokens, distance.

        Members of a group are in one part, whichever documents lead it.
        """
        statistics = self.upstream.statistics(shard, ("doc_id", "bytes"))
        documents = statistics["doc_id"].to_numpy()
        assigned = aligned(self._assignments(shard), documents)
        groups, concepts = self._groups(shard), self.concepts
        row = _rows_of(assigned["concept_id"], concepts)
        place = sparse_values(groups, "place", documents, np.zeros(len(documents), np.int64))
        leader = sparse_values(groups, "group", documents, documents)
        part = mixed(leader, self.budgets.seed) % concepts["parts"].to_numpy().astype(np.uint64)[row]
        rows = pa.table(
            {
                "key": assigned["concept_id"].to_numpy().astype(np.uint64) << np.uint64(PART_BITS) | part,
                "doc_id": statistics["doc_id"],
                "place": place.astype(np.int32),
                "tokens": estimated_tokens(statistics),
                "distance": assigned["distance"],
            }
        )
        return rows.filter(pa.array(place < concepts["allowance"].to_numpy()[row]))

    def amounts(self, shard: int) -> pa.Table:
        """How many eligible documents, and tokens, each part of a concept (the key) has in a shard."""
        rows = self.eligible(shard)
        ones = pa.repeat(pa.scalar(1, pa.int64()), rows.num_rows)
        return added_up(pa.table({"key": rows["key"], "documents": ones, "tokens": rows["tokens"]}))

    def candidates(self, shard: int) -> pa.Table:
        """The eligible documents of parts that cannot keep them all, with what it takes to choose among them."""
        rows = self.eligible(shard)
        parts = read_parquet(self.folder.folder, PARTS, ["key"])["key"].to_numpy()
        rows = rows.filter(pa.array(np.isin(rows["key"].to_numpy(), parts)))
        columns = {name: rows[name] for name in ("key", "doc_id", "place")}
        if self.unit == "tokens":
            columns["tokens"] = rows["tokens"]
        if self.budgets.fill in ("farthest", "nearest", "coverage"):
            columns["distance"] = rows["distance"]
        if self.budgets.fill == "quality":
            columns["quality"] = quality_of(self.inputs, shard, rows["doc_id"])
        if self.budgets.fill == "coverage":
            embeddings = self.inputs["embed"].read("embeddings", shard)
            columns["embedding"] = aligned(embeddings, rows["doc_id"].to_numpy())["embedding"]
        if self.budgets.fill == "density":
            texts = aligned(self.upstream.documents(shard, ("doc_id", "text")), rows["doc_id"].to_numpy())["text"]
            columns["text"] = first_characters(texts, TEXT_LETTERS)
        return pa.table(columns)

    def repeats(self, shard: int) -> pa.Table:
        """DROPS of the members of semantic groups that are beyond the allowance of their concept; the value is the similarity."""
        groups, concepts = self._groups(shard), self.concepts
        concept = aligned(self._assignments(shard), groups["doc_id"].to_numpy())["concept_id"]
        allowance = concepts["allowance"].take(pa.array(_rows_of(concept, concepts)))
        place, template = pc.add(groups["place"], 1), "repeat {} of {} in concept {}, which may keep {}"
        drops = drops_table(
            groups["doc_id"].combine_chunks(),
            "semantic_duplicate",
            groups["similarity"].cast(pa.float64()).combine_chunks(),
            groups["group"].combine_chunks(),
            sentence(template, place, groups["size"], concept, allowance),
        )
        return drops.filter(pc.greater_equal(groups["place"], allowance))

    def _assignments(self, shard: int) -> pa.Table:
        return self.inputs["concepts"].read("assignments", shard)

    def _groups(self, shard: int) -> pa.Table:
        return self.inputs["redundancy"].sparse("groups", shard, SEMANTIC_GROUPS)


def _rows_of(concept: pa.ChunkedArray, concepts: pa.Table) -> npt.NDArray[np.int64]:
    """The row of each concept in a table sorted by concept_id."""
    row: npt.NDArray[np.int64] = np.searchsorted(concepts["concept_id"].to_numpy(), concept.to_numpy())
    return row


def added_up(rows: pa.Table) -> pa.Table:
    """The sums of the columns documents and tokens by key."""
    sums = rows.group_by("key", use_threads=False).aggregate([("documents", "sum"), ("tokens", "sum")])
    return sums.select(["key", "documents_sum", "tokens_sum"]).rename_columns(["key", "documents", "tokens"])


def sentence(template: str, *columns: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """The template with the values of columns for each {}, row by row."""
    first, *words = template.split("{}")
    pieces = [piece for column, word in zip(columns, words, strict=True) for piece in (column.cast(pa.string()), word)]
    return pc.binary_join_element_wise(first, *pieces, "")
