"""Captions: texts that stand beside a medium. What is asked of prose is not asked of them, and alike is what is alike in both."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.cleaning import Language
from curator.readers.media import MEDIUM

Ids = npt.NDArray[np.uint64]


def is_caption(documents: pa.Table) -> pa.ChunkedArray:
    """Which documents (n,) have a medium, from the column `medium`."""
    return pc.is_valid(documents["medium"])


def prose(documents: pa.Table) -> pa.Table:
    """The documents without a medium: captions of two pictures may well be alike."""
    captions = is_caption(documents)
    return documents.filter(pc.invert(captions)) if pc.any(captions).as_py() else documents


def of_prose(verdicts: pa.Table, captions: pa.ChunkedArray) -> pa.Table:
    """Verdicts (n rows, a column `reason`) without those on captions."""
    reason = pc.if_else(captions, None, verdicts["reason"])
    return verdicts.set_column(verdicts.column_names.index("reason"), "reason", reason)


def of_unknown_language(statistics: pa.Table, language: Language) -> pa.Array:
    """Which documents (n,) are captions that are not surely in another language than those that are kept.

    In four words a language shows seldom: of 16 English captions of our own 8 had less than .65, one was taken for Swedish.
    """
    elsewhere = pc.invert(pc.is_in(statistics["language"], value_set=pa.array(language.keep)))
    surely = pc.greater_equal(statistics["language_probability"], language.min_probability)
    return pc.and_(statistics["is_caption"], pc.invert(pc.and_(elsewhere, surely)))


def media_hashes(medium: pa.ChunkedArray) -> Ids:
    """A hash of the bytes, or else of the address, of each medium (n,); 0 where there is none."""
    hashes = np.zeros(len(medium), np.uint64)
    places = np.flatnonzero(pc.is_valid(medium).to_numpy())
    content = pc.coalesce(
        pc.struct_field(medium, "bytes"), pc.struct_field(medium, "path").cast(MEDIUM.field("bytes").type)
    )
    digests = (hashlib.blake2b(one.as_buffer(), digest_size=8).digest() for one in content.take(pa.array(places)))
    hashes[places] = np.frombuffer(b"".join(digests), "<u8")
    return hashes
