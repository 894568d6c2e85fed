"""Semantic groups are those of a plain double loop, whatever the block; a similarity is found for a share of distinct rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.semantic import semantic_groups, share_of_distinct, similarity_for_share


def normalised(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def families(seed, *, count, families, width, noise):
    """Rows that scatter round a few centres."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(families, width))
    rows = centres[generator.integers(0, families, count)] + noise * generator.normal(size=(count, width))
    return normalised(rows)


def reference(embeddings, threshold):
    """Every row against every leader, in plain Python."""
    rows, leaders, leader_of, similarity = embeddings.tolist(), [], [], []
    for row, vector in enumerate(rows):
        best, leader = -2.0, row
        for other in leaders:
            cosine = float(np.round(sum(a * b for a, b in zip(vector, rows[other], strict=True)), 5))
            if cosine > best:
                best, leader = cosine, other
        if best < threshold:
            leaders.append(row)
            best, leader = 1.0, row
        leader_of.append(leader)
        similarity.append(np.float32(best))
    return leader_of, similarity


def check(embeddings, threshold, block):
    leader, cosine = semantic_groups(embeddings, threshold=threshold, block=block)
    assert (leader.dtype, cosine.dtype) == (np.int64, np.float32)
    assert (leader.tolist(), cosine.tolist()) == reference(embeddings, threshold)


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(0, 40),
    width=st.integers(1, 9),
    noise=st.sampled_from([0.0, 0.05, 0.3]),
    threshold=st.sampled_from([1e-6, 0.5, 0.9, 0.99, 1.0]),
    block=st.integers(1, 17),
)
def test_the_groups_are_those_of_the_double_loop_whatever_the_block(seed, count, width, noise, threshold, block):
    check(families(seed, count=count, families=5, width=width, noise=noise), threshold, block)


@pytest.mark.parametrize("block", [5, 100, 256, 1024])
def test_a_crowded_cell_of_many_blocks(block):
    check(families(0, count=400, families=60, width=32, noise=0.25), 0.95, block)


def test_rows_with_many_leaders_within_the_threshold_follow_the_nearest():
    rows = families(1, count=500, families=3, width=16, noise=0.3)  # leaders lie all around, just below the threshold
    check(rows, 0.93, 256)
    assert len(set(reference(rows, 0.93)[0])) > 150


@pytest.mark.parametrize("block", [1, 7, 64, 300, 1024])
def test_cosines_exactly_at_the_threshold_do_not_depend_on_the_block(block):
    axes = np.eye(300, 600, dtype=np.float32)
    near = 0.8 * axes + 0.6 * np.eye(300, 600, k=300, dtype=np.float32)
    leader, cosine = semantic_groups(np.vstack([axes, near]), threshold=0.8, block=block)
    assert leader.tolist() == [*range(300), *range(300)]
    assert (cosine[300:] == np.float32(0.8)).all()


def test_a_chain_is_compared_with_leaders_only():
    angles = np.arange(5) * np.arccos(0.95)  # neighbours are duplicates, the rest is not
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert semantic_groups(rows, threshold=0.94)[0].tolist() == [0, 0, 2, 2, 4]


def test_of_equally_near_leaders_the_first_is_followed():
    rows = np.array([[1, 0, 0], [0, 1, 0], [np.sqrt(0.5), np.sqrt(0.5), 0]], np.float32)
    assert semantic_groups(rows, threshold=0.7)[0].tolist() == [0, 1, 0]


def test_copies_follow_at_a_threshold_of_one():
    rows = np.repeat(normalised(np.random.default_rng(1).normal(size=(20, 384))), 3, axis=0)
    leader, cosine = semantic_groups(rows, threshold=1.0, block=8)
    assert leader.tolist() == [place // 3 * 3 for place in range(60)]
    assert (cosine == 1).all()


def test_zero_vectors_always_lead():
    rows = np.zeros((4, 8), np.float32)
    rows[1] = rows[3] = np.eye(8)[0]
    assert semantic_groups(rows, threshold=1e-6, block=2)[0].tolist() == [0, 1, 2, 1]


def test_a_crowd_round_one_leader_is_one_group():
    rows = normalised(np.ones((1, 16)) + 1e-3 * np.random.default_rng(0).normal(size=(100_000, 16)))
    leader, _ = semantic_groups(rows, threshold=0.99)
    assert not leader.any()


def test_the_share_of_distinct_rows_counts_all_cells():
    two, none, copies = np.eye(2, dtype=np.float32), np.empty((0, 2), np.float32), np.ones((3, 1), np.float32)
    assert share_of_distinct([two, none, copies], similarity=0.9) == 3 / 5
    assert share_of_distinct([], similarity=0.9) == 1.0


def planted(cosine, pairs):
    """A cell of pairs whose documents have that cosine; documents of different pairs have nothing in common."""
    axes = np.eye(pairs, 2 * pairs)
    return normalised(np.vstack([axes, cosine * axes + np.sqrt(1 - cosine**2) * np.eye(pairs, 2 * pairs, k=pairs)]))


def test_the_similarity_for_a_share_lies_between_the_planted_ones():
    cells = [planted(0.97, 25), planted(0.8, 25)]  # of 100 documents 50 are distinct up to 0.8, 75 up to 0.97
    for share in (0.7, 0.75, 0.8):
        similarity = similarity_for_share(cells, distinct_share=share)
        assert share_of_distinct(cells, similarity=similarity) == 0.75
        assert 0.8 < similarity <= 0.97


def test_a_share_that_cannot_be_reached_gives_the_end_of_the_range():
    copies = [np.ones((4, 1), np.float32)]
    assert similarity_for_share(copies, distinct_share=0.75) == 1.0
    assert similarity_for_share([np.eye(4, dtype=np.float32)], distinct_share=0.75) == 0.5
    assert similarity_for_share([], distinct_share=0.75) == 0.5


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), noise=st.sampled_from([0.1, 0.3, 0.6]), share=st.floats(0.05, 1.0))
def test_no_neighbouring_similarity_is_nearer_to_the_share(seed, noise, share):
    cells = [families(seed + cell, count=60, families=4, width=12, noise=noise) for cell in range(3)]
    similarity = similarity_for_share(cells, distinct_share=share)
    steps = round(similarity * 10_000)
    assert similarity == steps / 10_000
    below, here, above = (
        share_of_distinct(cells, similarity=min(1.0, near / 10_000)) - share for near in (steps - 1, steps, steps + 1)
    )
    if here < 0:
        assert similarity == 1.0 or -here < above
    else:
        assert similarity == 0.5 or here <= -below
