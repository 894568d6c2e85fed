"""Signatures and sketches against plain Python over the words of `hash_words`, by example, and on text that is none."""

from __future__ import annotations

import resource

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.minhash import SCHEME, band_keys, sign
from curator.text.folded_words import BLOCK, hash_words

ODD = "aZ09 .,'-_\n\u00a0\u2019\u200b\u00e9\u00df\u0301\u03a3\u4e2d\u3072\u30ab\u0e01\u0e02\u0e48\u3002\U00020000\U0001f600\u0000"
CUT = "\u00e9\u4e2d\U00020000\u0e01".encode()
ALL_64 = (1 << 64) - 1


def signed_documents(documents, shingle_words=5, permutations=112, seed=1):
    return sign(pa.array(documents, pa.string()), shingle_words=shingle_words, permutations=permutations, seed=seed)


def raw_strings(documents):
    """A column of strings that need not be UTF-8, as a reader may hand it on that does not check."""
    offsets = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    return pa.LargeStringArray.from_buffers(len(documents), pa.py_buffer(offsets), pa.py_buffer(b"".join(documents)))


def mix(value):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & ALL_64
    value = (value ^ value >> 27) * 0x94D049BB133111EB & ALL_64
    return value ^ value >> 31


def reference_shingles(text, shingle_words):
    words = hash_words(pa.array([text]))[0].tolist()
    return [
        mix(sum(word * pow(0x9E3779B97F4A7C15, power) for power, word in enumerate(run[::-1])) & ALL_64)
        for run in (words[first : first + shingle_words] for first in range(len(words) - shingle_words + 1))
    ]


def reference_signature(shingles, permutations, seed):
    raw = [int(value) for value in np.random.PCG64(seed).random_raw(permutations)]
    return [min((((r >> 32 | 1) * (shingle >> 32) + r) & 0xFFFFFFFF for shingle in shingles), default=0) for r in raw]


def reference_sketch(shingles):
    bins = {}
    for value in map(mix, shingles):
        bins[value >> 55] = min(value & 0xFFFFFFFF, bins.get(value >> 55, ALL_64))
    nibbles = [1 + ((mix(bins[bin_]) >> 32) * 15 >> 32) if bin_ in bins else 0 for bin_ in range(512)]
    return [low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True)]


@settings(deadline=None, max_examples=100)
@given(
    texts=st.lists(
        st.text(st.sampled_from(ODD), max_size=40) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
        max_size=5,
    ),
    shingle_words=st.integers(1, 4),
    seed=st.integers(0, 2**32),
)
def test_signatures_and_sketches_equal_the_plain_python_reference(texts, shingle_words, seed):
    rows, sketches, signed = signed_documents(texts, shingle_words, 5, seed)
    shingles = [reference_shingles(text, shingle_words) for text in texts]
    assert rows.tolist() == [reference_signature(values, 5, seed) for values in shingles]
    assert sketches.tolist() == [reference_sketch(values) for values in shingles]
    assert signed.tolist() == [len(values) > 0 for values in shingles]


@pytest.mark.parametrize("words", [BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 2, 2 * BLOCK + 4])
@pytest.mark.parametrize("ending", ["", ".", "\u3000", "\u4e2d"])
def test_a_document_longer_than_a_block_of_words_loses_no_shingle(words, ending):
    text = " ".join(f"w{number}" for number in range(words)) + ending
    rows, sketches, signed = signed_documents([text], shingle_words=3, permutations=4)
    shingles = reference_shingles(text, 3)
    assert rows[0].tolist() == reference_signature(shingles, 4, 1)
    assert sketches[0].tolist() == reference_sketch(shingles)
    assert signed[0]


def test_the_scheme_is_pinned_so_that_stored_signatures_stay_comparable():
    assert SCHEME == "curator-v1"
    rows, sketches, _ = signed_documents(["The quick brown fox jumps over the lazy dog"], permutations=3, seed=42)
    assert rows.tolist() == [[205043352, 357675119, 509215640]]
    assert band_keys(rows, bands=1, rows=3).tolist() == [[4769508864517787077]]
    assert {int(place): int(sketches[0, place]) for place in np.flatnonzero(sketches[0])} == {
        75: 192,
        77: 3,
        138: 1,
        194: 6,
        249: 15,
    }


def test_a_document_shorter_than_a_shingle_has_no_signature():
    texts = [
        "",
        "a",
        "one two three four",
        None,
        "one two three four five",
        "... !!!",
        "\u4e2d\u6587\u5b57\u7b26",
        "\u4e2d\u6587\u5b57\u7b26\u4e32",
    ]
    rows, sketches, signed = signed_documents(texts)
    assert signed.tolist() == [False, False, False, False, True, False, False, True]
    assert not rows[~signed].any()
    assert not sketches[~signed].any()
    assert sketches[signed].any(axis=1).all()


