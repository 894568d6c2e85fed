"""Elephants and dogs: budgets follow the variety of planted concepts and not their size, and nobody names the concepts."""

from __future__ import annotations

import numpy as np
import pytest
from concepts.zoo import make_zoo
from concepts.zoo_trial import CONTROLS, Outcome, trial
from scipy.stats import spearmanr

BUDGETS = (0.25, 0.1)


@pytest.fixture(scope="module", params=[1, 2])
def outcomes(request: pytest.FixtureRequest) -> list[Outcome]:
    return trial(request.param, BUDGETS)


def of(outcomes: list[Outcome], method: str, share: float) -> Outcome:
    return next(one for one in outcomes if (one.method, one.share) == (method, share))


def test_the_same_seed_gives_the_same_zoo_and_another_one_does_not() -> None:
    small = {"smallest": 10, "largest": 40}
    assert make_zoo(seed=1, **small).texts == make_zoo(seed=1, **small).texts
    assert make_zoo(seed=1, **small).texts != make_zoo(seed=2, **small).texts


def test_species_differ_in_variety_and_their_sizes_tell_nothing_of_it() -> None:
    zoo = make_zoo(seed=3)
    assert len(zoo.species) >= 20
    assert (np.diff(zoo.variety) > 0).all()
    assert zoo.sizes.max() >= 10 * zoo.sizes.min()
    assert abs(spearmanr(zoo.sizes, zoo.variety)[0]) < 0.05
    assert np.bincount(zoo.label).tolist() == zoo.sizes.tolist()


def test_an_elephant_has_a_handful_of_texts_and_no_two_dogs_are_alike() -> None:
    zoo = make_zoo(seed=1)
    texts = [
        {text for text, label in zip(zoo.texts, zoo.label, strict=True) if label == species} for species in (0, 23)
    ]
    assert len(texts[0]) <= 16
    assert len(texts[1]) == zoo.sizes[23]


@pytest.mark.parametrize("share", BUDGETS)
def test_budgets_follow_variety_and_not_size(outcomes: list[Outcome], share: float) -> None:
    ours = of(outcomes, "ours", share)
    assert ours.variety >= 0.9
    assert abs(ours.size) <= 0.3


@pytest.mark.parametrize("share", BUDGETS)
@pytest.mark.parametrize("control", CONTROLS)
def test_random_proportional_and_uniform_choice_follow_size(
    outcomes: list[Outcome], control: str, share: float
) -> None:
    ours, other = of(outcomes, "ours", share), of(outcomes, control, share)
    assert other.variety < 0.7 < ours.variety
    assert abs(other.size) > 0.4 > abs(ours.size)


@pytest.mark.parametrize("share", BUDGETS)
def test_hardly_less_than_one_who_knows_the_varieties(outcomes: list[Outcome], share: float) -> None:
    assert of(outcomes, "ours", share).variety >= of(outcomes, "oracle", share).variety - 0.1
