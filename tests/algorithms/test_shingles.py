"""Exact similarities against sets of plain Python."""

from __future__ import annotations

from itertools import pairwise

import numba
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.shingles import containment_of_sorted, jaccard_of_sorted, shingle_hashes
from curator.text.folded_words import BLOCK, hash_words

TEXTS = st.lists(st.none() | st.text(st.sampled_from("abAB é中文.'กข"), max_size=30), max_size=6)


@numba.njit
def compare(hashes, starts, found):
    for left in range(starts.size - 1):
        for right in range(starts.size - 1):
            found[0, left, right] = jaccard_of_sorted(hashes, starts, left, right)
            found[1, left, right] = containment_of_sorted(hashes, starts, left, right)


def shingle_set(text, shingle_words):
    words = hash_words(pa.array([text], pa.string()))[0].tolist()
    return {tuple(words[first : first + shingle_words]) for first in range(len(words) - shingle_words + 1)}


@settings(deadline=None, max_examples=60)
@given(texts=TEXTS, shingle_words=st.integers(1, 3))
def test_jaccard_and_containment_equal_those_of_python_sets(texts, shingle_words):
    hashes, starts = shingle_hashes(pa.array(texts, pa.string()), shingle_words=shingle_words)
    sets = [shingle_set(text, shingle_words) for text in texts]
    assert starts.tolist() == np.cumsum([0, *map(len, sets)]).tolist()
    found = np.empty((2, len(texts), len(texts)), np.float32)
    compare(hashes, starts, found)
    for left, one in enumerate(sets):
        for right, other in enumerate(sets):
            assert found[0, left, right] == pytest.approx(len(one & other) / max(len(one | other), 1))
            assert found[1, left, right] == pytest.approx(len(one & other) / max(min(len(one), len(other)), 1))


@settings(deadline=None, max_examples=50)
@given(texts=TEXTS, cut=st.integers(0, 6))
def test_hashes_are_sorted_and_distinct_and_the_same_in_chunks_and_slices(texts, cut):
    array = pa.array(texts, pa.string())
    hashes, starts = shingle_hashes(array, shingle_words=2)
    for first, last in pairwise(starts):
        assert (np.diff(hashes[first:last].astype(object)) > 0).all()
    for variant in (pa.chunked_array([array[:cut], array[cut:]]), pa.concat_arrays([pa.array(["x y z"]), array])[1:]):
        found = shingle_hashes(variant, shingle_words=2)
        assert (found[0] == hashes).all()
        assert (found[1] == starts).all()


def test_a_document_longer_than_a_block_of_words_has_all_its_shingles():
    texts = [" ".join(f"w{number}" for number in range(words)) for words in (BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK)]
    _, starts = shingle_hashes(pa.array(texts), shingle_words=5)
    assert np.diff(starts).tolist() == [BLOCK - 5, BLOCK - 4, BLOCK - 3, 3 * BLOCK - 4]


@pytest.mark.parametrize("text", ["a " * 1_000_000, "a" * 1_000_000, "\n" * 1_000_000, "", "中" * 300_000])
def test_monotonous_texts_have_at_most_one_shingle(text):
    hashes, starts = shingle_hashes(pa.array([text, None]), shingle_words=5)
    assert len(hashes) == starts[1] == starts[2] == (text[:2] == "a " or text[:1] == "中")


def test_no_documents_have_no_shingles():
    hashes, starts = shingle_hashes(pa.chunked_array([], pa.string()), shingle_words=5)
    assert (hashes.shape, starts.tolist()) == ((0,), [0])
