"""fastText's prediction over UTF-8 bytes: the mean vector of all words and n-grams, then the two likeliest leaves of the tree.

Equals the fasttext library (0.9.2, `predict` with k = 2) on the same line; only sums are rounded in another order. Its two special
tokens, </s> and __label__..., cannot occur, because a window (see `language_window`) has no "<", "/" or "_".
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from curator.text.characters import inlined
from curator.text.fasttext_model import BUCKETS, DIMENSIONS, Weights

LEAST = 1e-5
"""What fastText adds to the share of every branch, and below which it does not follow one."""
MOST = 1 << 12  # features that wait to be summed: their numbers stay in the core's cache
_SPACE = 0x20
_OPEN, _CLOSE = np.uint8(ord("<")), np.uint8(ord(">"))
_START, _PRIME = np.uint32(2_166_136_261), np.uint32(16_777_619)
_BUCKETS = np.uint64(BUCKETS)
_ONE, _SIX, _HALF, _LAST = np.uint64(1), np.uint64(6), np.uint64(32), np.uint64(63)
_PAIRS, _FOURS, _EIGHTS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)


class Guess(NamedTuple):
    """The likeliest and the second label, -1 for none, and their probabilities."""

    first: int
    probability: float
    second: int
    runner_up: float


class Room(NamedTuple):
    """Arrays that are reused for every prediction."""

    features: npt.NDArray[np.uint64]
    sums: npt.NDArray[np.float32]  # [16]
    added: npt.NDArray[np.int64]  # [1]: how many vectors
    nodes: npt.NDArray[np.int64]  # a stack of the tree's nodes
    shares: npt.NDArray[np.float64]  # the probability of each of them


def new_room(weights: Weights) -> Room:
    """Room for a model."""
    deepest = len(weights.children) + 2
    return Room(
        np.empty(MOST + 8, np.uint64),
        np.empty(DIMENSIONS, np.float32),
        np.zeros(1, np.int64),
        np.empty(deepest, np.int64),
        np.empty(deepest, np.float64),
    )


@numba.njit(nogil=True)
def predict(line: npt.NDArray[np.uint8], end: int, weights: Weights, room: Room) -> Guess:
    """Guess from the bytes line[:end], words parted by spaces alone. Linear in their number, whatever they are."""
    room.features[0] = _BUCKETS  # the word </s>, which ends every line
    room.sums[:] = 0
    room.added[0] = 0
    place, count = np.int64(0), np.int64(1)
    while place < end:
        if line[place] == _SPACE:
            place += 1
        else:
            place, count = _read_word(line, place, end, weights, room, count)
    _add(weights, room, count)
    for column in range(DIMENSIONS):
        room.sums[column] /= np.float32(room.added[0])
    guess: Guess = _descend(weights, room)
    return guess


@inlined
def _read_word(
    line: npt.NDArray[np.uint8], first: np.int64, end: int, weights: Weights, room: Room, count: np.int64
) -> tuple[np.int64, np.int64]:
    """Append the features of the word at `first`; the place behind it and the number of features.

    The hashes of the n-grams that begin at the last four characters grow side by side, so each byte is read once.
    """
    features, kept = room.features, weights.kept
    place, word, known = first, _START, np.int64(1)
    one, two, three, four = _extend(_START, _OPEN), np.uint32(0), np.uint32(0), np.uint32(0)
    while place < end and line[place] != _SPACE:
        four, three, two, one = three, two, one, _START
        while True:
            byte = line[place]
            word, one, two = _extend(word, byte), _extend(one, byte), _extend(two, byte)
            three, four = _extend(three, byte), _extend(four, byte)
            place += 1
            if place == end or (line[place] & 0xC0) != 0x80:
                break
        count = _keep_three(two, three, four, known, kept, features, count)
        known += 1
        if count > MOST:
            count = _add(weights, room, count)
    two, three, four = _extend(one, _CLOSE), _extend(two, _CLOSE), _extend(three, _CLOSE)
    count = _keep_three(two, three, four, known, kept, features, count)
    number = _find(line, first, place, word, weights)
    features[count] = _BUCKETS + np.uint64(number)
    count += number >= 0
    return place, count


@inlined
def _extend(state: np.uint32, byte: np.uint8) -> np.uint32:
    """FNV-1a; fastText's bytes are signed (see `fasttext_model.word_hash`)."""
    return np.uint32((state ^ np.uint32(np.int32(np.int8(byte)))) * _PRIME)


