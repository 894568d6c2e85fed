"""The references against what the systems say of their own test texts, and of the words in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from curator.config.profiles import PROFILES, Limits, Profile
from tests.text.profiles import reference_datatrove, reference_dclm, reference_dolma
from tests.text.profiles.published_cases import MEASURES, VERDICTS, Measure, Verdict

REFERENCES: dict[Profile, Callable[[str], dict[str, float]]] = {
    "datatrove": reference_datatrove.statistics_of,
    "dclm": reference_dclm.statistics_of,
    "dolma": reference_dolma.statistics_of,
}
BOTH_SYMBOLS = ("symbols_per_word_hash", "symbols_per_word_ellipsis")


def failures(statistics: Mapping[str, float], group: str, limits: Limits) -> Iterator[str]:
    """The statistics that lie beyond their limits."""
    for limit, bound in limits.items():
        kind, _, rest = limit.partition("_")
        name = rest if kind in ("min", "max", "drop") else limit
        if group == "fineweb" and name == "duplicate_line_characters":
            name = "fineweb_duplicate_line_characters"
        for statistic in BOTH_SYMBOLS if name == "symbols_per_word" else (name,):
            if bound is not None and beyond(kind, statistics[statistic], bound):
                yield statistic


def beyond(kind: str, measured: float, bound: float) -> bool:
    if kind == "drop":
        return bool(bound) and measured > 0
    return measured < bound if kind == "min" else measured > bound


@pytest.mark.parametrize("case", VERDICTS, ids=lambda case: f"{case.profile}-{case.fails or case.group}")
def test_the_reference_drops_what_the_system_drops(case: Verdict) -> None:
    limits = {**(PROFILES[case.profile][case.group] or {}), **case.limits}
    failed = set(failures(REFERENCES[case.profile](case.text), case.group, limits))
    assert bool(failed) == case.drops
    assert case.fails is None or case.fails in failed


@pytest.mark.parametrize("case", MEASURES, ids=lambda case: f"{case.profile}-{case.statistic}")
def test_the_reference_measures_what_the_system_measures(case: Measure) -> None:
    assert case.above < REFERENCES[case.profile](case.text)[case.statistic] <= case.at_most


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('He said: "don\'t!" (really)...', 'He said : " do n\'t ! " ( really ) ...'),
        ("state-of-the-art, U.S. and 3.5% of NATO.", "state - of - the - art , U.S. and 3.5 % of NATO ."),
        ("end.Next a,b 1,000 it's https://x.org/a-b", "end . Next a , b 1,000 it 's https://x.org/a-b"),
        ("-5 +x 10km $5 US$ #tag @you a/b --", "-5 + x 10 km $ 5 US$ # tag @you a / b --"),
    ],
)
def test_datatrove_splits_words_like_a_blank_english_spacy(text: str, words: str) -> None:
    """The words are what spaCy 3.8 says of these texts."""
    assert reference_datatrove.words(text) == words.split()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Hello World and all", 4),
        ("Also one with complications e.g., a 1.4 floating points...", 9),
        ("Hello world! That should be easy, right? I think so...yeah...", 11),
    ],
)
def test_dclm_splits_words_at_unicode_word_boundaries(text: str, count: int) -> None:
    """mlfoundations/dclm: tests/baselines/mappers/test_core_utils.py and filters/test_content_filters.py."""
    assert sum(piece[0].isalnum() for piece in reference_dclm.segments(text)) == count


def test_marks_stay_with_their_letters_and_chinese_characters_stand_alone() -> None:
    assert reference_dclm.segments("cafe\u0301 中文, can't 3,000 x_y カナ") == [
        *("cafe\u0301", " ", "中", "文", ",", " ", "can't", " ", "3,000", " ", "x_y", " ", "カナ")
    ]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "a", "\n" * 1000, "\u0301" * 1000, "." * 1000, "e\u0301\u200b\u200f \U0010ffff"]
)
@pytest.mark.parametrize("profile", list(REFERENCES))
def test_every_statistic_of_odd_texts_is_a_finite_number(profile: Profile, text: str) -> None:
    for name, measured in REFERENCES[profile](text).items():
        assert 0 <= measured < 1e6, name
