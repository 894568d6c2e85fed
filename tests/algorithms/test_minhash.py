"""Signatures against a plain Python reference, datasketch and the theory of banding and b-bit hashing."""

from __future__ import annotations

import re

import datasketch
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.minhash import (
    SCHEME,
    band_keys,
    candidate_probability,
    estimated_jaccard,
    signatures,
    sketch,
)

WORD = re.compile("[0-9A-Za-z\u0080-\u009f\u00a1-\u167f\u1681-\u1fff\u2070-\u2fff\u3040-\ufeff\uff10-\U0010ffff]+")
SEPARATORS = "\u00a0\u1680\u2000\u2019\u206f\u3000\u303f\uff00\uff0f .,-_\n"
NEIGHBOURS = "\u009f\u00a1\u00e9\u167f\u1681\u1fff\u2070\u2fff\u3040\ufeff\uff10\U0001f600aZ09"
ALL_64 = (1 << 64) - 1


def sign(documents, shingle_words=5, permutations=112, seed=1, type_=None):
    return signatures(
        pa.array(documents, type_ or pa.string()), shingle_words=shingle_words, permutations=permutations, seed=seed
    )


def mix(value):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & ALL_64
    value = (value ^ value >> 27) * 0x94D049BB133111EB & ALL_64
    return value ^ value >> 31


def reference_words(text):
    hashes = []
    for word in WORD.findall(text):
        value = 0
        for byte in word.encode():
            value = (value ^ (byte | 0x20 if 0x41 <= byte <= 0x5A else byte)) * 0x100000001B3 & ALL_64
        hashes.append(mix(value))
    return hashes


def reference_signature(text, shingle_words, permutations, seed):
    words, shingles = reference_words(text), []
    for start in range(len(words) - shingle_words + 1):
        value = 0
        for word in words[start : start + shingle_words]:
            value = (value * 0x9E3779B97F4A7C15 + word) & ALL_64
        shingles.append(mix(value) >> 32)
    if not shingles:
        return [0] * permutations
    raw = [int(value) for value in np.random.PCG64(seed).random_raw(permutations)]
    return [min(((r >> 32 | 1) * shingle + r) & 0xFFFFFFFF for shingle in shingles) for r in raw]


def document_of(members):
    """With shingles of one word a document is the set of its words."""
    return " ".join(f"w{member}" for member in members)


def pairs_of_jaccard(similarity, count, generator, union=120):
    """Documents of random sets, two by two, whose Jaccard is exactly shared / union; and that Jaccard."""
    shared = round(similarity * union)
    lefts, rights = [], []
    for _ in range(count):
        members = generator.choice(2**40, union, replace=False)
        cut = shared + (union - shared) // 2
        lefts.append(document_of(members[:cut]))
        rights.append(document_of(np.concatenate([members[:shared], members[cut:]])))
    return lefts, rights, shared / union


def candidate_rate(lefts, rights, bands, rows):
    keys = [band_keys(sign(side, shingle_words=1)[0], bands=bands, rows=rows) for side in (lefts, rights)]
    return (keys[0] == keys[1]).any(axis=1).mean()


@settings(deadline=None, max_examples=200)
@given(
    texts=st.lists(st.text(st.sampled_from(SEPARATORS + NEIGHBOURS), max_size=40) | st.text(max_size=40), max_size=6),
    shingle_words=st.integers(1, 4),
    seed=st.integers(0, 2**32),
)
def test_signatures_equal_the_plain_python_reference(texts, shingle_words, seed):
    rows, signed = sign(texts, shingle_words, 5, seed)
    assert rows.tolist() == [reference_signature(text, shingle_words, 5, seed) for text in texts]
    assert signed.tolist() == [len(WORD.findall(text)) >= shingle_words for text in texts]


@pytest.mark.parametrize("words", [2046, 2047, 2048, 2049, 2050, 4100])
@pytest.mark.parametrize("ending", ["", ".", "\u3000"])
def test_a_document_longer_than_a_block_of_words_loses_no_shingle(words, ending):
    text = " ".join(f"w{number}" for number in range(words)) + ending
    rows, signed = sign([text], shingle_words=3, permutations=4)
    assert rows[0].tolist() == reference_signature(text, 3, 4, 1)
    assert signed[0]


def test_the_scheme_is_pinned_so_that_stored_signatures_stay_comparable():
    assert SCHEME == "curator-v1"
    rows, _ = sign(["The quick brown fox jumps over the lazy dog"], permutations=3, seed=42)
    assert rows.tolist() == [[1527426512, 1067550195, 940703226]]
    assert band_keys(rows, bands=1, rows=3).tolist() == [[941385480760882759]]
    assert sketch(rows).tolist() == [[61]]


def test_a_document_shorter_than_a_shingle_has_no_signature():
    rows, signed = sign(["", "one two three four", None, "one two three four five", "... !!!"])
    assert signed.tolist() == [False, False, False, True, False]
    assert not rows[~signed].any()


def test_case_punctuation_and_layout_do_not_matter_but_order_does():
    rows, _ = sign(
        [
            "The cat sat on the mat today",
            "the CAT, sat: on\u2014the\u00a0mat (today)!\n",
            "\u3000The cat\u2026sat on the_mat\tTODAY",
            "The cat sat on the today mat",
        ]
    )
    assert (rows[0] == rows[1]).all()
    assert (rows[0] == rows[2]).all()
    assert (rows[0] != rows[3]).any()