@inlined
def _keep_three(
    two: np.uint32,
    three: np.uint32,
    four: np.uint32,
    known: np.int64,
    kept: npt.NDArray[np.uint64],
    features: npt.NDArray[np.uint64],
    count: np.int64,
) -> np.int64:
    """Append the n-grams that end here, of which only those of up to `known` + 1 characters are within the word."""
    count = _keep(two, known > 0, kept, features, count)
    count = _keep(three, known > 1, kept, features, count)
    count = _keep(four, known > 2, kept, features, count)
    return count


@inlined
def _keep(
    state: np.uint32, within: bool, kept: npt.NDArray[np.uint64], features: npt.NDArray[np.uint64], count: np.int64
) -> np.int64:
    """Append the bucket if the model kept it. Without a branch: a third are kept, which no processor can foresee."""
    bucket = np.uint64(state) % _BUCKETS
    features[count] = bucket
    return count + np.int64(kept[bucket >> _SIX] >> (bucket & _LAST) & _ONE) * within


@inlined
def _find(line: npt.NDArray[np.uint8], first: np.int64, end: np.int64, state: np.uint32, weights: Weights) -> np.int64:
    """The number of the word line[first:end], whose hash is `state`, or -1."""
    table, mask = weights.word_table, len(weights.word_table) - 1
    slot = np.int64(state) & mask
    while table[slot]:
        if np.uint32(table[slot]) == state:
            number = np.int64(table[slot] >> _HALF)
            start, offset = weights.word_ends[number - 1], 0
            size = weights.word_ends[number] - start
            while offset < size and first + offset < end and weights.words[start + offset] == line[first + offset]:
                offset += 1
            if offset == size and first + offset == end:
                return number - 1
        slot = slot + 1 & mask
    return np.int64(-1)


@numba.njit(nogil=True)
def _add(weights: Weights, room: Room, count: np.int64) -> np.int64:
    """Add the vectors of `count` features; 0, the features that still wait. Not inlined, so that the sums stay in registers."""
    kept, ranks, rows, sums = weights.kept, weights.ranks, weights.rows, room.sums
    for place in range(count):
        feature = room.features[place]
        word = feature >> _SIX
        before = kept[word] & (_ONE << (feature & _LAST)) - _ONE
        row = np.uint64(ranks[word]) + _ones(before)
        for column in range(len(sums)):
            sums[column] += rows[row, column]
    room.added[0] += count
    return np.int64(0)


@inlined
def _ones(bits: np.uint64) -> np.uint64:
    """The number of ones; the compiler knows this form as one instruction."""
    bits = bits - (bits >> _ONE & _PAIRS)
    bits = (bits & _FOURS) + (bits >> np.uint64(2) & _FOURS)
    return ((bits + (bits >> np.uint64(4)) & _EIGHTS) * np.uint64(0x0101010101010101)) >> np.uint64(56)


@numba.njit(nogil=True)
def _descend(weights: Weights, room: Room) -> Guess:
    """The two likeliest leaves of the tree, the likelier branch first and nothing that cannot be among them."""
    labels = len(weights.children) + 1
    guess = Guess(-1, 0.0, -1, 0.0)
    room.nodes[0], room.shares[0], height = 2 * labels - 2, 1.0, 1
    while height:
        height -= 1
        node, share = room.nodes[height], room.shares[height]
        if share < LEAST or share <= guess.runner_up:
            continue
        if node < labels:
            guess = _better(guess, node, share)
            continue
        right = _right(weights, node - labels, room.sums)
        likelier = np.int64(right > 0.5)
        for side in (1 - likelier, likelier):
            room.nodes[height] = weights.children[node - labels, side]
            room.shares[height] = share * ((right if side else 1.0 - right) + LEAST)
            height += 1
    return guess


@inlined
def _better(guess: Guess, label: int, share: float) -> Guess:
    if share > guess.probability:
        return Guess(label, share, guess.first, guess.probability)
    return Guess(guess.first, guess.probability, label, share)


@inlined
def _right(weights: Weights, node: int, sums: npt.NDArray[np.float32]) -> float:
    """The share of the right branch, a logistic function."""
    product = np.float32(0)
    for column in range(DIMENSIONS):
        product += sums[column] * weights.nodes[node, column]
    share: float = 1.0 / (1.0 + np.exp(-np.float64(product)))
    return share
