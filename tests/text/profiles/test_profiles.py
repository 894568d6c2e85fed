"""The kernel and its rules against what the systems that the profiles are named after say of their own test texts."""

from __future__ import annotations

import pyarrow as pa
import pytest

from curator.config.filters import Filters
from curator.config.limits import Overrides
from curator.config.profiles import PROFILES
from curator.text.heuristics import judge
from curator.text.rules import rules
from curator.text.statistics import text_statistics
from tests.text.profiles.published_cases import MEASURES, VERDICTS, Measure, Verdict


def only_group(case: Verdict) -> Filters:
    """The filters of the profile with one group left on, and the limits that the published test changes in it."""
    groups: dict[str, object] = dict.fromkeys(Overrides.model_fields)
    groups[case.group] = {**(PROFILES[case.profile][case.group] or {}), **case.limits}
    return Filters.model_validate({"profile": case.profile, **groups})


@pytest.mark.parametrize("case", VERDICTS, ids=lambda case: f"{case.profile}-{case.fails or case.group}")
def test_a_profile_drops_what_its_system_drops(case: Verdict) -> None:
    filters = only_group(case)
    statistics = text_statistics(pa.array([case.text]), profile=case.profile)
    assert judge(statistics, filters)["reason"][0].is_valid == case.drops
    if case.fails is not None:
        measured = statistics[case.fails][0].as_py()
        assert any(not rule.low <= measured <= rule.high for rule in rules(filters) if rule.statistic == case.fails)


@pytest.mark.parametrize("case", MEASURES, ids=lambda case: f"{case.profile}-{case.statistic}")
def test_a_profile_measures_what_its_system_measures(case: Measure) -> None:
    statistics = text_statistics(pa.array([case.text]), profile=case.profile)
    assert case.above < statistics[case.statistic][0].as_py() <= case.at_most
