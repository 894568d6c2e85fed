"""Texts whose words are random: many pairs of letters are equally frequent, so a trainer has ties to break."""

from __future__ import annotations

from random import Random

import pyarrow as pa


def texts(seed: int, count: int = 300) -> pa.Array:
    """`count` texts of 100 words of few letters, the same for the same seed."""
    random = Random(seed)
    words = ["".join(random.choices("abcdeäß", k=random.randrange(1, 7))) for _ in range(400)]
    return pa.array([" ".join(random.choices(words, k=100)) for _ in range(count)], pa.large_string())
