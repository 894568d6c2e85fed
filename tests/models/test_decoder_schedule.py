from __future__ import annotations

import pytest

from curator.models.decoder_schedule import Schedule, TrainingSettings


def schedule(**changed: object) -> Schedule:
    given = {"tokens": 10_000, "budgets": (0.25, 0.5, 1.0), "batch_tokens": 100, "learning_rate": 0.5, **changed}
    return Schedule(TrainingSettings(**given), 10)  # type: ignore[arg-type]


def test_the_rate_rises_stays_and_falls_to_zero() -> None:
    rates = [schedule().rate(step, 100) for step in range(100)]
    assert rates[:5] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert set(rates[5:81]) == {0.5}
    assert rates[80:] == pytest.approx([0.5 * left / 20 for left in range(20, 0, -1)])


def test_a_shorter_budget_has_the_trunks_rates_until_it_decays() -> None:
    plan = schedule()
    assert [plan.rate(step, 50) for step in range(40)] == [plan.rate(step, 100) for step in range(40)]
    assert plan.decay_start(50) == 40


def test_a_budget_that_ends_in_the_warm_up_still_decays() -> None:
    plan = schedule(budgets=(0.05, 1.0), warmup_share=0.1)
    assert [plan.rate(step, 5) for step in range(5)] == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25])
    assert plan.rate(9, 10) < plan.rate(9, 100)


def test_budgets_are_whole_steps_and_at_least_one() -> None:
    assert schedule().ends == [25, 50, 100]
    assert schedule(budgets=(0.001, 0.259, 1.0)).ends == [1, 25, 100]


def test_rows_are_at_least_one() -> None:
    assert (schedule(batch_tokens=4).rows, schedule(batch_tokens=4).batch_tokens) == (1, 10)
    assert (schedule(batch_tokens=109).rows, schedule(batch_tokens=109).batch_tokens) == (10, 100)


def test_checkpoints_are_spread_over_the_last_twentieth() -> None:
    assert schedule().checkpoints(100) == {96, 97, 98, 99, 100}
    assert schedule(checkpoints=2).checkpoints(100) == {98, 100}
    assert schedule(tokens=100_000).checkpoints(1_000) == {960, 970, 980, 990, 1_000}


@pytest.mark.parametrize("end", [1, 2, 3, 10, 25])
def test_a_budget_of_few_steps_has_fewer_checkpoints_all_on_its_branch(end: int) -> None:
    places = schedule(decay_share=0.01).checkpoints(end)
    assert end in places
    assert min(places) > schedule(decay_share=0.01).decay_start(end)


def test_the_curve_has_eight_even_places() -> None:
    assert sorted(schedule().curve) == [12, 25, 38, 50, 62, 75, 88, 100]
