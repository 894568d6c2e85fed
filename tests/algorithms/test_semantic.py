from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.semantic import semantic_duplicates


def normalised(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def reference(embeddings, threshold):
    """Every row against every kept row, in plain Python."""
    rows, kept, representative, similarity = embeddings.tolist(), [], [], []
    for row, vector in enumerate(rows):
        best, partner = -2.0, row
        for other in kept:
            cosine = float(np.round(sum(a * b for a, b in zip(vector, rows[other], strict=True)), 5))
            if cosine > best:
                best, partner = cosine, other
        if best < threshold:
            kept.append(row)
            best, partner = 1.0, row
        representative.append(partner)
        similarity.append(np.float32(best))
    return representative, similarity


def check(embeddings, threshold, block):
    representative, similarity = semantic_duplicates(embeddings, threshold=threshold, block=block)
    assert (representative.dtype, similarity.dtype) == (np.int64, np.float32)
    assert (representative.tolist(), similarity.tolist()) == reference(embeddings, threshold)


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(0, 40),
    width=st.integers(1, 9),
    noise=st.sampled_from([0.0, 0.05, 0.3]),
    threshold=st.sampled_from([0.5, 0.9, 0.99, 1.0]),
    block=st.integers(1, 17),
)
def test_the_result_is_that_of_the_quadratic_reference_whatever_the_block(seed, count, width, noise, threshold, block):
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(5, width))
    rows = centres[generator.integers(0, 5, count)] + noise * generator.normal(size=(count, width))
    check(normalised(rows), threshold, block)


@pytest.mark.parametrize("block", [1, 7, 64, 300, 1024])
def test_cosines_exactly_at_the_threshold_do_not_depend_on_the_block(block):
    axes = np.eye(300, 600, dtype=np.float32)
    near = 0.8 * axes + 0.6 * np.eye(300, 600, k=300, dtype=np.float32)
    representative, similarity = semantic_duplicates(np.vstack([axes, near]), threshold=0.8, block=block)
    assert representative.tolist() == [*range(300), *range(300)]
    assert (similarity[300:] == np.float32(0.8)).all()


@pytest.mark.parametrize("block", [5, 100, 1024])
def test_a_crowded_concept_of_many_blocks(block):
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(60, 32))[generator.integers(0, 60, 400)] + 0.25 * generator.normal(size=(400, 32))
    check(normalised(rows), 0.95, block)


def test_a_chain_is_compared_with_kept_rows_only():
    angles = np.arange(5) * np.arccos(0.95)  # neighbours are duplicates, the rest is not
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert semantic_duplicates(rows, threshold=0.94)[0].tolist() == [0, 0, 2, 2, 4]


def test_equal_cosines_go_to_the_first_kept_row():
    rows = np.array([[1, 0, 0], [0, 1, 0], [np.sqrt(0.5), np.sqrt(0.5), 0]], np.float32)
    assert semantic_duplicates(rows, threshold=0.7)[0].tolist() == [0, 1, 0]


def test_copies_are_duplicates_at_a_threshold_of_one():
    rows = np.repeat(normalised(np.random.default_rng(1).normal(size=(20, 384))), 3, axis=0)
    representative, similarity = semantic_duplicates(rows, threshold=1.0, block=8)
    assert representative.tolist() == [place // 3 * 3 for place in range(60)]
    assert (similarity == 1).all()


def test_zero_vectors_are_never_duplicates():
    rows = np.zeros((4, 8), np.float32)
    rows[1] = rows[3] = np.eye(8)[0]
    assert semantic_duplicates(rows, threshold=0.01, block=2)[0].tolist() == [0, 1, 2, 1]
