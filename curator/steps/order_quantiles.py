"""Quantiles of a sample by which documents have ranks: of all of them, or of each language where numbers of two do not compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.within_stage import quantile_edges, ranks_of
from curator.steps.quality_rule import language_rows

LANGUAGE_DOCUMENTS = 100
"""Of the sample, of a language that has quantiles of its own: the lowest third of 100 documents of one length is that of their
language within sqrt(2 / 9 / 100) = 5 points (standard error). To share is worse: of 47 languages 0 to 96 % were easy.
"""

Values = npt.NDArray[np.float32]
Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantiles:
    """`edges` (languages + 1, 1023) as `quantile_edges` has them: of each language, and last of all other documents together."""

    languages: npt.NDArray[np.str_]
    edges: Values

    def ranks(
        self, values: Values, hashed: npt.NDArray[np.uint64], language: pa.ChunkedArray
    ) -> npt.NDArray[np.float64]:
        """Where each value (n,) stands among the tokens of its language, or of all other documents: `ranks_of`."""
        groups = language_rows(language, self.languages)
        ranks = np.empty(len(values))
        for group in np.unique(groups):
            mine = groups == group
            ranks[mine] = ranks_of(values[mine], hashed[mine], self.edges[group])
        return ranks


def quantiles_of(values: Values, tokens: Tokens, language: pa.ChunkedArray | None = None) -> Quantiles:
    """Of a sample in the order of its keys: inside each `language` (string, null where unknown) of which LANGUAGE_DOCUMENTS or
    more have a value (are not NaN), and of all others together; where these have none, or without `language`, of all.
    """
    known = ~np.isnan(values)
    language = language if language is not None else pa.chunked_array([pa.nulls(len(values), pa.string())])
    languages = _frequent(language.filter(pa.array(known)))
    groups = language_rows(language, languages)
    members = [groups == group for group in (*range(len(languages)), -1)]
    if not known[members[-1]].any():
        members[-1] = known
    return Quantiles(
        languages=languages, edges=np.stack([quantile_edges(values[mine], tokens[mine]) for mine in members])
    )


def _frequent(language: pa.ChunkedArray) -> npt.NDArray[np.str_]:
    counts = pc.value_counts(language.drop_null()).to_pylist()
    return np.array(sorted(one["values"] for one in counts if one["counts"] >= LANGUAGE_DOCUMENTS), np.str_)