@settings(deadline=None, max_examples=50)
@given(
    texts=st.lists(st.none() | st.text(st.sampled_from("ab é."), max_size=30), min_size=1, max_size=8),
    cut=st.integers(0, 8),
)
def test_each_row_is_the_same_in_slices_chunks_and_large_strings(texts, cut):
    expected, expected_signed = sign(texts, shingle_words=2, permutations=6)
    array = pa.array(texts, pa.string())
    variants = [
        pa.chunked_array([array[:cut], array[cut:]]),
        pa.array(["x y z", *texts, "p q"], pa.string())[1:-1],
        pa.array(texts, pa.large_string()),
        pa.chunked_array([pa.array([text], pa.string()) for text in texts]),
    ]
    for variant in variants:
        rows, signed = signatures(variant, shingle_words=2, permutations=6, seed=1)
        assert (rows == expected).all()
        assert (signed == expected_signed).all()


def test_a_null_is_empty_even_where_its_slot_holds_bytes():
    offsets, data = np.array([0, 3, 6], np.int32), b"a bc d"
    array = pa.StringArray.from_buffers(2, pa.py_buffer(offsets), pa.py_buffer(data), pa.py_buffer(b"\x02"), 1)
    assert array.to_pylist() == [None, "c d"]
    assert signatures(array, shingle_words=2, permutations=4, seed=1)[1].tolist() == [False, True]


@pytest.mark.parametrize("array", [pa.array([], pa.string()), pa.chunked_array([], pa.string())])
def test_no_documents_give_no_rows(array):
    rows, signed = signatures(array, shingle_words=5, permutations=8, seed=1)
    assert rows.shape == (0, 8)
    assert signed.shape == (0,)
    assert band_keys(rows, bands=2, rows=4).shape == (0, 2)
    assert sketch(rows).shape == (0, 2)


def test_another_seed_gives_another_signature():
    one, other = (sign(["a b c d e f"], seed=seed)[0] for seed in (1, 2))
    assert (one != other).all()


@pytest.mark.parametrize("similarity", [0.6, 0.7, 0.8, 0.9])
def test_candidates_follow_the_s_curve_of_14_bands_of_8_rows_and_not_the_swapped_one(similarity):
    lefts, rights, exact = pairs_of_jaccard(similarity, 1500, np.random.default_rng(7))
    expected = candidate_probability(exact, bands=14, rows=8)
    tolerance = 4 * np.sqrt(expected * (1 - expected) / len(lefts)) + 0.005
    assert abs(candidate_rate(lefts, rights, bands=14, rows=8) - expected) < tolerance
    assert abs(candidate_rate(lefts, rights, bands=8, rows=14) - expected) > 2 * tolerance


@pytest.mark.parametrize(("similarity", "published"), [(0.7, 0.565), (0.75, 0.772), (0.8, 0.924), (0.85, 0.988)])
def test_the_formula_gives_the_values_published_for_fineweb(similarity, published):
    assert candidate_probability(similarity, bands=14, rows=8) == pytest.approx(published, abs=0.001)


@pytest.mark.parametrize("permutations", [110, 112, 113])
@pytest.mark.parametrize("similarity", [0.0, 0.25, 0.5, 0.8, 0.95, 1.0])
def test_the_estimate_is_unbiased_with_the_error_of_b_bit_hashing(similarity, permutations):
    lefts, rights, exact = pairs_of_jaccard(similarity, 600, np.random.default_rng(3))
    left, right = (sketch(sign(side, shingle_words=1, permutations=permutations)[0]) for side in (lefts, rights))
    estimates = estimated_jaccard(left, right)
    matching = exact + (1 - exact) / 4
    error = np.sqrt(matching * (1 - matching) / permutations) / 0.75
    if 0 < exact < 1:  # at 0 clipping lifts the mean
        assert abs(estimates.mean() - exact) < 4 * error / np.sqrt(600) + 0.004
        assert estimates.std() == pytest.approx(error, rel=0.2)
    assert np.abs(estimates - exact).max() <= 5 * error


def test_estimates_agree_with_datasketch_on_the_same_shingle_sets():
    generator, permutations = np.random.default_rng(11), 256
    for similarity in (0.3, 0.6, 0.85):
        lefts, rights, exact = pairs_of_jaccard(similarity, 60, generator)
        ours = estimated_jaccard(
            *(sketch(sign(side, shingle_words=1, permutations=permutations)[0]) for side in (lefts, rights))
        )
        theirs = np.array([datasketch_jaccard(*pair, permutations) for pair in zip(lefts, rights, strict=True)])
        error = np.sqrt(2 * exact * (1 - exact) / permutations) + 1 / permutations
        assert np.abs(ours - theirs).max() < 6 * error
        assert abs(ours.mean() - theirs.mean()) < 4 * error / np.sqrt(60)


def datasketch_jaccard(left, right, permutations):
    hashed = []
    for document in (left, right):
        hashed.append(datasketch.MinHash(num_perm=permutations, seed=5))
        hashed[-1].update_batch([word.encode() for word in document.split()])
    return hashed[0].jaccard(hashed[1])


def test_the_same_minima_in_another_band_give_another_key():
    row = np.tile(np.arange(8, dtype=np.uint32), (1, 14))
    assert len(set(band_keys(row, bands=14, rows=8)[0].tolist())) == 14


def test_bands_that_need_more_minima_than_there_are_fail():
    with pytest.raises(AssertionError, match="need more than 112"):
        band_keys(np.zeros((1, 112), np.uint32), bands=14, rows=9)


def test_a_sketch_has_uniform_bits():
    generator = np.random.default_rng(0)
    rows, _ = sign([document_of(generator.integers(0, 2**40, 300)) for _ in range(500)], shingle_words=1)
    slots = (sketch(rows)[:, :, None] >> np.array([0, 2, 4, 6], np.uint8)) & 3
    shares = np.bincount(slots.ravel(), minlength=4) / slots.size
    assert np.abs(shares - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / slots.size)
