"""No two draws of the steps are the same draw."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import curator.steps
from curator.steps import samples
from curator.steps.draws import Draw
from curator.steps.samples import mixed

IDS = np.arange(20_000, dtype=np.uint64)


def test_all_offsets_differ_from_each_other_and_from_the_plain_seed() -> None:
    """Of two alike one would be a second name of the other, which `@unique` refuses."""
    assert 0 not in [int(draw) for draw in Draw]
    assert len({int(draw) for draw in Draw}) == len(Draw.__members__)


def test_offsets_are_above_every_seed_of_a_yaml_and_so_never_meet_at_neighbouring_seeds() -> None:
    assert all(draw % (1 << 32) == 0 for draw in Draw)


def test_who_is_chosen_by_one_draw_says_nothing_about_another() -> None:
    draws = {
        name: mixed(IDS, 1 + number) < np.uint64(2**62) for name, number in {"PLAIN": 0, **Draw.__members__}.items()
    }
    for (one, first), (other, second) in combinations(draws.items(), 2):
        assert (first & second).mean() == pytest.approx(1 / 16, abs=0.01), (one, other)


def test_a_seed_is_moved_by_nothing_but_a_draw() -> None:
    """`budgets` has a number of its own, older than these; the ties of quality have it too."""
    files = set(Path(curator.steps.__file__).parent.glob("*.py")) - {Path(samples.__file__)}
    added = {found for file in files for found in re.findall(r"seed \+ ([\w.\[\]]+)", file.read_text())}
    assert {name for name in added if not name.startswith("Draw.")} == {"FILL", "TIES[what]"}
    assert {name.removeprefix("Draw.") for name in added} >= set(Draw.__members__) - {"QUALITY_TIES", "DIFFICULTY_TIES"}
