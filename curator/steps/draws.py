"""What each draw adds to its seed: two over the same ids with one seed would be the same draw, and pick the same documents.

Steps up to `curate` draw by the plain seed and have left those with low hashes, so these stand apart from it too. `budgets` came
before them and has 1 << 33, which is QUALITY_TIES: among documents of one quality those that its `random` fill keeps rank low.
"""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Draw(IntEnum):
    """Seeds of a YAML are small; a number here never changes, for outputs do with it."""

    ORDER_PLACES = 1 << 32
    QUALITY_TIES = 2 << 32
    DIFFICULTY_TIES = 3 << 32
    RANK_SAMPLE = 4 << 32
    PROXY_SAMPLE = 5 << 32
    PROXY_HALVES = 6 << 32
    BLENDED = 7 << 32
    ASSIGNMENT_WALKS = 8 << 32
    ASSIGNMENT_STARTS = 9 << 32
    COLLAPSED = 10 << 32
    REPORT_SAMPLE = 11 << 32
    REPORT_ORDER = 12 << 32
    CAPTIONS_EXPANDED = 13 << 32
    CAPTION_STRATEGIES = 14 << 32
