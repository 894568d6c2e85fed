"""Documents of a window become sequences of at most L tokens: which tokens of which document stand where, from lengths alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curator.algorithms.packing_kernels import best_fit_order

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Packed:
    """Sequences of pieces of documents, all int64: those of sequence i are rows sequence_starts[i] to sequence_starts[i + 1].

    A row is tokens piece_start <= x < piece_start + piece_length of document piece_document (its place in the window).
    """

    sequence_starts: Places
    piece_document: Places
    piece_start: Places
    piece_length: Places

    @property
    def sequences(self) -> int:
        return len(self.sequence_starts) - 1


def best_fit(lengths: Places, capacity: int) -> Packed:
    """Few sequences of documents of `lengths` (n,) >= 1, in training order, by best-fit decreasing (Ding et al. 2024, arXiv
    2404.10830).

    Only documents longer than `capacity` are cut, into pieces of it and a shorter last one. Sequences come in the order of
    their first pieces, and so do the pieces inside them; the last piece of a cut document may stand before its others.
    Time O(n log capacity), memory O(n + capacity).
    """
    document, start, length = _cut(_checked(lengths, capacity), np.zeros_like(lengths), capacity)
    order, sequence_starts = best_fit_order(length, capacity)
    return Packed(
        sequence_starts=sequence_starts,
        piece_document=document[order],
        piece_start=start[order],
        piece_length=length[order],
    )


def concatenate(lengths: Places, capacity: int) -> Packed:
    """One stream of all documents of `lengths` (n,) >= 1, cut wherever a sequence is full: only the last may be short."""
    begin = _begins(_checked(lengths, capacity))
    document, start, length = _cut(lengths, begin % capacity, capacity)
    opens = (begin[document] + start) % capacity == 0
    return Packed(
        sequence_starts=np.append(np.flatnonzero(opens), len(document)),
        piece_document=document,
        piece_start=start,
        piece_length=length,
    )


def lower_bound(lengths: Places, capacity: int) -> int:
    """No packing of the pieces that `best_fit` makes of documents (n,) has fewer sequences: bound L2 of Martello & Toth (1990).

    At least tokens / capacity, rounded up. For each k up to capacity / 2: two pieces above half never share a sequence, and of
    those the ones above capacity - k share with nothing of k or more; the rest must hold what is from k to half.
    """
    _, _, length = _cut(_checked(lengths, capacity), np.zeros_like(lengths), capacity)
    of_length = np.bincount(length, minlength=capacity + 2)
    number, tokens = _from_the_end(of_length), _from_the_end(of_length * np.arange(capacity + 2))
    half = capacity // 2 + 1
    least = np.arange(half)
    alone = capacity + 1 - least
    large = number[half] - number[alone]
    excess = tokens[least] - tokens[alone] - large * capacity
    return int((number[half] + np.maximum(-(-excess // capacity), 0)).max())


def padding(packed: Packed, capacity: int) -> float:
    """The share of the places in all sequences that stays empty, 0 to 1."""
    places = packed.sequences * capacity
    return 1 - int(packed.piece_length.sum()) / places if places else 0.0


def cut_documents(packed: Packed, lengths: Places, capacity: int) -> tuple[int, float]:
    """How many documents (n,) that would fit into one sequence are in several pieces, and their share of those that would fit."""
    pieces = np.bincount(packed.piece_document, minlength=len(lengths))
    fits = lengths <= capacity
    number = int((fits & (pieces > 1)).sum())
    return number, number / max(int(fits.sum()), 1)


def displacement(packed: Packed, lengths: Places) -> tuple[float, int]:
    """How far tokens stand from their places in the concatenated documents (n,), padding not counted, in tokens: mean, largest."""
    asked = _begins(lengths)[packed.piece_document] + packed.piece_start
    distance = np.abs(_begins(packed.piece_length) - asked)
    if not len(distance):
        return 0.0, 0
    return float(np.average(distance, weights=packed.piece_length)), int(distance.max())


def _cut(lengths: Places, phase: Places, capacity: int) -> tuple[Places, Places, Places]:
    """Rows (document, start, length) of the pieces of documents (n,), cut where a sequence of `capacity` tokens ends.

    Each begins `phase` tokens after the beginning of a sequence.
    """
    count = (phase + lengths - 1) // capacity + 1
    document = np.repeat(np.arange(len(lengths)), count)
    number = np.arange(len(document)) - np.repeat(_begins(count), count)
    edge = number * capacity - phase[document]
    start, stop = np.maximum(edge, 0), np.minimum(edge + capacity, lengths[document])
    return document, start, stop - start


def _begins(lengths: Places) -> Places:
    begins: Places = np.cumsum(lengths) - lengths
    return begins


def _from_the_end(values: Places) -> Places:
    sums: Places = np.cumsum(values[::-1])[::-1]
    return sums


def _checked(lengths: Places, capacity: int) -> Places:
    assert capacity >= 1, f"a sequence of {capacity} tokens holds nothing"
    assert lengths.dtype == np.int64, f"lengths are int64, not {lengths.dtype}"
    assert not len(lengths) or lengths.min() >= 1, "every document has its end token, so none has 0 tokens"
    return lengths
