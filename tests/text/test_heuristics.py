"""Every threshold from both sides, the order of the rules, and the quality that they add up to."""

from __future__ import annotations

from itertools import product
from math import ceil

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.config.base import Model
from curator.config.filters import Filters
from curator.config.limits import C4, Content, FineWeb, GopherQuality, GopherRepetition, RefinedWeb
from curator.text.heuristics import heuristic_quality, judge
from curator.text.rules import Rule, rules
from curator.text.statistics import text_statistics

MODELS = {
    "gopher_quality": GopherQuality,
    "gopher_repetition": GopherRepetition,
    "c4": C4,
    "fineweb": FineWeb,
    "refinedweb": RefinedWeb,
    "content": Content,
}
NO_FILTERS = Filters(profile="datatrove", **dict.fromkeys(MODELS))
"""The profile has no limits by language or kind either."""
LOOSE = {
    **{name: model(**dict.fromkeys(model.model_fields)) for name, model in MODELS.items() if name != "c4"},
    "c4": C4(drop_lorem_ipsum=False, drop_curly_bracket=False, min_sentences=None),
}
CONTENT = {"max_longest_word": 5, "max_longest_line": 5, "min_word_entropy": 0.6, "max_compression_ratio": 1.0}
"""Limits of the group that has no defaults; 0.5 for all others."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PAIRS = ["".join(pair) for pair in product(LETTERS, LETTERS)]


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


def lines(total: int, special: int, prefix: str = "", suffix: str = "", separator: str = "\n") -> str:
    """`total` different lines, of which the first `special` have the prefix and the suffix."""
    return separator.join(f"{prefix}{pair}{suffix}" if i < special else pair for i, pair in enumerate(PAIRS[:total]))


def repeats(total: int, repeated: int, separator: str) -> str:
    """`total` parts, of which `repeated` equal the first."""
    return separator.join(PAIRS[: total - repeated] + PAIRS[:1] * repeated)


def filled(text: str, length: int) -> str:
    """`text` and one more word, `length` characters in all."""
    return f"{text}{'z' * (length - len(text))}"


def twice(size: int, separator: str = " ") -> str:
    ngram = " ".join(PAIRS[:size])
    return f"{ngram}{separator}x{separator}{ngram}{separator}"


def length_at(characters: int, share: float) -> int:
    """The shortest document in which `characters` are no more than `share`."""
    return ceil(characters / share - 1e-9)


def ngram_case(name: str, size: int, characters: int) -> tuple[str, str, str, str, str]:
    shortest = length_at(characters, GopherRepetition.model_fields[name].default)
    inside, outside = filled(twice(size), shortest), filled(twice(size), shortest - 1)
    return "gopher_repetition", name, name, inside, outside


CASES = [
    ("gopher_quality", "min_words", "words", words(50), words(49)),
    ("gopher_quality", "max_words", "words", words(100_000), words(100_001)),
    ("gopher_quality", "min_mean_word_length", "mean_word_length", "abc abc", "abc ab"),
    ("gopher_quality", "max_mean_word_length", "mean_word_length", "a" * 10, "a" * 11),
    ("gopher_quality", "max_symbols_per_word", "symbols_per_word_hash", "#" + words(10), "#" + words(9)),
    ("gopher_quality", "max_symbols_per_word", "symbols_per_word_ellipsis", "..." + words(10), "..." + words(9)),
    ("gopher_quality", "max_bullet_lines", "bullet_lines", lines(10, 9, prefix="\u2022 "), lines(11, 10, prefix="- ")),
    (
        "gopher_quality",
        "max_ellipsis_lines",
        "ellipsis_lines",
        lines(10, 3, suffix="..."),
        lines(100, 31, suffix="\u2026"),
    ),
    ("gopher_quality", "min_alphabetic_words", "alphabetic_words", words(20, "a b c d 1"), words(1, "a b c 1")),
    ("gopher_quality", "min_stop_words", "stop_words", "The of", "the the"),
    ("gopher_repetition", "duplicate_lines", "duplicate_lines", repeats(10, 3, "\n"), repeats(100, 31, "\n")),
    (
        "gopher_repetition",
        "duplicate_paragraphs",
        "duplicate_paragraphs",
        repeats(10, 3, "\n\n"),
        repeats(100, 31, "\n\n"),
    ),
    *(
        (
            "gopher_repetition",
            f"duplicate_{part}_characters",
            f"duplicate_{part}_characters",
            filled(text, 70),
            filled(text, 69),
        )
        for part, text in (("line", twice(5, "\n")), ("paragraph", twice(5, "\n\n")))
    ),
    *(ngram_case(f"top_{size}gram", size, 2 * (3 * size - 1)) for size in (2, 3, 4)),
    *(ngram_case(f"duplicate_{size}gram", size, 2 * size) for size in (5, 6, 7, 8, 9, 10)),
    ("c4", "drop_lorem_ipsum", "lorem_ipsum", "Lorem, ipsum", "Lorem Ipsum"),
    ("c4", "drop_curly_bracket", "curly_bracket", "f(x)", "f}"),
    ("c4", "min_sentences", "sentences", words(5, "Yes."), words(4, "Yes.")),
    ("fineweb", "min_punctuated_lines", "punctuated_lines", lines(100, 12, suffix="."), lines(100, 11, suffix="?")),
    (
        *("fineweb", "max_duplicate_line_characters", "duplicate_line_characters"),
        *(filled(twice(5, "\n"), length) for length in (1403, 1402)),
    ),
    ("fineweb", "max_short_lines", "short_lines", lines(100, 33, suffix="s" * 29), lines(100, 32, suffix="s" * 29)),
    ("fineweb", "max_newlines_per_word", "newlines_per_word", words(10) + "\n" * 3, words(100) + "\n" * 31),
]


CONTENT_CASES = [
    ("max_white_space", "ab  ", "a  "),
    ("max_digits", "a1", "11a"),
    ("max_non_alphanumeric", "a!", "!!a"),
    ("max_parentheses", "a(", "()a"),
    ("max_url_characters", "http://a.b " + "c" * 9, "http://a.b " + "c" * 8),
    ("max_upper_case", "Aa", "AAa"),
    ("max_upper_case_words", "AB ab", "AB AB ab"),
    ("max_numeric_words", "1 a", "1 2 a"),
    ("max_one_word_lines", "a\nb c", "a\nb\nc d"),
    ("max_numeric_lines", "1\na", "1\n2\na"),
    ("max_upper_case_lines", "ABC DEF\nabc", "ABC DEF\nGHI JKL\nabc"),
    ("max_javascript_lines", "Enable JavaScript\na", "Enable JavaScript\njavascript\na"),
    ("max_policy_lines", "Our privacy policy\na", "Our privacy policy\nWe use cookies\na"),
    ("max_code_lines", "x = f(y);\na b", "x = f(y);\ny = g(x);\na b"),
    ("max_table_lines", "a | b | c\na b", "a | b | c\nd | e | f\na b"),
    ("max_longest_word", "abcde fghij", "abcdef"),
    ("max_longest_line", "abcde\nf g h", "abcdef"),
    ("min_unique_words", "a b a b", "a a a"),
    ("min_word_entropy", "a b", "a a"),
    ("min_compression_ratio", "".join(PAIRS[::7]), "ab" * 500),
    ("max_compression_ratio", "ab" * 500, "a"),
]


def content_limit(name: str) -> float:
    return CONTENT.get(name, 0.5)


def only(group: str, limit: str) -> Filters:
    """Filters in which nothing but one limit can drop a document; it has its default."""
    defaults: Model = MODELS[group]()
    value = content_limit(limit) if group == "content" else getattr(defaults, limit)
    return NO_FILTERS.model_copy(update={group: LOOSE[group].model_copy(update={limit: value})})


def statistics_of(texts: list[str]) -> pa.Table:
    """All columns that the rules read, of English texts that have lost no line."""
    statistics = text_statistics(pa.array(texts, pa.string()))
    others = {
        "removed_words": pa.array(np.zeros(len(texts), np.float32)),
        "language": pa.array(["en"] * len(texts), pa.string()),
    }
    return pa.table({name: statistics[name] for name in statistics.column_names} | others)


@pytest.mark.parametrize(("group", "limit", "statistic", "inside", "outside"), CASES)
def test_a_document_just_inside_a_limit_passes_and_one_just_outside_fails(
    group: str, limit: str, statistic: str, inside: str, outside: str
) -> None:
    verdict = judge(statistics_of([inside, outside]), only(group, limit))
    (rule,) = (rule for rule in rules(Filters()) if rule.reason == f"{group}.{statistic}")
    assert verdict["reason"].to_pylist() == [None, rule.reason]
    assert verdict["value"].to_pylist() == [None, statistics_of([outside])[rule.statistic][0].as_py()]


@pytest.mark.parametrize(("limit", "inside", "outside"), CONTENT_CASES)
def test_what_a_document_is_made_of_has_limits_too(limit: str, inside: str, outside: str) -> None:
    statistic = limit.partition("_")[2]
    verdict = judge(statistics_of([inside, outside]), only("content", limit))
    assert verdict["reason"].to_pylist() == [None, f"content.{statistic}"]


def test_a_page_that_lost_too_many_words_with_its_lines_fails() -> None:
    statistics = pa.table({"removed_words": pa.array([0.05, 0.06], pa.float32())})
    verdict = judge(statistics, only("refinedweb", "max_removed_words"))
    assert verdict["reason"].to_pylist() == [None, "refinedweb.removed_words"]


def test_every_limit_of_every_group_has_its_case() -> None:
    expected = {(group, limit) for group, model in MODELS.items() for limit in model.model_fields}
    found = {(group, limit) for group, limit, *_ in CASES} | {("content", limit) for limit, *_ in CONTENT_CASES}
    assert found | {("refinedweb", "max_removed_words")} == expected


@pytest.mark.parametrize("group", LOOSE)
def test_the_loosest_limits_let_everything_pass(group: str) -> None:
    texts = [text for case in CASES for text in case[3:] if len(text) < 10_000]
    verdict = judge(statistics_of(texts), NO_FILTERS.model_copy(update={group: LOOSE[group]}))
    assert verdict["reason"].null_count == len(texts)


def test_rules_come_in_reading_order_with_unique_reasons() -> None:
    reasons = [rule.reason for rule in rules(Filters())]
    groups = [reason.split(".")[0] for reason in reasons]
    assert list(dict.fromkeys(groups)) == list(MODELS)
    assert len(set(reasons)) == len(reasons)
    assert rules(Filters())[0] == Rule("gopher_quality.words", "words", 50, 100_000)
    assert rules(NO_FILTERS) == ()


def test_the_first_rule_that_fails_gives_the_reason() -> None:
    statistics = statistics_of(["lorem ipsum {"])
    no_gopher = Filters(gopher_quality=None, gopher_repetition=None)
    assert judge(statistics, Filters()).to_pylist() == [{"reason": "gopher_quality.words", "value": 3.0}]
    assert judge(statistics, no_gopher).to_pylist() == [{"reason": "c4.lorem_ipsum", "value": 1.0}]
    no_lorem = no_gopher.model_copy(update={"c4": C4(drop_lorem_ipsum=False)})
    assert judge(statistics, no_lorem).to_pylist() == [{"reason": "c4.curly_bracket", "value": 1.0}]


def test_the_verdict_has_one_row_per_document_and_its_types_even_without_rules_or_documents() -> None:
    for texts, filters in product(([], ["a"]), (NO_FILTERS, Filters(c4=None))):
        verdict = judge(statistics_of(texts), filters)
        assert verdict.schema == pa.schema({"reason": pa.string(), "value": pa.float64()})
        assert verdict.num_rows == len(texts)


def test_ordinary_prose_passes_and_has_a_high_quality() -> None:
    sentences = [
        "The river rises in the hills above the old town and runs south for forty miles.",
        "Farmers along its banks have grown barley here since the first mills were built.",
        "In a wet spring, water covers the lower meadows, so that sheep must be moved to higher ground.",
        "A stone bridge with seven arches carries the road to the market; nobody knows who paid for it.",
        "Every autumn, children collect chestnuts under the trees and sell them to travellers.",
        "Last year a flood took away two boats, but the bridge did not move at all.",
    ]
    statistics = statistics_of([" ".join(sentences), "buy now #sale #sale\n" * 30])
    assert judge(statistics, Filters())["reason"].is_null().to_pylist() == [True, False]
    good, bad = heuristic_quality(statistics, Filters())
    assert good > 0.9
    assert good > bad + 0.2


@settings(deadline=None)
@given(st.lists(st.text(), max_size=5), st.lists(st.sampled_from(list(LOOSE)), unique=True))
def test_quality_lies_between_zero_and_one_and_is_one_without_rules(texts: list[str], off: list[str]) -> None:
    statistics = statistics_of(texts)
    quality = heuristic_quality(statistics, Filters(**dict.fromkeys(off)))
    assert quality.dtype == np.float32
    assert quality.shape == (len(texts),)
    assert ((quality >= 0) & (quality <= 1)).all()
    assert (heuristic_quality(statistics, NO_FILTERS) == 1).all()


def test_quality_is_the_mean_distance_from_the_limits() -> None:
    statistics = pa.table({"lorem_ipsum": [0, 1, 0], "curly_bracket": [0, 0, 0], "sentences": [5, 10, 7]})
    quality = heuristic_quality(statistics, NO_FILTERS.model_copy(update={"c4": C4()}))
    assert quality == pytest.approx([(1 + 1 + 0) / 3, (0 + 1 + 1) / 3, (1 + 1 + 0.4) / 3])


def test_upper_and_lower_limits_of_shares_are_linear_to_their_ideals() -> None:
    shares = {
        "punctuated_lines": [0.12, 1.0, 0.56, 0.0],
        "fineweb_duplicate_line_characters": [0.01, 0.0, 0.005, 0.5],
        "short_lines": [0.67, 0.0, 0.335, 1.0],
        "newlines_per_word": [0.3, 0.0, 0.15, 7.0],
    }
    statistics = pa.table({name: pa.array(values, pa.float32()) for name, values in shares.items()})
    quality = heuristic_quality(statistics, NO_FILTERS.model_copy(update={"fineweb": FineWeb()}))
    assert quality == pytest.approx([0.0, 1.0, 0.5, 0.0], abs=1e-6)


def test_a_rule_with_two_limits_counts_one_inside_and_zero_outside() -> None:
    loose = LOOSE["gopher_quality"].model_copy(update={"min_words": 2, "max_words": 3})
    inside, outside = heuristic_quality(
        statistics_of(["ab ab", "ab"]), NO_FILTERS.model_copy(update={"gopher_quality": loose})
    )
    assert inside - outside == pytest.approx(1 / 8)


def verdicts(filters: Filters, **columns: list[object]) -> list[str | None]:
    """The reasons for documents that differ in these columns alone and have 60 words, the stop words and an even text."""
    base = statistics_of([" ".join(["the", "of", *PAIRS[:58]])] * len(next(iter(columns.values()))))
    for name, values in columns.items():
        place = base.column_names.index(name)
        base = base.set_column(place, name, pa.array(values, base.schema.field(name).type))
    found: list[str | None] = judge(base, filters)["reason"].to_pylist()
    return found


ONLY_GOPHER = NO_FILTERS.model_copy(update={"gopher_quality": GopherQuality(min_mean_word_length=None)})


def test_a_language_may_have_limits_of_its_own() -> None:
    changed = Filters(profile="datatrove", languages={"de": {"gopher_quality": {"max_mean_word_length": 15}}}).languages
    filters = ONLY_GOPHER.model_copy(update={"languages": changed})
    found = verdicts(filters, language=["en", "de", "de"], mean_word_length=[12, 12, 16])
    assert found == ["gopher_quality.mean_word_length", None, "gopher_quality.mean_word_length"]


def test_code_and_tables_have_limits_of_their_own() -> None:
    code = Filters(
        profile="datatrove", code={"min_code_lines": 0.3, "gopher_quality": {"min_alphabetic_words": 0.4}}
    ).code
    table = Filters(profile="datatrove", table={"min_table_lines": 0.5, "gopher_quality": None}).table
    filters = ONLY_GOPHER.model_copy(update={"code": code, "table": table})
    shares = {"code_lines": [0.0, 0.3, 0.3, 0.0], "table_lines": [0.0, 0.0, 0.9, 0.5]}
    found = verdicts(filters, alphabetic_words=[0.5, 0.5, 0.3, 0.1], **shares)
    reason = "gopher_quality.alphabetic_words"
    assert found == [reason, None, reason, None]


def test_the_kind_of_text_goes_before_its_language() -> None:
    changes = Filters(
        profile="datatrove",
        languages={"de": {"gopher_quality": {"min_words": 70, "min_stop_words": 5}}},
        code={"min_code_lines": 0.3, "gopher_quality": {"min_words": 10}},
    )
    filters = ONLY_GOPHER.model_copy(update={"languages": changes.languages, "code": changes.code})
    found = verdicts(filters, language=["de", "de", "de"], code_lines=[0.0, 0.5, 0.5], stop_words=[6, 6, 2])
    assert found == ["gopher_quality.words", None, "gopher_quality.stop_words"]


def test_a_statistic_that_a_document_does_not_have_passes() -> None:
    assert verdicts(ONLY_GOPHER, stop_words=[None, 0], words=[60, 60]) == [None, "gopher_quality.stop_words"]


def test_the_same_text_of_a_script_without_spaces_is_not_held_to_rules_about_word_lengths() -> None:
    filters = Filters(c4=None, fineweb=None, gopher_repetition=None)
    found = verdicts(filters, language=["en", "zh"], mean_word_length=[2, 2])
    assert found == ["gopher_quality.mean_word_length", None]


def test_filters_of_the_user_are_rules_too() -> None:
    filters = NO_FILTERS.model_copy(update={"own": Filters(own={"odd": {"function": "m:f", "max": 2}}).own})
    statistics = pa.table({"own.odd": [2.0, 2.5, None]})
    assert judge(statistics, filters)["reason"].to_pylist() == [None, "own.odd", None]
