"""From the tokens of groups to rates: targets are met or said not to be, and what is there already counts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curator.config.concepts import Rebalance
from curator.steps.rebalance_mixture import mixture_of, shortcomings


def sums(**groups: tuple[int, int]) -> pa.Table:
    """SUMS: tokens and tokens with copies of each group."""
    once, copied = zip(*groups.values(), strict=True)
    columns = {
        "key": np.arange(len(once), dtype=np.uint64),
        "name": list(groups),
        "step": np.zeros(len(once), np.uint8),
    }
    return pa.table(columns | {"tokens": once, "copied_tokens": copied})


def test_what_cannot_be_had_is_said() -> None:
    rebalance = Rebalance(method="mixture", by="source", mixture={"web": 0.5, "bokks": 0.5}, tokens=10_000)
    mixture, _ = mixture_of(sums(web=(1000, 1000), books=(200, 200)), rebalance)
    assert mixture["target_tokens"].to_pylist() == [800, 4000]
    absent, short = shortcomings(mixture, 10_000, rebalance)
    assert absent == "rebalance.mixture names bokks: no selected document has that source"
    assert short.startswith("rebalance gives 4,800 of 10,000 tokens: ")
    fits = Rebalance(method="mixture", by="source", mixture={"web": 0.5, "books": 0.5}, tokens=1000)
    assert shortcomings(mixture_of(sums(web=(1000, 1000), books=(200, 200)), fits)[0], 1000, fits) == ()


def test_rehydrated_text_counts_as_there_and_passes_count_all_copies() -> None:
    mixture, rates = mixture_of(sums(a=(100, 300), b=(100, 100)), Rebalance(by="source", method="size"))
    assert rates["rate"].to_pylist() == [1.0, 1.0]
    assert mixture["passes"].to_pylist() == [3.0, 1.0]
    assert mixture["effective_tokens"].to_pylist() == [288, 100]


def test_a_theme_may_be_named_by_its_number() -> None:
    assert Rebalance.model_validate({"method": "mixture", "mixture": {3: 0.5}}).mixture == {"3": 0.5}


def test_groups_of_empty_texts_keep_their_documents() -> None:
    for quality in (None, {}):
        rebalance = Rebalance.model_validate({"by": "source", "quality": quality})
        mixture, rates = mixture_of(sums(a=(0, 0), b=(0, 0)), rebalance)
        assert rates["rate"].to_pylist() == mixture["passes"].to_pylist() == [1.0, 1.0]


def test_the_rates_of_a_quality_curve_add_up_to_the_target() -> None:
    rng = np.random.default_rng(5)
    tokens = rng.integers(1, 10**9, 512)
    columns = {
        "key": np.zeros(512, np.uint64),
        "name": ["a"] * 256 + ["b"] * 256,
        "step": np.tile(np.arange(256, dtype=np.uint8), 2),
    }
    rows = pa.table(columns | {"tokens": tokens, "copied_tokens": tokens})
    rebalance = Rebalance.model_validate({"by": "source", "method": "unimax", "quality": {"exponent": 2.0}})
    mixture, rates = mixture_of(rows.take(rng.permutation(512)), rebalance)
    passed = (rates["rate"].to_numpy() * tokens).reshape(2, 256).sum(axis=1)
    assert passed == pytest.approx(mixture["target_tokens"].to_pylist(), rel=1e-9)
    assert rates["rate"].to_numpy().max() <= 4
