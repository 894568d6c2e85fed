from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.steps.samples import mixed, sampled
from curator.store.ids import ROW_BITS

MASK = 2**64 - 1


def documents_of_shards(*, shards, rows):
    """Ids as the pipeline makes them: the shard's number, then the row."""
    shard, row = np.meshgrid(np.arange(shards, dtype=np.uint64), np.arange(rows, dtype=np.uint64), indexing="ij")
    return ((shard << np.uint64(ROW_BITS)) | row).ravel()


@pytest.mark.parametrize("share", [0.001, 0.01, 0.25, 0.9])
@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_about_the_wanted_share_is_chosen_and_every_shard_takes_part(share, seed):
    documents = documents_of_shards(shards=20, rows=10_000)
    chosen = sampled(documents, wanted=int(share * len(documents)), of=len(documents), seed=seed)
    deviation = np.sqrt(share * (1 - share) * len(documents))
    assert abs(chosen.sum() - share * len(documents)) < 5 * deviation
    assert chosen.reshape(20, -1).any(axis=1).all()


@pytest.mark.parametrize(("wanted", "of"), [(5, 5), (6, 5), (1, 1), (0, 0)])
def test_all_are_chosen_where_as_many_are_wanted_as_there_are(wanted, of):
    assert sampled(np.arange(of, dtype=np.uint64), wanted=wanted, of=of, seed=1).all()


def test_none_are_chosen_where_none_are_wanted():
    assert not sampled(np.arange(1000, dtype=np.uint64), wanted=0, of=1000, seed=1).any()


def test_a_choice_depends_on_the_document_alone_and_not_on_its_company():
    documents = documents_of_shards(shards=4, rows=500)
    together = sampled(documents, wanted=300, of=2000, seed=1)
    order = np.random.default_rng(1).permutation(len(documents))
    assert np.array_equal(sampled(documents[order], wanted=300, of=2000, seed=1), together[order])
    assert np.array_equal(sampled(documents[500:1000], wanted=300, of=2000, seed=1), together[500:1000])


def test_another_seed_chooses_others():
    documents = documents_of_shards(shards=4, rows=5000)
    one, other = (sampled(documents, wanted=2000, of=20_000, seed=seed) for seed in (1, 2))
    assert 100 < (one & other).sum() < 300  # a tenth of a tenth, as if drawn independently


def test_a_larger_sample_holds_the_smaller_one():
    documents = documents_of_shards(shards=2, rows=2000)
    small, large = (sampled(documents, wanted=wanted, of=4000, seed=1) for wanted in (400, 1600))
    assert (small & large).sum() == small.sum() > 0


def reference(document, seed):
    """splitmix64's finaliser in Python's integers."""
    value = (document + (seed + 1) * 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


@given(st.lists(st.integers(0, MASK)), st.integers(0, 2**63))
def test_the_hash_is_that_of_plain_integers(documents, seed):
    hashed = mixed(np.array(documents, np.uint64), seed)
    assert hashed.dtype == np.uint64
    assert hashed.tolist() == [reference(document, seed) for document in documents]


def test_the_first_number_of_splitmix64_from_state_zero():
    assert mixed(np.zeros(1, np.uint64), 0).tolist() == [0xE220A8397B1DCDAF]
