"""How scores are judged: cut points of the ranks for each language, and which ranks stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.quality_ranks import RANKS, combined, cut_points, keep_probabilities, ranked
from curator.config.quality import Combine, Quality
from curator.models.quality_scorers import score_names
from curator.store.arrays import from_npz, to_npz

Scores = npt.NDArray[np.float32]
Ranks = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How scores are judged: for each language, and last for all others, the cut points of each model (models, rows, 19) and of
    the combined value (rows, 19), and the probability with which a document of each rank stays (rows, 20).
    """

    languages: npt.NDArray[np.str_]
    cuts: Scores
    combined_cuts: Scores
    stay: npt.NDArray[np.float64]

    def judged(
        self, scores: pa.Table, language: pa.ChunkedArray, how: Combine
    ) -> tuple[Scores, Ranks, npt.NDArray[np.float64]]:
        """Quality (0 to 1), rank, and the probability to stay, of each row (n,)."""
        groups = language_rows(language, self.languages)
        value = combined_value(scores, groups, self.cuts, how)
        ranks = ranked(value, groups, self.combined_cuts)
        return (value / np.float32(RANKS)).astype(np.float32), ranks, self.stay[groups, ranks]

    def to_bytes(self) -> bytes:
        return to_npz(**vars(self))

    @staticmethod
    def from_bytes(content: bytes) -> Rule:
        return Rule(**from_npz(content))


def rule_of(rows: pa.Table, quality: Quality) -> Rule:
    """The rule from a sample of scores (columns of `Work.sampled`, in the order of their keys)."""
    tally = rows["language"].value_counts().to_pylist()
    enough = [
        one["values"] for one in tally if one["counts"] >= quality.language_documents and one["values"] is not None
    ]
    languages = np.array(sorted(enough), np.str_)
    groups, count, least = language_rows(rows["language"], languages), len(languages), quality.language_documents
    cuts = np.stack([cut_points(rows[name].to_numpy(), groups, count, least) for name in score_names(quality)])
    value = combined_value(rows, groups, cuts, quality.combine)
    combined_cuts = cut_points(value, groups, count, least)
    ranks = ranked(value, groups, combined_cuts)
    sizes = [np.bincount(ranks[groups == group], minlength=RANKS) for group in (*range(count), -1)]
    stay = [keep_probabilities(size, quality.keep_share, quality.temperature) for size in sizes]
    return Rule(languages=languages, cuts=cuts, combined_cuts=combined_cuts, stay=np.array(stay))


def combined_value(scores: pa.Table, groups: npt.NDArray[np.int32], cuts: Scores, how: Combine) -> Scores:
    """The combined ranks of all models (n,); of the columns that are float32 each is a model's."""
    columns = [name for name in scores.column_names if pa.types.is_float32(scores[name].type)]
    ranks = [ranked(scores[name].to_numpy(), groups, cuts[model]) for model, name in enumerate(columns)]
    return combined(np.stack(ranks, axis=1), how)


def language_rows(language: pa.ChunkedArray, languages: npt.NDArray[np.str_]) -> npt.NDArray[np.int32]:
    """The place of each language among `languages` (n,); -1, the last row of the rule, for all others."""
    places = pc.index_in(language.combine_chunks(), pa.array(languages.tolist(), pa.string()))
    return np.asarray(pc.fill_null(places, -1).to_numpy(zero_copy_only=False), dtype=np.int32)
