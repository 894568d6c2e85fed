"""What training runs say of corpora: invented ones, whose truth is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from curator.evaluation.summary import scores, summarise
from tests.evaluation.evaluations import GATING, runs

SPEEDS = {"random": 1.0, "raw": 1.0, "curated": 2.0, "copied": 0.8, "again": 1.0}


def test_the_baseline_comes_first_and_is_not_compared_with_itself() -> None:
    (model,) = summarise(runs(SPEEDS), "raw", GATING, 1)["models"]
    assert [of["corpus"] for of in model["corpora"]] == ["raw", "random", "curated", "copied", "again"]
    assert [of["faster"] is None for of in model["corpora"]] == [True, False, False, False, False]


def test_a_corpus_of_twice_the_speed_is_found_to_be() -> None:
    (model,) = summarise(runs(SPEEDS), "raw", GATING, 1)["models"]
    curated = model["corpora"][2]
    assert curated["faster"]["low"] < 2 < curated["faster"]["high"]
    assert curated["faster"]["distinguishable"]
    assert curated["better"]["low"] > 0


def test_a_random_part_is_not_distinguishable_and_both_checks_pass() -> None:
    (model,) = summarise(runs(SPEEDS), "raw", GATING, 1)["models"]
    assert not model["corpora"][1]["better"]["distinguishable"]
    assert model["checks"] == {"copied": True, "again": True}


def test_checks_that_were_not_run_are_absent() -> None:
    assert summarise(runs({"raw": 1.0, "curated": 2.0}), "raw", GATING, 1)["models"][0]["checks"] == {}


def test_the_macro_average_is_over_the_gating_sets_at_the_largest_budget() -> None:
    results = runs({"raw": 1.0})
    (corpus,) = summarise(results, "raw", GATING, 1)["models"][0]["corpora"]
    by_seed = [np.mean([run.points[-1].bits_per_byte[name] for name in GATING]) for run in results]
    assert corpus["macro"] == pytest.approx(np.mean(by_seed))
    assert corpus["spread"] == pytest.approx(np.std(by_seed, ddof=1))
    assert corpus["bits_per_byte"]["web"] == pytest.approx(
        np.mean([run.points[-1].bits_per_byte["web"] for run in results])
    )
    assert (corpus["tokens"], corpus["seconds"], corpus["seeds"]) == (600_000, 30.0, [1, 2, 3])


def test_a_set_that_does_not_gate_changes_no_comparison() -> None:
    first = summarise(runs(SPEEDS), "raw", GATING, 1)
    worse = runs(SPEEDS)
    for run in worse:
        for point in run.points:
            point.bits_per_byte["web"] += 1.0 if run.corpus == "curated" else 0.0  # type: ignore[index]
    second = summarise(worse, "raw", GATING, 1)
    assert second["models"][0]["corpora"][2]["better"] == first["models"][0]["corpora"][2]["better"]
    assert second["models"][0]["corpora"][2]["bits_per_byte"] != first["models"][0]["corpora"][2]["bits_per_byte"]


def test_runs_are_paired_by_seed_whatever_their_order() -> None:
    results = runs(SPEEDS, noise=0.01)
    mixed = [results[place] for place in np.random.default_rng(0).permutation(len(results))]
    found = {of["corpus"]: of["better"] for of in summarise(mixed, "raw", GATING, 1)["models"][0]["corpora"]}
    for of in summarise(results, "raw", GATING, 1)["models"][0]["corpora"]:
        assert found[of["corpus"]] == of["better"]


def test_a_seed_that_only_one_of_both_has_is_left_out_of_their_comparison() -> None:
    results = [run for run in runs(SPEEDS, seeds=(1, 2, 3, 4)) if (run.corpus, run.seed) != ("curated", 2)]
    curated = summarise(results, "raw", GATING, 1)["models"][0]["corpora"][2]
    same = [run for run in results if run.seed != 2]
    assert curated["better"] == summarise(same, "raw", GATING, 1)["models"][0]["corpora"][2]["better"]


def test_with_two_seeds_nothing_is_judged() -> None:
    (model,) = summarise(runs(SPEEDS, seeds=(1, 2)), "raw", GATING, 1)["models"]
    assert model["checks"] == {"copied": None, "again": None}
    assert not any(of["better"]["distinguishable"] for of in model["corpora"][1:])


def test_sizes_are_compared_where_there_are_two_and_controls_are_not() -> None:
    sizes = {"20m": 20_000_000, "nano": 800_000, "4m": 4_000_000}
    found = summarise(runs(SPEEDS, sizes=sizes), "raw", GATING, 1)
    assert [model["model"] for model in found["models"]] == ["nano", "4m", "20m"]
    assert list(found["smaller"]) == ["random", "curated"]
    assert found["smaller"]["curated"]["low"] > 1
    assert summarise(runs(SPEEDS), "raw", GATING, 1)["smaller"] == {}


def test_the_scaling_law_of_each_corpus_stands_beside_published_ones() -> None:
    sizes = {"nano": 800_000, "4m": 4_000_000, "20m": 20_000_000}
    found = summarise(runs({"raw": 1.0}, sizes=sizes, noise=1e-5), "raw", GATING, 1)
    law, optimal = found["scaling"]["raw"]["law"], found["scaling"]["raw"]["optimal"]
    assert law["beta"] == pytest.approx(0.27, rel=0.1)
    assert 6 * optimal["parameters"] * optimal["tokens"] == pytest.approx(found["flops"])
    assert found["flops"] == 6 * 20_000_000 * 600_000
    assert list(found["published"]) == ["Chinchilla", "Epoch AI"]


def test_one_size_has_the_law_of_tokens_and_no_optimum() -> None:
    law = summarise(runs({"raw": 1.0}), "raw", GATING, 1)["scaling"]["raw"]
    assert law["optimal"] is None
    assert law["reason"].startswith("of 800,000 parameters only")


def test_a_summary_is_plain_json_and_the_same_each_time() -> None:
    first = json.dumps(summarise(runs(SPEEDS), "raw", GATING, 1), allow_nan=False)
    assert first == json.dumps(summarise(runs(SPEEDS), "raw", GATING, 1), allow_nan=False)


def test_scores_are_runs_budgets_and_sets() -> None:
    results = runs({"raw": 1.0})
    found = scores(results, ["code", "prose"])
    assert found.shape == (3, 3, 2)
    assert found[1, 2, 0] == results[1].points[2].bits_per_byte["code"]


def test_a_model_without_the_baseline_cannot_be_summarised() -> None:
    with pytest.raises(AssertionError, match="every model is trained on the baseline raw"):
        summarise(runs({"curated": 1.0}), "raw", GATING, 1)
