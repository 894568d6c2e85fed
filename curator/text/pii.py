"""Counts personal data (addresses, numbers, keys) in a column of texts, and puts a placeholder where it stood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.buffers import text_buffers
from curator.text.pii_candidates import ACCOUNT, ADDRESS, COLON, DOTTED, NUMBER, TOKEN, candidates
from curator.text.pii_patterns import Finder, accounts, addresses4, addresses6, cards, emails, keys
from curator.text.pii_phones import phones

Action = Literal["count", "mask"]

_FINDERS: tuple[tuple[str, int, Finder], ...] = (
    ("email", ADDRESS, emails),
    ("ip", DOTTED, addresses4),
    ("ip", COLON, addresses6),
    ("phone", NUMBER, phones),
    ("card", NUMBER, cards),
    ("iban", ACCOUNT, accounts),
    ("key", TOKEN, keys),
)
KINDS = tuple(dict.fromkeys(kind for kind, _, _ in _FINDERS))
"""The kinds of personal data: email, ip, phone, card, iban, key."""
PLACEHOLDERS = {kind: f"<{kind.upper()}>" for kind in KINDS}
"""What masked data becomes. One form for all, as StarCoder has it: it keeps the grammar of the sentence, can be counted and
filled in later, cannot be taken for somebody's data (as FineWeb's random IP addresses can), and holds no digit, "@" or word that a
pattern looks for, so that masking twice is masking once."""


_Hit = tuple[int, int, str]  # first byte, the byte after the last one, kind


def treat_pii(text: pa.Array, actions: Mapping[str, Action]) -> tuple[pa.Array, pa.Table]:
    """The text with the masked kinds replaced, and how often each kind occurs.

    `text` is string or large_string, and comes back as large_string; null stays null and counts 0. `actions` says for each of KINDS
    that is looked for whether it is only counted or also replaced by its placeholder. The table has one int32 column
    `pii_<kind>` for each of them, in the order of KINDS, and one row for each document. Where two hits overlap, the one that
    starts first counts, and of two that start together the longer one. What stands alone only after its neighbour was masked
    is masked and counted too, so a masked text counts 0.
    """
    assert actions.keys() <= set(KINDS), actions
    text = text.cast(pa.large_string())
    counts = {kind: np.zeros(len(text), np.int32) for kind in KINDS if kind in actions}
    masked = [kind for kind in counts if actions[kind] == "mask"]
    rows, replaced = _treat(text, np.arange(len(text)), list(counts), masked, counts)
    while len(rows):
        text = _put(text, rows, replaced)
        rows, replaced = _treat(pa.array(replaced, pa.large_string()), rows, masked, masked, counts)
    return text, pa.table({f"pii_{kind}": column for kind, column in counts.items()})


def _treat(
    text: pa.Array,
    rows: npt.NDArray[np.int64],
    looked_for: Sequence[str],
    masked: Sequence[str],
    counts: Mapping[str, npt.NDArray[np.int32]],
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """One pass over `text`, the given rows of the column: adds to the counts; the rows that change, and their new texts."""
    data, offsets = text_buffers(text)
    finders: dict[int, list[tuple[str, Finder]]] = {}
    for kind, candidate, finder in _FINDERS:
        if kind in looked_for:
            finders.setdefault(candidate, []).append((kind, finder))
    found = candidates(data, offsets, sum(finders))
    changed, replaced = [], []
    for document, places in groupby(found.tolist(), key=itemgetter(0)):
        content = data[offsets[document] : offsets[document + 1]].tobytes()
        hits = _hits(content, places, finders)
        for _, _, kind in hits:
            counts[kind][rows[document]] += 1
        hits = [hit for hit in hits if hit[2] in masked]
        if hits:
            changed.append(rows[document])
            replaced.append(_masked(content, hits))
    return np.array(changed, np.int64), replaced


def _hits(content: bytes, places: Iterable[list[int]], finders: Mapping[int, list[tuple[str, Finder]]]) -> list[_Hit]:
    """The hits of one document in their order, without overlaps."""
    hits: list[_Hit] = []
    for _, candidate, first, last in places:
        for kind, finder in finders[candidate]:
            hits += [(start, end, kind) for start, end in finder(content, first, last)]
    if len(hits) > 1:
        hits.sort(key=_order)
    chosen, last = [], 0
    for hit in hits:
        if hit[0] >= last:
            chosen.append(hit)
            last = hit[1]
    return chosen


def _order(hit: _Hit) -> tuple[int, int, int]:
    return hit[0], -hit[1], KINDS.index(hit[2])


def _masked(content: bytes, hits: Sequence[_Hit]) -> str:
    pieces, last = [], 0
    for start, end, kind in hits:
        pieces += [content[last:start], PLACEHOLDERS[kind].encode()]
        last = end
    return b"".join([*pieces, content[last:]]).decode()


def _put(text: pa.Array, rows: npt.NDArray[np.int64], replaced: list[str]) -> pa.Array:
    mask = np.zeros(len(text), np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(text, mask, pa.array(replaced, pa.large_string()))
