"""What the step `complexity` finds in the sample of a concept: measures of its embeddings and texts, common terms, examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from curator.algorithms.complexity import COMPRESSED_LETTERS, bits_per_letter, participation_ratio, vocabulary_growth
from curator.algorithms.effective import effective_documents
from curator.algorithms.keepers import runs
from curator.models.vectors import unit_rows
from curator.steps.samples import mixed
from curator.store.vectors import to_matrix
from curator.text.buffers import one_array
from curator.text.concept_terms import common_terms
from curator.text.folded_words import hash_words

COMMON_TERMS = 300  # of a concept, among which are its typical ones: 7 MB for 1,000 concepts
EXAMPLES = 3
MEASURES = pa.schema(
    [
        ("key", pa.uint64()),
        ("effective_documents", pa.float64()),
        ("participation_ratio", pa.float64()),
        ("bits_per_letter", pa.float64()),
        ("vocabulary_growth", pa.float64()),
        ("terms", pa.list_(pa.string())),
        ("counts", pa.list_(pa.int64())),
        ("examples", pa.list_(pa.uint64())),
    ]
)
"""One row for each concept (the key): measures, its common terms with the number of texts that have each, and doc_ids."""


def concept_measures(rows: pa.Table, *, similarity: float, seed: int) -> pa.Table:
    """MEASURES of the concepts in `rows` (key, doc_id, distinct, distance, embedding, text), each in the order of hashed doc_ids.

    `distinct` is the number of distinct documents of the concept, `similarity` the cosine from which two are not distinct.
    """
    order = np.lexsort((mixed(rows["doc_id"].to_numpy(), seed), rows["key"].to_numpy()))
    rows = rows.take(pa.array(order))
    with threadpool_limits(1):
        found = [
            _of_one(rows.slice(members.start, members.stop - members.start), similarity)
            for members in runs(rows["key"].to_numpy())
        ]
    return pa.Table.from_pylist(found, schema=MEASURES)


def _of_one(rows: pa.Table, similarity: float) -> dict[str, Any]:
    texts, embeddings = one_array(rows["text"]), unit_rows(to_matrix(rows["embedding"]))
    distinct = int(rows["distinct"][0].as_py())
    words, _, _ = hash_words(texts)
    terms, counts = common_terms(texts, most=COMMON_TERMS)
    nearest = np.lexsort((rows["doc_id"].to_numpy(), rows["distance"].to_numpy()))[:EXAMPLES]
    return {
        "key": rows["key"][0].as_py(),
        "effective_documents": effective_documents(embeddings, documents=distinct, similarity=similarity),
        "participation_ratio": participation_ratio(embeddings),
        "bits_per_letter": bits_per_letter(_beginning(texts)),
        "vocabulary_growth": vocabulary_growth(words),
        "terms": terms,
        "counts": counts,
        "examples": rows["doc_id"].to_numpy()[nearest].tolist(),
    }


def _beginning(texts: pa.Array) -> str:
    """As many of the texts, one after another, as are compressed."""
    found, letters = [], 0
    for text in texts:
        if letters >= COMPRESSED_LETTERS:
            break
        found.append(text.as_py())
        letters += len(found[-1])
    return "".join(found)
