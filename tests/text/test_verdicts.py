"""Verdicts beside the heuristics: language, robots hints, personal data, and which one counts."""

from __future__ import annotations

import pyarrow as pa

from curator.config.cleaning import Language
from curator.text.verdicts import VERDICT, first_of, judge_language, judge_personal_data, judge_robots


def languages(*found: tuple[str, float], shares: tuple[float, ...] = ()) -> pa.Table:
    codes, probabilities = zip(*found, strict=True)
    columns = {"language": pa.array(codes), "language_probability": pa.array(probabilities, pa.float32())}
    return pa.table(columns | ({"paragraph_share": pa.array(shares, pa.float32())} if shares else {}))


def test_a_document_passes_in_a_kept_language_at_its_limit() -> None:
    statistics = languages(("en", 0.65), ("en", 0.64), ("de", 0.99), ("und", 0.0))
    verdict = judge_language(statistics, Language(keep=("en",), min_probability=0.65))
    assert verdict["reason"].to_pylist() == [None, "language", "language", "language"]
    assert verdict["detail"].to_pylist() == [None, "en", "de", "und"]
    assert [value and round(value, 2) for value in verdict["value"].to_pylist()] == [None, 0.64, 0.99, 0.0]


def test_a_language_may_have_a_limit_of_its_own() -> None:
    statistics = languages(("en", 0.6), ("de", 0.6), ("fr", 0.6))
    language = Language(keep=("en", "de"), min_probability=0.65, min_probabilities={"de": 0.5})
    assert judge_language(statistics, language)["reason"].to_pylist() == ["language", None, "language"]


def test_paragraphs_in_other_languages_count_where_a_limit_is_set() -> None:
    statistics = languages(("en", 0.9), ("en", 0.9), ("de", 0.9), shares=(0.9, 0.4, 0.4))
    verdict = judge_language(statistics, Language(min_paragraph_share=0.5))
    assert verdict["reason"].to_pylist() == [None, "language.paragraphs", "language"]
    assert judge_language(statistics, Language())["reason"].to_pylist() == [None, None, "language"]


def test_robots_directives_match_whole_words_of_the_list() -> None:
    robots = pa.chunked_array([["noai,noindex", "noimageai", None, "nofollow,noai", "", "noai"]])
    reasons = judge_robots(robots, ["noai"])["reason"].to_pylist()
    assert reasons == ["robots", None, None, "robots", None, "robots"]
    assert judge_robots(robots, ["noimageai", "noindex"])["reason"].to_pylist() == ["robots", "robots", *[None] * 4]


def test_personal_data_drop_by_the_first_kind_with_its_count() -> None:
    statistics = pa.table({"pii_email": pa.array([0, 2, 1], pa.int32()), "pii_card": pa.array([0, 0, 3], pa.int32())})
    verdict = judge_personal_data(statistics, ["card", "email"])
    assert verdict["reason"].to_pylist() == [None, "pii.email", "pii.card"]
    assert verdict["value"].to_pylist() == [None, 2.0, 3.0]


def test_the_first_verdict_counts() -> None:
    one = pa.table([["a", None, None], [1.0, None, None], [None, None, None]], schema=VERDICT)
    two = pa.table([["b", "b", None], [2.0, 3.0, None], ["x", "y", None]], schema=VERDICT)
    assert first_of([one, two]).to_pylist() == [
        {"reason": "a", "value": 1.0, "detail": None},
        {"reason": "b", "value": 3.0, "detail": "y"},
        {"reason": None, "value": None, "detail": None},
    ]


def test_no_document_is_no_error() -> None:
    nothing = languages(("en", 1.0), shares=(1.0,)).slice(0, 0)
    assert judge_language(nothing, Language(min_paragraph_share=0.5)).num_rows == 0
    assert judge_robots(pa.chunked_array([pa.array([], pa.string())]), ["noai"]).num_rows == 0
