"""Sequences of one document each, one length per batch, short ones first: Dataset Decomposition (Pouransari et al. 2024,
arXiv 2405.13226)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.algorithms.packing import Packed

Places = npt.NDArray[np.int64]

CYCLES = 8


def by_length(lengths: Places, smallest: int, largest: int) -> tuple[Packed, Places]:
    """Documents of `lengths` (n,) >= 1 in pieces of powers of two, each a sequence, and their buckets: 0 has `smallest` tokens.

    A document is cut into as many pieces of `largest` as it has, then what its binary digits say, down to `smallest`;
    what is left is a shorter sequence in bucket 0 (the paper drops it). The order is that of the documents.
    """
    assert smallest.bit_count() == largest.bit_count() == 1, f"{smallest} and {largest} are not both powers of two"
    assert smallest <= largest, f"powers of two from {smallest} to {largest}: there is none"
    assert not len(lengths) or lengths.min() >= 1, "every document has its end token, so none has 0 tokens"
    sizes = largest >> np.arange(largest.bit_length() - smallest.bit_length() + 1)
    count = np.empty((len(lengths), len(sizes) + 1), np.int64)
    count[:, 0] = lengths // largest
    count[:, 1:-1] = lengths[:, None] // sizes[1:] % 2
    count[:, -1] = lengths % smallest > 0
    document, kind = np.divmod(np.repeat(np.arange(count.size), count.ravel()), len(sizes) + 1)
    length = np.where(kind < len(sizes), np.append(sizes, 0)[kind], lengths[document] % smallest)
    start = np.cumsum(length) - length - (np.cumsum(lengths) - lengths)[document]
    packed = Packed(
        sequence_starts=np.arange(len(length) + 1), piece_document=document, piece_start=start, piece_length=length
    )
    return packed, np.maximum(len(sizes) - 1 - kind, 0)


def length_order(buckets: Places, smallest: int, batch_tokens: int, *, cycles: int = CYCLES) -> tuple[Places, Places]:
    """The order (n,) of sequences of `buckets` (n,), and where each batch begins in it (batches + 1,): one bucket per batch.

    A batch has as many sequences as fit into `batch_tokens`, the last one of a bucket maybe fewer. The batches of each bucket
    are dealt evenly to the cycles; inside a cycle bucket b is used up 2^-b times as fast as bucket 0: the odds 32:16:8:4:2:1
    (Grow-P2) that the paper's code multiplies by the tokens of the bucket. It draws by these odds; here they are shares,
    without chance.
    """
    size = np.bincount(buckets)
    bucket, begin, end = _batches(size, smallest, batch_tokens, cycles)
    by_bucket, first = np.argsort(buckets, kind="stable"), np.cumsum(size) - size
    starts = np.append(0, np.cumsum(end - begin))
    place = np.repeat(first[bucket] + begin - starts[:-1], end - begin) + np.arange(len(buckets))
    return by_bucket[place], starts


def length_runs(size: Places, smallest: int, batch_tokens: int, *, cycles: int = CYCLES) -> tuple[tuple[int, int], ...]:
    """How `length_order` puts `size` (buckets,) sequences of each bucket: the length of the bucket, and how many follow."""
    bucket, begin, end = _batches(size, smallest, batch_tokens, cycles)
    opens = np.flatnonzero(np.diff(bucket, prepend=-1))
    runs = zip(smallest << bucket[opens], np.add.reduceat(end - begin, opens), strict=True) if len(opens) else ()
    return tuple((int(length), int(number)) for length, number in runs)


def _batches(size: Places, smallest: int, batch_tokens: int, cycles: int) -> tuple[Places, Places, Places]:
    """All batches in training order: their bucket, and which sequences of it they are, begin <= number < end."""
    assert cycles >= 1, f"{cycles} cycles have no batch"
    per_batch = batch_tokens // (smallest << np.arange(len(size)))
    assert (per_batch >= 1).all(), f"a batch of {batch_tokens} tokens holds no sequence of the longest bucket"
    batches = -(-size // per_batch)
    bucket = np.repeat(np.arange(len(size)), batches)
    batch = np.arange(len(bucket)) - (np.cumsum(batches) - batches)[bucket]
    cycle = batch * cycles // batches[bucket]
    first = -(-cycle * batches[bucket] // cycles)  # the bucket's first batch of this cycle, and of the next one
    end = -(-(cycle + 1) * batches[bucket] // cycles)
    progress = (2 * (batch - first) + 1) / (2 * (end - first))
    order = np.lexsort((batch, bucket, progress * 2.0**bucket, cycle))
    bucket, begin = bucket[order], (batch * per_batch[bucket])[order]
    return bucket, begin, np.minimum(begin + per_batch[bucket], size[bucket])
