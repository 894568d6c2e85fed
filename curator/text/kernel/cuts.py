"""Cuts a run without white space into words by a table of what stands before, at and behind a character."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curator.text.characters import CLASS
from curator.text.kernel.compiled import integer, part
from curator.text.profiles import CUT_AFTER, CUT_BEFORE, EXTEND, Rules


@part
def _class_behind(rules: Rules, codes: npt.NDArray[np.int32], place: int, count: int) -> int:
    """The class of the next character after `place` that is no combining mark; 0 at the end."""
    for index in range(place + 1, count):
        kind = integer(rules.characters[codes[index]]) & CLASS
        if kind != EXTEND:
            return kind
    return 0


@part
def cut_by_rules(rules: Rules, codes: npt.NDArray[np.int32], count: int, ends: npt.NDArray[np.int32]) -> int:
    """Write where each piece of the first `count` code points ends and return their number.

    A combining mark belongs to what is before it. Only classes that ask for it look behind themselves, so a run of a million
    marks takes linear time.
    """
    pieces, before, pending = 0, 0, False
    for place in range(count):
        kind = integer(rules.characters[codes[place]]) & CLASS
        if kind == EXTEND:
            continue
        behind = _class_behind(rules, codes, place, count) if rules.looks[kind] else 0
        cut = rules.cuts[before, kind, behind]
        if place and (pending or cut & CUT_BEFORE):
            ends[pieces] = place
            pieces += 1
        pending = (cut & CUT_AFTER) != 0
        before = kind
    ends[pieces] = count
    return pieces + 1