def test_case_punctuation_and_layout_do_not_matter_but_order_does():
    texts = [
        "The cat can't sit on the mat today",
        "the CAT can\u2019t, sit: on\u2014the\u00a0mat (today)!\n",
        "\u3000The cat cant\u2026sit on the_mat\tTODAY",
        "The cat can't sit on the today mat",
    ]
    rows, sketches, _ = signed_documents(texts)
    for same in (1, 2):
        assert (rows[0] == rows[same]).all()
        assert (sketches[0] == sketches[same]).all()
    assert (rows[0] != rows[3]).any()
    assert (sketches[0] != sketches[3]).any()


def test_other_alphabets_are_folded_and_chinese_is_read_by_the_character():
    rows, _, signed = signed_documents(
        [
            "ОДИН два три четыре пять",
            "один, ДВА, три — четыре пять!",
            "他说、中文没有空格。",
            "他说中文没有空格",
            "他说中文没有格空",
        ]
    )
    assert signed.all()
    assert (rows[0] == rows[1]).all()
    assert (rows[2] == rows[3]).all()
    assert (rows[3] != rows[4]).any()


@settings(deadline=None, max_examples=50)
@given(
    texts=st.lists(st.none() | st.text(st.sampled_from("ab é."), max_size=30), min_size=1, max_size=8),
    cut=st.integers(0, 8),
)
def test_each_row_is_the_same_in_slices_chunks_and_large_strings(texts, cut):
    expected = signed_documents(texts, shingle_words=2, permutations=6)
    array = pa.array(texts, pa.string())
    variants = [
        pa.chunked_array([array[:cut], array[cut:]]),
        pa.array(["x y z", *texts, "p q"], pa.string())[1:-1],
        pa.array(texts, pa.large_string()),
        pa.chunked_array([pa.array([text], pa.string()) for text in texts]),
    ]
    for variant in variants:
        found = sign(variant, shingle_words=2, permutations=6, seed=1)
        assert all((one == other).all() for one, other in zip(found, expected, strict=True))


def test_a_null_is_empty_even_where_its_slot_holds_bytes():
    offsets, data = np.array([0, 3, 6], np.int32), b"a bc d"
    array = pa.StringArray.from_buffers(2, pa.py_buffer(offsets), pa.py_buffer(data), pa.py_buffer(b"\x02"), 1)
    assert array.to_pylist() == [None, "c d"]
    assert sign(array, shingle_words=2, permutations=4, seed=1)[2].tolist() == [False, True]


@pytest.mark.parametrize("array", [pa.array([], pa.string()), pa.chunked_array([], pa.string())])
def test_no_documents_give_no_rows(array):
    rows, sketches, signed = sign(array, shingle_words=5, permutations=8, seed=1)
    assert (rows.shape, sketches.shape, signed.shape) == ((0, 8), (0, 256), (0,))
    assert band_keys(rows, bands=2, rows=4).shape == (0, 2)


def test_another_seed_gives_another_signature_and_the_same_sketch():
    (one, one_sketch, _), (other, other_sketch, _) = (signed_documents(["a b c d e f"], seed=seed) for seed in (1, 2))
    assert (one != other).all()
    assert (one_sketch == other_sketch).all()


@pytest.mark.parametrize("width", range(len(CUT) + 1))
@pytest.mark.parametrize("before", [b"", b"one two ", b"\xff\x80 "])
def test_a_character_cut_off_anywhere_reads_nothing_of_the_next_document(width, before):
    alone = raw_strings([before + CUT[:width]])
    followed = raw_strings([before + CUT[:width], b"\xb8\xad\x80 three four"])
    for one, other in zip(
        sign(alone, shingle_words=1, permutations=4, seed=1),
        sign(followed, shingle_words=1, permutations=4, seed=1),
        strict=True,
    ):
        assert (one[0] == other[0]).all()


def test_any_lone_byte_is_read():
    rows, _, signed = sign(raw_strings([bytes([byte]) for byte in range(256)]), shingle_words=1, permutations=2, seed=1)
    assert signed[:128].sum() == 62
    assert rows.shape == (256, 2)


def test_memory_does_not_grow_with_the_document():
    text = pa.array(["ab " * 16_000_000], pa.large_string())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, _, signed = sign(text, shingle_words=5, permutations=2, seed=1)
    assert signed[0]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32_000  # KB; 8 bytes a word would be 128,000


@pytest.mark.parametrize("text", ["a" * 3_000_000, "\n" * 3_000_000, "\u200d" * 1_000_000, "\u202e\u05d0 " * 300_000])
def test_monotonous_texts_are_no_trouble(text):
    assert signed_documents([text], permutations=2)[2][0] == (text[-1] == " ")


def test_the_same_minima_in_another_band_give_another_key():
    row = np.tile(np.arange(8, dtype=np.uint32), (1, 14))
    assert len(set(band_keys(row, bands=14, rows=8)[0].tolist())) == 14


def test_bands_that_need_more_minima_than_there_are_fail():
    with pytest.raises(AssertionError, match="need more than 112"):
        band_keys(np.zeros((1, 112), np.uint32), bands=14, rows=9)
