"""Texts cut where a byte-level tokenizer must cut too, so that a chunk that comes again need not be tokenised again.

The expression of GPT-2 gives the last white space before another character to what follows it, whatever stands before: no token
reaches across that place. Of 8 MB of text 10-30 % are chunks that had not come before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.text.buffers import text_buffers

Numbers = npt.NDArray[np.int64]
Ids = npt.NDArray[Any]
Encode = Callable[[Sequence[str]], tuple[Ids, Numbers]]
"""Texts to the tokens of all, one after another, and how many each has."""

JOINED = 100_000  # bytes of different chunks that are tokenised as one text, for a call costs as much as a dozen bytes

_SPACE, _OPENS = np.zeros(256, np.bool_), np.ones(256, np.bool_)
_SPACE[[9, 10, 32]] = True
_OPENS[:33] = _OPENS[127] = False
_OPENS[[0xC2, 0xE1, 0xE2, 0xE3]] = False  # the first bytes of all white space outside ASCII, and of much else


def encode_chunks(texts: pa.Array, token_bytes: Numbers, encode: Encode) -> tuple[Ids, Numbers]:
    """The tokens of all texts, and how many each text has: what `encode` gives for whole texts.

    `token_bytes` are the bytes that each token stands for.
    """
    chunks, first = _cut(texts)
    coded = chunks.dictionary_encode()
    place, ids, counts = _encode_different(coded.dictionary, token_bytes, encode)
    order = place[coded.indices.to_numpy()]
    lists = pa.LargeListArray.from_arrays(pa.array(np.cumsum(np.append(0, counts))), pa.array(ids))
    ends = np.append(0, np.cumsum(counts[order]))
    return lists.take(pa.array(order)).flatten().to_numpy(), np.diff(ends[np.append(first, len(order))])


def _cut(texts: pa.Array) -> tuple[pa.Array, Numbers]:
    """The chunks of all texts one after another, and the number of each text's first one."""
    data, ends = text_buffers(texts)
    data, ends = data[ends[0] : ends[-1]], ends - ends[0]
    opens = np.append(_OPENS[data], False)
    opens[ends] = False  # the next text has nothing to do with this one
    is_bound = np.append(_SPACE[data] & opens[1:], False)
    is_bound[ends] = True
    bounds = np.flatnonzero(is_bound)
    return _texts(data, bounds), np.searchsorted(bounds, ends[:-1])


def _encode_different(chunks: pa.Array, token_bytes: Numbers, encode: Encode) -> tuple[Numbers, Ids, Numbers]:
    """The tokens of all chunks, how many each has, and the place of each among them: those that begin at a cut come first.

    Those are joined to long texts, and which tokens are whose is known from their bytes; each of the others stands alone.
    """
    data, ends = text_buffers(chunks)
    sizes = np.diff(ends)
    heads = np.append(data, 0)[ends[:-1, None] + np.arange(2)]
    joins = _SPACE[heads[:, 0]] & _OPENS[heads[:, 1]] & (sizes > 1) & (sizes <= JOINED)
    together, _ = encode(_joined(chunks.filter(pa.array(joins))))
    alone, counts_alone = encode(chunks.filter(pa.array(~joins)).to_pylist())
    token_ends = np.cumsum(token_bytes[together])
    last = np.searchsorted(token_ends, np.cumsum(sizes[joins])) + 1
    place = np.empty(len(chunks), np.int64)
    place[np.append(np.flatnonzero(joins), np.flatnonzero(~joins))] = np.arange(len(chunks))
    return place, np.append(together, alone), np.append(np.diff(last, prepend=0), counts_alone)


def _joined(chunks: pa.Array) -> list[str]:
    """All chunks one after another, as few texts."""
    data, ends = text_buffers(chunks)
    whole = np.flatnonzero(
        np.diff(ends // JOINED, append=-1)
    )  # the last chunk that ends in each stretch of JOINED bytes
    return list(_texts(data, np.unique(np.append(ends[0], ends[whole]))).to_pylist())


def _texts(data: npt.NDArray[np.uint8], bounds: Numbers) -> pa.Array:
    """The texts between the bounds."""
    return pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data))
