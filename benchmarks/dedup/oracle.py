"""The truth: exact Jaccard similarity of word 5-gram sets, for all pairs of a corpus above a bound, none missed.

Words are runs of `\\w` (Unicode letters, digits, underscore) of the text in lower case: what the `jaccard5_*` columns of
../shared/data/neardup were computed with. Shingles are told apart by 64-bit hashes: among 10^8 of them 0.0003 collisions are
expected. The join is AllPairs with PPJoin's positional filter (Bayardo 2007, Xiao 2008) over shingles in order of frequency,
rarest first: a pair above the bound must share one of the first shingles, and shingles of one document alone never match.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

SHINGLE_WORDS = 5
HASH_RANGES = 16  # sorted one after the other, which bounds the memory of counting
ROUNDING = 1e-9  # 0.7 x 10 is above 7 in floating point
_WORD = np.array([chr(code).isalnum() or code == 95 for code in range(0x110000)])

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ShingleSets:
    """The distinct shingle hashes of document d: `hashes[offsets[d] : offsets[d + 1]]`, ascending."""

    hashes: Hashes
    offsets: Numbers

    @property
    def sizes(self) -> Numbers:
        return np.diff(self.offsets)

    @staticmethod
    def joined(parts: list[ShingleSets]) -> ShingleSets:
        sizes = np.concatenate([part.sizes for part in parts])
        hashes = np.concatenate([part.hashes for part in parts])
        return ShingleSets(hashes=hashes, offsets=_offsets(sizes))


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of documents left < right with their exact Jaccard similarity, sorted by (left, right)."""

    left: Numbers
    right: Numbers
    jaccard: npt.NDArray[np.float64]

    def above(self, bound: float) -> Pairs:
        chosen = self.jaccard >= bound - ROUNDING
        return Pairs(left=self.left[chosen], right=self.right[chosen], jaccard=self.jaccard[chosen])


def shingle_sets(texts: list[str]) -> ShingleSets:
    """The word 5-gram sets of texts; a text of fewer than five words has none."""
    lowered = [text.lower() for text in texts]
    codes = np.frombuffer("".join(lowered).encode("utf-32-le", "surrogatepass"), np.uint32)
    starts = _offsets(np.array([len(text) for text in lowered], np.int64))
    hashes = np.empty((len(codes) + len(texts)) // 2, np.uint64)  # two words of a text have a character between them
    sizes = np.empty(len(texts), np.int64)
    used = _shingles(codes, starts, _WORD, SHINGLE_WORDS, hashes, sizes)
    return ShingleSets(hashes=hashes[:used].copy(), offsets=_offsets(sizes))


def similar_pairs(sets: ShingleSets, minimum: float) -> Pairs:
    """All pairs whose Jaccard similarity is at least `minimum`."""
    tokens, offsets = _shared_tokens(sets)
    order = np.argsort(sets.sizes, kind="stable")
    left, right, overlap = _join(tokens, offsets, sets.sizes, order, minimum)
    low, high = np.minimum(left, right), np.maximum(left, right)
    jaccard = overlap / (sets.sizes[left] + sets.sizes[right] - overlap)
    place = np.lexsort((high, low))
    return Pairs(left=low[place], right=high[place], jaccard=jaccard[place])


def jaccard_of(sets: ShingleSets, left: Numbers, right: Numbers) -> npt.NDArray[np.float64]:
    """The exact Jaccard similarity of given pairs of documents; 0 where both have no shingle."""
    return _jaccard(sets.hashes, sets.offsets, left, right)


def _offsets(sizes: Numbers) -> Numbers:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def _shared_tokens(sets: ShingleSets) -> tuple[npt.NDArray[np.int32], Numbers]:
    """The shingles that stand in several documents, renumbered by rising frequency, ascending in each document."""
    token, frequency = _number_shared(sets.hashes)
    rank = np.empty(len(frequency), np.int32)
    rank[np.argsort(frequency, kind="stable")] = np.arange(len(frequency), dtype=np.int32)
    shared = token >= 0
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(shared, dtype=np.int64)])[sets.offsets]
    tokens = rank[token[shared]]
    _sort_each(tokens, offsets)
    return tokens, offsets


def _number_shared(hashes: Hashes) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """For every hash the number of its value, or -1 where it stands there once; for every number how often it stands there."""
    token = np.full(len(hashes), -1, np.int32)
    frequencies = []
    numbered = 0
    ranges = (hashes >> np.uint64(64 - (HASH_RANGES - 1).bit_length())).astype(np.uint8)
    for one in range(HASH_RANGES):
        places = np.flatnonzero(ranges == one)
        places = places[np.argsort(hashes[places])]
        first = np.flatnonzero(np.diff(hashes[places], prepend=~hashes[places[:1]]) != 0)
        count = np.diff(first, append=len(places))
        several = count > 1
        number = np.where(several, numbered - 1 + np.cumsum(several), -1)
        token[places] = np.repeat(number, count)
        frequencies.append(count[several].astype(np.int32))
        numbered += int(several.sum())
    return token, np.concatenate(frequencies)


