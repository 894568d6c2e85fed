from __future__ import annotations

import pytest

from curator.config.spelling import hint


@pytest.mark.parametrize(
    ("name", "cutoff", "said"),
    [("hihg", 0.4, "did you mean high?"), ("higgledy", 0.4, "did you mean high?"), ("higgledy", 0.6, "there are two")],
)
def test_the_nearest_name_is_told_where_it_is_near_enough(name: str, cutoff: float, said: str) -> None:
    assert hint(name, ["low", "high"], "there are two", cutoff=cutoff) == said
