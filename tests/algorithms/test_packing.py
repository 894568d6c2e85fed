from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.algorithms.packing import (
    Packed,
    best_fit,
    concatenate,
    cut_documents,
    displacement,
    lower_bound,
    padding,
)
from curator.algorithms.packing_lengths import by_length, length_order, length_runs

CAPACITIES = st.integers(1, 24) | st.sampled_from([31, 32, 33, 63, 64, 65])
LENGTHS = st.lists(st.integers(1, 12) | st.integers(1, 70), max_size=60)
SMALLEST = st.integers(0, 3)


def array(lengths):
    return np.array(lengths, np.int64)


def sequences_of(packed: Packed):
    """Each sequence as a list of (document, start, length)."""
    rows = list(
        zip(packed.piece_document.tolist(), packed.piece_start.tolist(), packed.piece_length.tolist(), strict=True)
    )
    bounds = packed.sequence_starts.tolist()
    assert bounds[0] == 0
    assert bounds[-1] == len(rows)
    return [rows[begin:end] for begin, end in pairwise(bounds)]


def tokens_of(sequence):
    return sum(length for _, _, length in sequence)


def assert_every_token_once(packed, lengths):
    """Sorted by place, the pieces of each document follow each other from its first token to its last."""
    stop = dict.fromkeys(range(len(lengths)), 0)
    for document, start, length in sorted(piece for sequence in sequences_of(packed) for piece in sequence):
        assert start == stop[document]
        assert length >= 1
        stop[document] += length
    assert list(stop.values()) == lengths


def cut_in_python(lengths, capacity):
    return [
        (document, start, min(capacity, length - start))
        for document, length in enumerate(lengths)
        for start in range(0, length, capacity)
    ]


def best_fit_in_python(lengths, capacity):
    """Sequences as [room, since when it has had it, pieces], searched one by one."""
    pieces = cut_in_python(lengths, capacity)
    found = []
    for time, piece in enumerate(sorted(pieces, key=lambda piece: -piece[2])):
        fitting = [sequence for sequence in found if sequence[0] >= piece[2]]
        if not fitting:
            fitting = [[capacity, time, []]]
            found += fitting
        chosen = min(fitting, key=lambda sequence: sequence[:2])
        chosen[:] = [chosen[0] - piece[2], time, sorted([*chosen[2], piece])]
    return sorted(sequence for _, _, sequence in found)


def fewest_sequences(lengths, capacity):
    """By trying every sequence for every piece."""

    def fewest(pieces, rooms):
        if not pieces:
            return len(rooms)
        first, *rest = pieces
        tries = {room for room in rooms if room >= first}
        options = [[*rooms, capacity - first]]
        for room in tries:
            others = list(rooms)
            others.remove(room)
            options.append([*others, room - first])
        return min(fewest(rest, option) for option in options)

    return fewest([length for _, _, length in cut_in_python(lengths, capacity)], [])


@given(LENGTHS, CAPACITIES)
@settings(deadline=None)  # the first call compiles
@example([], 1)
@example([1], 1)
@example([7, 7], 7)
@example([14, 1, 13, 15], 7)
def test_best_fit_is_what_a_search_through_all_sequences_gives(lengths, capacity):
    packed = best_fit(array(lengths), capacity)
    assert sequences_of(packed) == best_fit_in_python(lengths, capacity)