@numba.njit(cache=True, nogil=True)
def _mix(x: np.uint64) -> np.uint64:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def _shingles(codes, starts, is_word, width, hashes, sizes):
    """Write the sorted distinct shingle hashes of each text and their number; how many there are in all."""
    used = 0
    recent = np.zeros(width, np.uint64)
    for document in range(sizes.size):
        first, words, word = used, 0, np.uint64(0)
        for place in range(starts[document], starts[document + 1] + 1):
            inside = place < starts[document + 1] and is_word[codes[place]]
            if inside:
                word = _mix((word ^ np.uint64(codes[place])) + np.uint64(0x9E3779B97F4A7C15))
            elif word:
                recent[words % width] = word
                words += 1
                word = np.uint64(0)
                if words >= width:
                    shingle = np.uint64(0)
                    for step in range(width):
                        shingle = _mix(shingle * np.uint64(3) + recent[(words + step) % width])
                    hashes[used] = shingle
                    used += 1
        hashes[first:used].sort()
        kept = first
        for place in range(first, used):
            if place == first or hashes[place] != hashes[kept - 1]:
                hashes[kept] = hashes[place]
                kept += 1
        used = kept
        sizes[document] = used - first
    return used


@numba.njit(cache=True, nogil=True)
def _sort_each(tokens, offsets):
    for document in range(offsets.size - 1):
        tokens[offsets[document] : offsets[document + 1]].sort()


@numba.njit(cache=True, nogil=True)
def _join(tokens, offsets, sizes, order, minimum):
    """Pairs and overlaps. Documents come by rising size, so that all partners in the index are at most as large.

    `sizes` counts all shingles, `tokens` only the shared ones: those of one document alone come first in its order, so they
    use up its prefix, and most documents have nothing to look up.
    """
    postings, counts = _empty_index(tokens, offsets, sizes, minimum)
    begin, end = postings[:-1].copy(), postings[:-1].copy()
    members = np.empty(postings[-1], np.int64)
    positions = np.empty(postings[-1], np.int32)
    found = np.empty((1024, 3), np.int64)
    pairs = 0
    overlap = np.zeros(order.size, np.int32)
    candidates = np.empty(order.size, np.int64)
    for one in order:
        mine = tokens[offsets[one] : offsets[one + 1]]
        prefix = sizes[one] - np.int64(np.ceil(minimum * sizes[one] - ROUNDING)) + 1 - (sizes[one] - mine.size)
        touched = 0
        for place in range(min(mine.size, prefix)):
            token = mine[place]
            while begin[token] < end[token] and sizes[members[begin[token]]] < minimum * sizes[one] - ROUNDING:
                begin[token] += 1
            for posting in range(begin[token], end[token]):
                other = members[posting]
                if overlap[other] == 0:
                    candidates[touched] = other
                    touched += 1
                left = min(mine.size - place, offsets[other + 1] - offsets[other] - positions[posting]) - 1
                if overlap[other] >= 0 and overlap[other] + 1 + left >= _needed(sizes[one], sizes[other], minimum):
                    overlap[other] += 1
                else:
                    overlap[other] = -1
        for candidate in candidates[:touched]:
            if overlap[candidate] > 0:
                common = _common(
                    mine,
                    tokens[offsets[candidate] : offsets[candidate + 1]],
                    _needed(sizes[one], sizes[candidate], minimum),
                )
                if common >= 0:
                    if pairs == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[pairs, 0], found[pairs, 1], found[pairs, 2] = one, candidate, common
                    pairs += 1
            overlap[candidate] = 0
        for place in range(counts[one]):
            members[end[mine[place]]] = one
            positions[end[mine[place]]] = place
            end[mine[place]] += 1
    return found[:pairs, 0].copy(), found[:pairs, 1].copy(), found[:pairs, 2].copy()


@numba.njit(cache=True, nogil=True)
def _empty_index(tokens, offsets, sizes, minimum):
    """Where the postings of each token will begin, and how many tokens of each document are indexed.

    Partners that come later are at least as large, so 2 t / (1 + t) of a document's shingles must be common.
    """
    counts = np.zeros(sizes.size, np.int64)
    size = 1 + (tokens.max() if tokens.size else 0)
    postings = np.zeros(size + 1, np.int64)
    for one in range(sizes.size):
        shared = offsets[one + 1] - offsets[one]
        prefix = sizes[one] - _needed(sizes[one], sizes[one], minimum) + 1
        counts[one] = min(shared, max(0, prefix - (sizes[one] - shared)))
        for place in range(counts[one]):
            postings[tokens[offsets[one] + place] + 1] += 1
    return np.cumsum(postings), counts


@numba.njit(cache=True, nogil=True)
def _needed(one, other, minimum):
    """The smallest overlap of two sets of these sizes whose Jaccard similarity reaches the minimum."""
    needed = np.int64(minimum / (1 + minimum) * (one + other))
    while needed < minimum * (one + other - needed) - ROUNDING:
        needed += 1
    return needed


@numba.njit(cache=True, nogil=True)
def _common(one, other, needed):
    """How many values two ascending lists share, or -1 as soon as it must be fewer than needed."""
    here = there = common = 0
    while here < one.size and there < other.size:
        if common + min(one.size - here, other.size - there) < needed:
            return -1
        if one[here] == other[there]:
            common += 1
            here += 1
            there += 1
        elif one[here] < other[there]:
            here += 1
        else:
            there += 1
    return common if common >= needed else -1


@numba.njit(cache=True, nogil=True)
def _jaccard(hashes, offsets, left, right):
    found = np.zeros(left.size, np.float64)
    for pair in range(left.size):
        one = hashes[offsets[left[pair]] : offsets[left[pair] + 1]]
        other = hashes[offsets[right[pair]] : offsets[right[pair] + 1]]
        common = _common(one, other, 0)
        if one.size + other.size:
            found[pair] = common / (one.size + other.size - common)
    return found
