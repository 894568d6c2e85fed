"""The picture of an evaluation: everything is drawn, labels stand apart, and the same runs give the same bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.evaluations import GATING, runs

matplotlib = pytest.importorskip("matplotlib")

from curator.report.evaluation_picture import _apart, _short, evaluation_pictures  # noqa: E402

SPEEDS = {"raw": 1.0, "random": 1.0, "curated $2$_x": 2.0, "copied": 0.8, "again": 1.0}


def test_the_same_runs_give_the_same_bytes_whatever_a_user_has_set() -> None:
    first = evaluation_pictures(runs(SPEEDS), "raw", GATING)
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red"}):
        second = evaluation_pictures(runs(SPEEDS), "raw", GATING)
        assert matplotlib.rcParams["font.size"] == 20
    assert first == second


def test_an_svg_is_xml_without_a_date_and_names_each_corpus() -> None:
    svg = evaluation_pictures(runs(SPEEDS), "raw", GATING)["svg"].decode()
    ElementTree.fromstring(svg)
    assert "dc:date" not in svg
    assert all(f"<!-- {name}  " in svg for name in SPEEDS)


def test_a_png_is_an_image_that_is_not_empty() -> None:
    import io

    from matplotlib.image import imread

    pixels = imread(io.BytesIO(evaluation_pictures(runs(SPEEDS), "raw", GATING)["png"]))
    assert pixels.shape[:2] == (880, 1440)
    assert len(np.unique(pixels[..., :3].reshape(-1, 3), axis=0)) > 50


def test_one_budget_of_one_seed_without_evaluations_on_the_way_can_be_drawn() -> None:
    from dataclasses import replace

    results = [replace(run, points=run.points[-1:], curve=()) for run in runs({"raw": 1.0}, seeds=(1,))]
    assert evaluation_pictures(results, "raw", GATING)["png"].startswith(b"\x89PNG")


def test_twenty_corpora_can_be_drawn() -> None:
    speeds = {"raw": 1.0} | {f"corpus {place}": 1 + place / 20 for place in range(20)}
    svg = evaluation_pictures(runs(speeds), "raw", GATING)["svg"].decode()
    assert all(f"<!-- {name}  " in svg for name in speeds)


def test_a_picture_needs_the_baseline() -> None:
    with pytest.raises(AssertionError, match="no run of the baseline raw"):
        evaluation_pictures(runs({"curated": 1.0}), "raw", GATING)


@given(st.lists(st.floats(0, 1), max_size=15))
def test_labels_keep_their_order_and_stand_apart(places) -> None:
    moved = np.array(_apart(places, 0.05))
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) >= 0.05 - 1e-9).all()
    assert moved.sum() == pytest.approx(sum(places))


def test_labels_that_are_apart_already_stay() -> None:
    assert _apart([0.9, 0.1, 0.5], 0.05) == pytest.approx([0.9, 0.1, 0.5])


@pytest.mark.parametrize(
    ("tokens", "expected"), [(500, "500"), (150_000, "150k"), (1_200_000, "1.2M"), (3e9, "3G"), (2e12, "2T")]
)
def test_tokens_are_shortened(tokens, expected) -> None:
    assert _short(tokens) == expected
