"""What a set of removed documents is worth against the exact pairs of the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from .corpus import KINDS, RATES, Corpus
from .oracle import Pairs, ShingleSets, jaccard_of, shingle_sets, similar_pairs

LEAST = 0.5  # pairs below it are not looked for

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The documents of a corpus in order of their ids, their shingle sets, and all pairs of J >= 0.5."""

    ids: list[str]
    sets: ShingleSets
    pairs: Pairs

    def places(self, ids: Iterable[str]) -> npt.NDArray[np.int64]:
        place = {name: number for number, name in enumerate(self.ids)}
        return np.array([place[name] for name in ids], np.int64)

    def flags(self, ids: Iterable[str]) -> Flags:
        flags = np.zeros(len(self.ids), np.bool_)
        flags[self.places(ids)] = True
        return flags


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The planted copies of one kind and rate: how many, their mean exact J with their base, and the share found."""

    kind: str
    rate: float
    copies: int
    jaccard: float
    found: float


def truth_of(corpus: Corpus) -> Truth:
    """The exact join of a corpus."""
    parts = [shingle_sets(pq.read_table(file, columns=["text"])["text"].to_pylist()) for file in corpus.files]
    sets = ShingleSets.joined(parts)
    return Truth(ids=corpus.ids(), sets=sets, pairs=similar_pairs(sets, LEAST))


def truth_of_texts(ids: list[str], texts: list[str]) -> Truth:
    """The exact join of a few texts."""
    sets = shingle_sets(texts)
    return Truth(ids=ids, sets=sets, pairs=similar_pairs(sets, LEAST))


def within_groups(truth: Truth, planted: pa.Table) -> Pairs:
    """The pairs of a base document and its copies: natural clusters of real text (one page under a hundred questions) have
    most pairs, and the easiest."""
    group = np.arange(len(truth.ids))
    group[truth.places(planted["id"].to_pylist())] = truth.places(planted["group"].to_pylist())
    pairs = truth.pairs
    same = group[pairs.left] == group[pairs.right]
    return Pairs(left=pairs.left[same], right=pairs.right[same], jaccard=pairs.jaccard[same])


def recall(pairs: Pairs, removed: Flags, bound: float) -> float:
    """The share of the pairs of J >= bound of which at least one document was removed."""
    near = pairs.above(bound)
    return float(np.mean(removed[near.left] | removed[near.right])) if len(near.left) else 1.0


def precision(pairs: Pairs, removed: Flags, bound: float) -> float:
    """The share of the removed documents that have a neighbour of J >= bound anywhere in the corpus."""
    near = pairs.above(bound)
    has_neighbour = np.zeros(len(removed), np.bool_)
    has_neighbour[near.left] = has_neighbour[near.right] = True
    return float(has_neighbour[removed].mean()) if removed.any() else 1.0


def precision_of_named(truth: Truth, kept_for: Mapping[str, str], bound: float) -> float:
    """The share of the removed documents whose J with the kept document that is named for them is at least bound."""
    similarity = jaccard_of(truth.sets, truth.places(kept_for.keys()), truth.places(kept_for.values()))
    return float(np.mean(similarity >= bound)) if len(similarity) else 1.0


def by_edit(truth: Truth, planted: pa.Table, removed: Flags) -> list[Cell]:
    """For every kind and rate of editing, how many copies were found: the copy or its base was removed."""
    copy, base = truth.places(planted["id"].to_pylist()), truth.places(planted["group"].to_pylist())
    similarity = jaccard_of(truth.sets, copy, base)
    found = removed[copy] | removed[base]
    kinds, rates = np.array(planted["kind"].to_pylist()), planted["rate"].to_numpy()
    cells = []
    for kind in KINDS:
        for rate in RATES:
            here = (kinds == kind) & (rates == rate)
            if here.any():
                mean, share = float(similarity[here].mean()), float(found[here].mean())
                cells.append(Cell(kind=kind, rate=rate, copies=int(here.sum()), jaccard=mean, found=share))
    return cells


def edit_table(cells: Mapping[str, list[Cell]]) -> str:
    """The cells of several tools as a Markdown table: one row for each kind and rate, one column for each tool."""
    tools = list(cells)
    lines = [f"| edit | rate | copies | mean J | {' | '.join(tools)} |", "|" + " --- |" * (4 + len(tools))]
    for row in zip(*cells.values(), strict=True):
        shares = " | ".join(f"{cell.found:.1%}" for cell in row)
        first = row[0]
        lines.append(f"| {first.kind} | {first.rate:.0%} | {first.copies:,} | {first.jaccard:.3f} | {shares} |")
    return "\n".join(lines)
