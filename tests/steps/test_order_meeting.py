"""Documents of a concept that meet stand evenly spaced, or as a chain of similar ones, in whichever order they come."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.steps.order_meeting import RANKS, STAGE_BITS, chained, spaced, spaced_rows
from curator.store.vectors import to_column

COPIES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 2**64 - 1)), min_size=1, max_size=40
)  # concept, stage, hash


def rows_of(members: list[tuple[int, int, int]]) -> pa.Table:
    concept, stage, hashed = (
        np.array(column, kind)
        for column, kind in zip(zip(*members, strict=True), (np.uint64, np.int64, np.uint64), strict=True)
    )
    number = np.arange(len(members))
    copies = pa.table({"doc_id": (number // 2).astype(np.uint64), "copy": (number % 2).astype(np.int32)})
    return spaced_rows(copies, concept, stage, hashed, seed=1)


@settings(deadline=None)
@given(members=COPIES, seed=st.integers(0, 2**32 - 1))
def test_copies_of_a_concept_and_stage_are_equally_far_apart_in_the_order_of_their_hashes(
    members: list[tuple[int, int, int]], seed: int
) -> None:
    rows = rows_of(members)
    found = spaced(rows)
    assert found.schema == RANKS
    rank = {(row["doc_id"], row["copy"]): row["rank"] for row in found.to_pylist()}
    met = defaultdict(list)
    for number, (concept, stage, hashed) in enumerate(members):
        met[concept, stage].append((hashed, number, rank[number // 2, number % 2]))
    for copies in met.values():
        ranks = [place for _, _, place in sorted(copies)]
        assert 0 <= ranks[0] < 1 / len(ranks) + 1e-12
        assert np.diff(ranks) == pytest.approx(1 / len(ranks))
        assert max(ranks) < 1
    shuffled = np.random.default_rng(seed).permutation(rows.num_rows)
    again = spaced(rows.take(pa.array(shuffled)))
    assert again.sort_by([("doc_id", "ascending"), ("copy", "ascending")]).equals(found)


def test_concepts_and_stages_meet_apart_and_begin_at_places_of_their_own() -> None:
    concepts, stages_of_one = 300, 100
    members = [(concept, stage, 0) for concept in range(concepts) for stage in range(stages_of_one)]
    keys = rows_of(members)["key"].to_numpy()
    assert stages_of_one <= 2**STAGE_BITS
    assert len(np.unique(keys)) == len(members)
    begins = spaced(rows_of(members))["rank"].to_numpy()
    assert abs(np.histogram(begins, 10, (0, 1))[0] / len(members) - 0.1).max() < 0.02


def chain_rows(concept: list[int], vectors: np.ndarray, tokens: list[int]) -> pa.Table:
    columns = {
        "key": np.array(concept, np.uint64),
        "doc_id": np.arange(len(concept), dtype=np.uint64),
        "tokens": np.array(tokens, np.int64),
    }
    return pa.table({**columns, "embedding": to_column(vectors.astype(np.float32))})


def test_concepts_stand_one_after_another_and_neighbours_inside_are_alike() -> None:
    rng = np.random.default_rng(5)
    concept = rng.integers(0, 5, 200).tolist()
    angle = rng.random(200) * np.pi  # a half circle: the chain goes along it
    rows = chain_rows(concept, np.stack([np.cos(angle), np.sin(angle)], axis=1), rng.integers(0, 50, 200).tolist())
    found = chained(rows, concepts=5, seed=1)
    assert found.schema == RANKS
    rank = found["rank"].to_numpy()
    assert ((rank >= 0) & (rank < 1)).all()
    order = np.argsort(rank)
    following = np.array(concept)[order]
    assert np.count_nonzero(np.diff(following)) == 4
    assert following[np.flatnonzero(np.diff(following, prepend=-1))].tolist() != [0, 1, 2, 3, 4]
    same = np.diff(following) == 0
    steps = np.abs(np.diff(angle[order]))[same]
    assert np.median(steps) < 0.1  # 40 documents on a half circle of 3.14
    assert set(found["copy"].to_pylist()) == {0}
    again = chained(rows.take(pa.array(rng.permutation(200))), concepts=5, seed=1).sort_by("doc_id")
    assert again.equals(found.sort_by("doc_id"))


def test_a_chain_is_the_same_when_its_concept_meets_alone() -> None:
    rng = np.random.default_rng(6)
    concept = rng.integers(0, 3, 60).tolist()
    rows = chain_rows(concept, rng.normal(size=(60, 4)), rng.integers(1, 50, 60).tolist())
    whole = chained(rows, concepts=3, seed=4)
    alone = [chained(rows.filter(pa.array(np.array(concept) == one)), concepts=3, seed=4) for one in range(3)]
    assert pa.concat_tables(alone).sort_by("doc_id").equals(whole.sort_by("doc_id"))


def test_documents_without_tokens_or_direction_have_places_of_their_own() -> None:
    rows = chain_rows([0, 0, 0, 1], np.zeros((4, 3)), [0, 0, 0, 0])
    rank = chained(rows, concepts=2, seed=1)["rank"]
    assert len(set(rank.to_pylist())) == 4
