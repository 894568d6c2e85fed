from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from curator.algorithms.allowances import allowances

COMPLEXITIES = st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.5, 1e9]) | st.floats(-1, 1), min_size=1, max_size=40)


@given(COMPLEXITIES, st.integers(1, 9))
def test_the_simplest_keeps_one_the_most_complex_the_most_and_none_in_between_is_out_of_order(values, most):
    found = allowances(np.array(values), most=most)
    assert found.dtype == np.int32
    assert (np.diff(found[np.argsort(values, kind="stable")]) >= 0).all()
    if min(values) < max(values):
        assert (found[np.argmin(values)], found[np.argmax(values)]) == (1, most)


@given(COMPLEXITIES, st.integers(1, 9))
def test_allowances_are_linear_in_the_mean_rank(values, most):
    ranks = [Fraction(rank) for rank in rankdata(values).tolist()]
    if (spread := max(ranks) - min(ranks)) > 0:
        expected = [min(most, 1 + int(most * (rank - min(ranks)) / spread)) for rank in ranks]
        assert allowances(np.array(values), most=most).tolist() == expected


def test_concepts_fall_into_bands_of_equal_number():
    found = allowances(np.random.default_rng(0).pareto(1.0, 3001), most=3)
    assert np.bincount(found).tolist() == [0, 1000, 1000, 1001]


def test_the_scale_of_the_measure_makes_no_difference():
    complexity = np.array([3.0, 0.1, 0.7, 0.7, 20.0])
    assert allowances(complexity, most=4).tolist() == allowances(np.log(complexity), most=4).tolist() == [4, 1, 2, 2, 4]


@pytest.mark.parametrize(("most", "middle"), [(1, 1), (2, 2), (3, 2), (5, 3)])
@pytest.mark.parametrize("concepts", [1, 4])
def test_where_all_are_alike_each_keeps_the_middle(most, middle, concepts):
    assert allowances(np.full(concepts, 0.4), most=most).tolist() == [middle] * concepts


def test_no_concepts_have_no_allowances():
    assert allowances(np.empty(0), most=3).size == 0
