"""The exact join of the duplicate benchmark against sets in plain Python, and the measures that stand on it."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from dedup.measures import precision, precision_of_named, recall, truth_of_texts
from dedup.oracle import ShingleSets, jaccard_of, shingle_sets, similar_pairs
from dedup.revisions import group_labels, score
from dedup.runs import last_leader
from hypothesis import given, settings
from hypothesis import strategies as st

BOUNDS = (0.5, 0.7, 0.8, 0.9)
words = st.sampled_from(["a", "B", "ß", "x_1", "日本", "É"])
separators = st.sampled_from([" ", "\n", ", ", " -- ", "\u00a0"])
documents = st.lists(st.tuples(words, separators).map("".join), max_size=14).map("".join)


def plain_shingles(text: str) -> set[tuple[str, ...]]:
    found = re.findall(r"\w+", text.lower())
    return {tuple(found[start : start + 5]) for start in range(len(found) - 4)}


def plain_jaccard(one: str, other: str) -> float:
    left, right = plain_shingles(one), plain_shingles(other)
    return len(left & right) / len(left | right) if left | right else 0.0


@settings(deadline=None)  # the first example compiles the kernels
@given(st.lists(documents, max_size=12), st.sampled_from(BOUNDS))
def test_the_join_finds_exactly_the_pairs_that_plain_sets_find(texts: list[str], bound: float) -> None:
    expected = {
        (left, right): plain_jaccard(texts[left], texts[right])
        for left, right in combinations(range(len(texts)), 2)
        if plain_jaccard(texts[left], texts[right]) >= bound
    }
    pairs = similar_pairs(shingle_sets(texts), bound)
    found = dict(zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), pairs.jaccard.tolist(), strict=True))
    assert found == pytest.approx(expected)


def test_the_join_finds_all_pairs_of_many_edited_copies() -> None:
    choice = np.random.default_rng(2)
    texts = []
    for _ in range(12):
        base = choice.integers(40, size=60)
        for edits in range(8):
            copy = base.copy()
            copy[choice.integers(60, size=edits)] = choice.integers(40, size=edits)
            texts.append(" ".join(f"w{word}" for word in copy))
    for bound in BOUNDS:
        pairs = similar_pairs(shingle_sets(texts), bound)
        expected = sum(plain_jaccard(one, other) >= bound for one, other in combinations(texts, 2))
        assert len(pairs.left) == expected > 0


def test_sets_made_in_parts_are_those_made_at_once() -> None:
    texts = ["one two three four five six", "", "a b c d e", "one two three four five seven"]
    joined = ShingleSets.joined([shingle_sets(texts[:1]), shingle_sets(texts[1:])])
    assert joined.hashes.tolist() == shingle_sets(texts).hashes.tolist()
    assert joined.sizes.tolist() == [2, 0, 1, 2]
    assert jaccard_of(joined, np.array([0, 1]), np.array([3, 1])).tolist() == pytest.approx([1 / 3, 0])


def test_recall_and_precision_count_pairs_and_removed_documents() -> None:
    long = " ".join(map(str, range(60)))
    texts = [long, long + " x", long + " y", "quite another document of six words", long.replace("30", "z")]
    truth = truth_of_texts(list("abcde"), texts)
    near = truth.pairs.above(0.8)
    assert len(near.left) == 6
    assert recall(truth.pairs, truth.flags(["b", "c"]), 0.8) == pytest.approx(5 / 6)  # a and e still stand side by side
    assert precision(truth.pairs, truth.flags(["b", "d"]), 0.7) == 0.5
    assert precision_of_named(truth, {"b": "a", "d": "a"}, 0.7) == 0.5


def test_groups_that_follow_the_true_pairs_score_one() -> None:
    long, other = " ".join(map(str, range(60))), " ".join(map(str, range(100, 160)))
    truth = truth_of_texts(list("abcde"), [long, long + " x", other, other + " y", "a text of exactly six words"])
    kept_for = {"b": "a", "d": "c"}
    right = score("set", truth, group_labels(truth, kept_for), kept_for, 0.8)
    assert (right.pairs, right.precision, right.recall, right.ari, right.apart, right.justified) == (2, 1, 1, 1, 1, 1)
    wrong = score("set", truth, group_labels(truth, {"b": "a", "e": "a"}), {"b": "a", "e": "a"}, 0.8)
    assert (wrong.precision, wrong.recall, wrong.apart, wrong.justified) == (pytest.approx(1 / 3), 0.5, 0.5, 0.5)


def test_the_leader_of_a_chain_is_the_document_that_was_kept() -> None:
    assert last_leader(3, {3: 2, 2: 1}) == 1
    assert last_leader(3, {3: None}) == 3