@given(LENGTHS, CAPACITIES)
def test_best_fit_keeps_every_token_once_and_cuts_only_what_is_too_long(lengths, capacity):
    packed = best_fit(array(lengths), capacity)
    assert_every_token_once(packed, lengths)
    assert all(0 < tokens_of(sequence) <= capacity for sequence in sequences_of(packed))
    assert np.bincount(packed.piece_document, minlength=len(lengths)).tolist() == [
        -(-length // capacity) for length in lengths
    ]
    assert cut_documents(packed, array(lengths), capacity) == (0, 0.0)


@given(LENGTHS, CAPACITIES)
def test_concatenated_sequences_are_full_but_the_last_and_in_training_order(lengths, capacity):
    packed = concatenate(array(lengths), capacity)
    assert_every_token_once(packed, lengths)
    sizes = [tokens_of(sequence) for sequence in sequences_of(packed)]
    assert sizes[:-1] == [capacity] * (len(sizes) - 1)
    assert len(sizes) == -(-sum(lengths) // capacity)
    pieces = [piece for sequence in sequences_of(packed) for piece in sequence]
    assert pieces == sorted(pieces)
    assert displacement(packed, array(lengths)) == (0.0, 0)


def test_equal_pieces_meet_in_training_order():
    packed = best_fit(array([6, 4, 6, 4, 6, 4]), 10)
    assert sequences_of(packed) == [[(0, 0, 6), (1, 0, 4)], [(2, 0, 6), (3, 0, 4)], [(4, 0, 6), (5, 0, 4)]]


def test_a_piece_goes_where_the_least_room_is_left():
    packed = best_fit(array([5, 7, 2, 3]), 10)
    assert sequences_of(packed) == [[(0, 0, 5), (2, 0, 2)], [(1, 0, 7), (3, 0, 3)]]


def test_a_document_of_exactly_the_length_is_a_sequence():
    assert sequences_of(best_fit(array([8, 8]), 8)) == [[(0, 0, 8)], [(1, 0, 8)]]
    assert sequences_of(concatenate(array([8, 8]), 8)) == [[(0, 0, 8)], [(1, 0, 8)]]


def test_a_long_document_is_cut_at_full_sequences_and_its_last_piece_joins_others():
    packed = best_fit(array([3, 21]), 8)
    assert sequences_of(packed) == [[(0, 0, 3), (1, 16, 5)], [(1, 0, 8)], [(1, 8, 8)]]


def test_sequences_of_one_token_hold_one_token_each():
    expected = [[(0, 0, 1)], [(0, 1, 1)], [(1, 0, 1)]]
    assert sequences_of(best_fit(array([2, 1]), 1)) == sequences_of(concatenate(array([2, 1]), 1)) == expected


@pytest.mark.parametrize("pack", [best_fit, concatenate])
def test_no_documents_make_no_sequence(pack):
    packed = pack(array([]), 8)
    assert packed.sequences == len(packed.piece_document) == 0
    assert packed.sequence_starts.tolist() == [0]
    assert padding(packed, 8) == 0.0
    assert cut_documents(packed, array([]), 8) == (0, 0.0)
    assert displacement(packed, array([])) == (0.0, 0)
    assert lower_bound(array([]), 8) == 0


@pytest.mark.parametrize("pack", [best_fit, concatenate, lower_bound])
def test_lengths_that_nobody_can_have_are_refused(pack):
    with pytest.raises(AssertionError, match="end token"):
        pack(array([3, 0]), 8)
    with pytest.raises(AssertionError, match="holds nothing"):
        pack(array([3]), 0)
    with pytest.raises(AssertionError, match="int64"):
        pack(np.array([3], np.int32), 8)


def test_lengths_may_be_read_only_and_a_document_may_be_huge():
    lengths = array([200_000_000, 5])
    lengths.flags.writeable = False
    packed = best_fit(lengths, 8192)
    assert packed.sequences == lower_bound(lengths, 8192) == concatenate(lengths, 8192).sequences == 24_415


def test_many_tiny_documents_fill_their_sequences():
    packed = best_fit(np.ones(300_000, np.int64), 1_000)
    assert packed.sequences == 300
    assert packed.piece_document.tolist() == list(range(300_000))


@given(st.lists(st.integers(1, 12), max_size=7), st.integers(1, 10))
@settings(max_examples=60)
def test_the_lower_bound_is_one_and_the_best_packing_lies_between_it_and_best_fit(lengths, capacity):
    bound = lower_bound(array(lengths), capacity)
    fewest = fewest_sequences(lengths, capacity)
    assert -(-sum(lengths) // capacity) <= bound <= fewest <= best_fit(array(lengths), capacity).sequences


@pytest.mark.parametrize(
    ("lengths", "capacity", "bound"),
    [
        ([6, 6, 6], 10, 3),  # two of them never meet
        ([7, 7, 4, 4, 4], 10, 4),  # nothing of 4 fits beside 7, two of 4 fit together
        ([5, 5, 5, 5], 10, 2),
        ([8, 12, 20], 8, 5),  # its pieces of 4 meet
        ([8, 13, 21], 8, 6),
        ([1], 1, 1),
    ],
)
def test_the_lower_bound_knows_which_pieces_cannot_meet(lengths, capacity, bound):
    assert lower_bound(array(lengths), capacity) == bound


@given(st.lists(st.tuples(st.integers(1, 31), st.booleans()), max_size=40))
def test_pairs_that_fill_a_sequence_leave_no_padding(pairs):
    lengths = array([length for first, turned in pairs for length in ((first, 32 - first)[:: -1 if turned else 1])])
    packed = best_fit(lengths, 32)
    assert packed.sequences == lower_bound(lengths, 32) == len(pairs)
    assert padding(packed, 32) == 0.0


def test_padding_is_the_share_of_empty_places():
    assert padding(best_fit(array([6, 6]), 8), 8) == 0.25


def test_only_documents_that_would_have_fitted_count_as_cut():
    lengths = array([6, 6, 20, 8, 2])  # concatenated: cut at 8, 16, 24, 32, 40
    assert cut_documents(concatenate(lengths, 8), lengths, 8) == (1, 0.25)


def test_displacement_is_the_distance_from_the_concatenated_order():
    packed = best_fit(array([5, 7, 2, 3]), 10)  # in the order 0, 2, 1, 3: 2 stands 7 tokens early, 1 stands 2 late
    assert displacement(packed, array([5, 7, 2, 3])) == ((2 * 7 + 7 * 2) / 17, 7)


def decomposed_in_python(lengths, smallest, largest):
    """(document, start, length, bucket): the longest power of two that fits, again and again."""
    pieces = []
    for document, length in enumerate(lengths):
        start = 0
        while start < length:
            left = length - start
            size = min(1 << (left.bit_length() - 1), largest) if left >= smallest else left
            pieces.append((document, start, size, max((size // smallest).bit_length() - 1, 0)))
            start += size
    return pieces


@given(LENGTHS, SMALLEST, st.integers(0, 4))
@example([], 0, 0)
@example([1, 7, 8, 9, 64], 3, 0)
def test_documents_become_powers_of_two_longest_first(lengths, smallest, more):
    smallest, largest = 1 << smallest, 1 << smallest + more
    packed, buckets = by_length(array(lengths), smallest, largest)
    assert_every_token_once(packed, lengths)
    pieces = [(*piece, bucket) for (piece,), bucket in zip(sequences_of(packed), buckets.tolist(), strict=True)]
    assert pieces == decomposed_in_python(lengths, smallest, largest)


def test_what_is_below_the_smallest_length_is_a_short_sequence_of_its_bucket():
    packed, buckets = by_length(array([13, 3]), 4, 8)
    assert sequences_of(packed) == [[(0, 0, 8)], [(0, 8, 4)], [(0, 12, 1)], [(1, 0, 3)]]
    assert buckets.tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(("smallest", "largest"), [(3, 8), (4, 12), (8, 4), (0, 4)])
def test_lengths_of_buckets_are_powers_of_two(smallest, largest):
    with pytest.raises(AssertionError, match="powers of two"):
        by_length(array([5]), smallest, largest)


def order_in_python(buckets, smallest, batch_tokens, cycles):
    """Batches in training order, dealt to cycles; inside a cycle the next is of the bucket that is furthest behind."""
    batches = {}
    for bucket in sorted(set(buckets)):
        rows = [place for place, other in enumerate(buckets) if other == bucket]
        size = batch_tokens // (smallest << bucket)
        batches[bucket] = [rows[begin : begin + size] for begin in range(0, len(rows), size)]
    order = []
    for cycle in range(cycles):
        here = {
            bucket: [batch for number, batch in enumerate(all_of) if number * cycles // len(all_of) == cycle]
            for bucket, all_of in batches.items()
        }
        turns = [
            (Fraction(2 * number + 1, 2 * len(some)) * 2**bucket, bucket, number)
            for bucket, some in here.items()
            for number in range(len(some))
        ]
        order += [here[bucket][number] for _, bucket, number in sorted(turns)]
    return order


@given(st.lists(st.integers(0, 3), max_size=200), SMALLEST, st.integers(8, 40), st.integers(1, 9))
def test_batches_come_in_the_order_of_a_plain_draw(buckets, smallest, multiple, cycles):
    batch_tokens = multiple << smallest
    order, starts = length_order(array(buckets), 1 << smallest, batch_tokens, cycles=cycles)
    found = [order[begin:end].tolist() for begin, end in pairwise(starts)]
    assert found == order_in_python(buckets, 1 << smallest, batch_tokens, cycles)
    assert sorted(order.tolist()) == list(range(len(buckets)))


@given(st.lists(st.integers(0, 3), max_size=200), SMALLEST, st.integers(8, 40), st.integers(1, 9))
def test_how_many_there_are_of_each_length_says_which_follow_each_other(buckets, smallest, multiple, cycles):
    order, _ = length_order(array(buckets), 1 << smallest, multiple << smallest, cycles=cycles)
    lengths = [1 << smallest + buckets[place] for place in order.tolist()]
    sizes = np.bincount(array(buckets), minlength=4)
    runs = length_runs(sizes, 1 << smallest, multiple << smallest, cycles=cycles)
    assert runs == tuple((length, len(list(run))) for length, run in groupby(lengths))


def test_each_length_is_used_up_half_as_fast_as_the_next_shorter_one():
    buckets = np.repeat(np.arange(3), [4 * 64, 2 * 64, 64])  # 64 batches of 4 tokens each
    order, starts = length_order(buckets, 1, 4, cycles=1)
    batches = buckets[order[starts[:-1]]]
    shortest_ends = np.flatnonzero(batches == 0)[-1] + 1
    assert np.abs(np.bincount(batches[:shortest_ends]) - [64, 32, 16]).max() <= 1
    assert set(batches[-16:].tolist()) == {2}


def test_every_cycle_begins_short_again():
    buckets = np.repeat(np.arange(3), [4 * 64, 2 * 64, 64])
    order, starts = length_order(buckets, 1, 4)
    cycles = buckets[order[starts[:-1]]].reshape(8, 24)
    assert (cycles == cycles[0]).all()
    assert cycles[0, 0] == 0
    assert cycles[0, -1] == 2


def test_a_batch_must_hold_its_longest_sequence():
    with pytest.raises(AssertionError, match="holds no sequence"):
        length_order(array([0, 3]), 256, 1024)
