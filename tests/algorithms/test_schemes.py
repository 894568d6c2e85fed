"""Signatures by scheme: equal to datasketch's own, found in its index, with our sketches."""

from __future__ import annotations

import datasketch
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms import minhash
from curator.algorithms.schemes import signatures, stored_name

DOCUMENTS = [
    "The quick brown fox jumps over the lazy dog and runs away",
    "THE  quick brown\tfox jumps over the lazy dog and\nruns away",
    "one two three four",
    "",
    None,
    "naïve Straße 中文 слово — \U0001f600 fin",
]


def signed_by_datasketch(documents, shingle_words=5, permutations=16, seed=1):
    text = pa.array(documents, pa.string())
    return signatures(text, scheme="datasketch", shingle_words=shingle_words, permutations=permutations, seed=seed)


def their_sketch(document, shingle_words, permutations, seed):
    """As a user of datasketch makes it from the distinct shingles."""
    words = (document or "").lower().split()
    sketch = datasketch.MinHash(num_perm=permutations, seed=seed)
    for shingle in {" ".join(words[i : i + shingle_words]) for i in range(len(words) - shingle_words + 1)}:
        sketch.update(shingle.encode())
    return sketch


@settings(deadline=None, max_examples=30)
@given(
    documents=st.lists(st.none() | st.text(st.sampled_from("aB é中.\n\u00a0"), max_size=40), max_size=4),
    shingle_words=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_signatures_equal_those_of_datasketch(documents, shingle_words, seed):
    rows, _, signed = signed_by_datasketch([*DOCUMENTS, *documents], shingle_words, 16, seed)
    for document, row, has_one in zip([*DOCUMENTS, *documents], rows, signed, strict=True):
        theirs = their_sketch(document, shingle_words, 16, seed)
        assert has_one != theirs.is_empty()
        assert (row == (theirs.hashvalues if has_one else 0)).all()


def test_a_long_document_is_signed_in_pieces_with_the_same_result():
    document = " ".join(f"w{number % 5000}" for number in range(9000))
    rows, _, _ = signed_by_datasketch([document])
    assert (rows[0] == their_sketch(document, 5, 16, 1).hashvalues).all()


def test_a_users_index_of_datasketch_finds_our_signatures():
    index = datasketch.MinHashLSH(threshold=0.8, num_perm=64)
    for name, document in (("fox", DOCUMENTS[0]), ("other", DOCUMENTS[5])):
        index.insert(name, their_sketch(document, 5, 64, 7))
    rows, _, _ = signed_by_datasketch(
        [DOCUMENTS[1], "no fox is here and none has ever been seen"], permutations=64, seed=7
    )
    found = [
        index.query(datasketch.MinHash(hashvalues=row, seed=7, scheme=stored_name("datasketch").split("-")[2]))
        for row in rows
    ]
    assert found == [["fox"], []]


def test_equal_documents_meet_in_all_bands_and_others_in_none():
    rows, _, _ = signed_by_datasketch(DOCUMENTS)
    keys = minhash.band_keys(rows, bands=4, rows=4)
    assert (keys[0] == keys[1]).all()
    assert (keys[0] != keys[5]).all()


@pytest.mark.parametrize("scheme", ["curator-v1", "datasketch"])
def test_the_sketches_are_ours_under_every_scheme(scheme):
    text = pa.chunked_array([DOCUMENTS[:2], DOCUMENTS[2:]], pa.string())
    rows, sketches, signed = signatures(text, scheme=scheme, shingle_words=5, permutations=8, seed=1)
    assert (rows.dtype, rows.shape, sketches.dtype, signed.dtype) == (np.uint32, (6, 8), np.uint8, np.bool_)
    assert (sketches == minhash.sign(text, shingle_words=5, permutations=8, seed=1)[1]).all()
    assert signed.tolist() == [True, True, False, False, False, True]


def test_our_own_scheme_is_the_signing_kernel():
    text, options = pa.array(DOCUMENTS), {"shingle_words": 2, "permutations": 8, "seed": 3}
    found = signatures(text, scheme="curator-v1", **options)
    assert all((one == other).all() for one, other in zip(found, minhash.sign(text, **options), strict=True))


def test_the_stored_names_say_what_may_be_compared():
    assert stored_name("curator-v1") == "curator-v1"
    assert stored_name("datasketch") == "datasketch-2-affine32-sha1"


def test_bytes_that_are_no_utf8_are_signed_as_replacement_characters():
    data = b"one two three four \xff\xe4\xb8"
    offsets = np.array([0, len(data)], np.int64)
    text = pa.LargeStringArray.from_buffers(1, pa.py_buffer(offsets), pa.py_buffer(data))
    rows, _, signed = signatures(text, scheme="datasketch", shingle_words=5, permutations=8, seed=1)
    assert signed[0]
    assert (rows[0] == their_sketch(data.decode("utf-8", "replace"), 5, 8, 1).hashvalues).all()
