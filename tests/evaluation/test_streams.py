"""Streams: every document once an epoch, in orders that differ, repeated until there are enough tokens."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.evaluation.streams import token_stream


def corpus(lengths: list[int], dtype: type = np.uint16) -> tuple[np.ndarray, np.ndarray]:
    """Document i has 0 and then i + 1, again and again: it can be told apart in a stream."""
    parts = [np.array([0] + [number + 1] * (length - 1), dtype) for number, length in enumerate(lengths)]
    return np.concatenate(parts), np.cumsum([0, *lengths])


def documents(stream: np.ndarray) -> list[tuple[int, ...]]:
    """The documents of a stream in their order."""
    return [tuple(part.tolist()) for part in np.split(stream, np.flatnonzero(stream == 0))[1:]]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(2, 6), st.integers(1, 3)), min_size=1, max_size=8),
    st.integers(1, 120),
    st.integers(0, 5),
)
def test_each_epoch_has_every_document_as_often_as_it_has_copies(
    sizes: list[tuple[int, int]], wanted: int, seed: int
) -> None:
    lengths, copies = (list(column) for column in zip(*sizes, strict=True))
    tokens, offsets = corpus(lengths)
    found = token_stream(tokens, offsets, np.array(copies), wanted=wanted, seed=seed)
    assert len(found.tokens) == wanted + 1
    assert found.tokens.dtype == tokens.dtype
    epoch = Counter({number + 1: count for number, count in enumerate(copies)})
    order = [document[1] for document in documents(found.tokens) if len(document) > 1]
    for start in range(0, len(order), sum(copies)):
        part = Counter(order[start : start + sum(copies)])
        assert part <= epoch
    whole = documents(found.tokens)[:-1]
    assert all(len(document) == lengths[document[1] - 1] for document in whole)
    longest = {document[1]: 0 for document in documents(found.tokens) if len(document) > 1}
    for document in documents(found.tokens):
        if len(document) > 1:
            longest[document[1]] = max(longest[document[1]], len(document))
    assert 0 <= found.unique_tokens - sum(longest.values()) <= 1  # of a last document that is only begun
    assert found.epochs == (wanted + 1) / float(np.dot(lengths, copies))


def test_every_epoch_and_every_seed_has_an_order_of_its_own() -> None:
    tokens, offsets = corpus([2] * 100)
    stream = token_stream(tokens, offsets, wanted=599, seed=1).tokens
    epochs = [tuple(stream[start : start + 200].tolist()) for start in (0, 200, 400)]
    assert len({*epochs, tuple(tokens.tolist())}) == 4
    assert stream.tolist() == token_stream(tokens, offsets, wanted=599, seed=1).tokens.tolist()
    assert stream.tolist() != token_stream(tokens, offsets, wanted=599, seed=2).tokens.tolist()


def test_a_longer_stream_begins_as_the_shorter_one() -> None:
    tokens, offsets = corpus([3, 5, 4, 6])
    short, long = (token_stream(tokens, offsets, wanted=wanted, seed=3).tokens for wanted in (20, 70))
    assert long[:21].tolist() == short.tolist()


def test_of_a_corpus_that_is_not_read_to_its_end_only_what_is_read_counts() -> None:
    tokens, offsets = corpus([10] * 50)
    found = token_stream(tokens, offsets, wanted=99, seed=0)
    assert (found.unique_tokens, found.epochs) == (100, 0.2)


def test_copies_are_read_but_are_not_different_tokens() -> None:
    tokens, offsets = corpus([10] * 5)
    found = token_stream(tokens, offsets, np.full(5, 4), wanted=399, seed=0)
    assert (found.unique_tokens, found.epochs) == (50, 2.0)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_empty_documents_are_begins(dtype: type) -> None:
    tokens, offsets = corpus([1, 1, 1], dtype)
    found = token_stream(tokens, offsets, wanted=4, seed=0)
    assert found.tokens.tolist() == [0] * 5
    assert found.tokens.dtype == dtype


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(2, 6), min_size=1, max_size=30), st.integers(1, 200), st.integers(0, 5))
def test_an_ordered_stream_has_the_tokens_of_the_shuffled_one_epoch_by_epoch_documents_as_they_stand(
    lengths: list[int], wanted: int, seed: int
) -> None:
    tokens, offsets = corpus(lengths)
    shuffled, ordered = (
        token_stream(tokens, offsets, wanted=wanted, seed=seed, ordered=ordered).tokens for ordered in (False, True)
    )
    for start in range(0, wanted + 1, len(tokens)):
        epochs = [documents(stream[start : start + len(tokens)]) for stream in (shuffled, ordered)]
        assert Counter(epochs[0]) == Counter(epochs[1])
        names = [document[1] for document in epochs[1] if len(document) > 1]  # of a begin alone there is no telling
        assert names == sorted(names)


def test_an_ordered_stream_shorter_than_the_corpus_reaches_its_end() -> None:
    tokens, offsets = corpus([10] * 1_000)
    found = token_stream(tokens, offsets, wanted=999, seed=1, ordered=True).tokens
    numbers = [document[1] for document in documents(found) if len(document) > 1]
    assert (len(numbers), sum(number > 800 for number in numbers) > 10) == (100, True)
