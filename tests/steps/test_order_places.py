"""The copies of a document are never closer than the set distance, whatever stages and orders would do with them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.steps.ordered import Corpus, documents, stages

TWENTIETH = {"quality": {"high": 1.0, "other": 0.0}}
"""What is high stands in the last twentieth of the order, with all of its copies."""


def distances(rows: list[dict[str, Any]]) -> np.ndarray:
    """Between the nearest copies of each document that has several, as shares of the order."""
    places = defaultdict(list)
    for row in rows:
        places[row["doc_id"]].append(row["position"])
    return np.array([min(np.diff(found)) for found in places.values() if len(found) > 1])


@pytest.mark.parametrize("order", ["shuffle", "ascending", "interleave", "chain"])
def test_copies_keep_their_distance_where_a_stage_would_bring_them_together(tmp_path: Path, order: Any) -> None:
    found = {}
    for distance in (0.0, 0.1):
        asked = ((0.0, {}), (0.5, {"source": {"books": 9.0}}), (0.95, TWENTIETH))
        corpus = Corpus(tmp_path / str(distance), documents(4, 900), (300, 600))
        commits = corpus.put_in_order(stages(*asked, order=order, copy_distance=distance))
        moved = sum(commit.counts.get("copies_moved", 0) for commit in commits)
        rows = corpus.placed()
        found[distance] = (distances(rows), moved, {(row["doc_id"], row["copy"]): row["position"] for row in rows})
    (free, not_moved, before), (apart, moved, after) = found.values()
    assert (free.min() < 0.05, not_moved) == (True, 0)
    assert apart.min() >= 0.1 - 1e-12
    assert moved == sum(before[copy] != after[copy] for copy in before)
    assert 0 < moved < len(before) / 2


def test_of_more_copies_than_fit_each_has_its_even_share(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(4, 100, copies=(10,)), (100,))
    corpus.put_in_order(stages((0.0, {}), (0.5, TWENTIETH), copy_distance=0.5))
    assert distances(corpus.placed()).min() >= 0.1 - 1e-12
