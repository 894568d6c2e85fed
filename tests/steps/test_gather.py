"""A sample of documents: which rows belong to it, and what of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.steps.gather import Sample
from curator.steps.samples import sampled

IDS = np.arange(1_000, dtype=np.uint64) * 7
TEXTS = pa.array([None, *("☕ and yeast" for _ in IDS[1:])], pa.large_string())


@settings(deadline=None)  # the first call of Arrow loads more of it
@given(st.integers(1, 1_200), st.integers(0, 9))
def test_the_rows_of_a_sample_are_those_whose_documents_are_drawn(wanted: int, seed: int) -> None:
    rows = Sample(wanted=wanted, of=1_000, seed=seed).rows(pa.table({"doc_id": IDS, "place": np.arange(1_000)}))
    expected = sampled(IDS, wanted=wanted, of=1_000, seed=seed)
    assert rows.to_pydict() == {"key": IDS[expected].tolist(), "place": np.flatnonzero(expected).tolist()}
    assert rows.num_rows == 1_000 or wanted < 1_000


def test_of_sampled_texts_the_first_characters_are_taken() -> None:
    rows = Sample(wanted=1_000, of=1_000, seed=1).beginnings(pa.table({"text": TEXTS, "doc_id": IDS}), 5)
    assert rows.column_names == ["key", "text"]
    assert rows["text"].to_pylist() == [None, *["☕ and"] * 999]


def test_a_shard_without_sampled_documents_gives_no_rows() -> None:
    rows = Sample(wanted=1, of=1 << 60, seed=1).beginnings(pa.table({"doc_id": IDS, "text": TEXTS}), 5)
    assert rows.schema == pa.schema([("key", pa.uint64()), ("text", pa.large_string())])
    assert rows.num_rows == 0
