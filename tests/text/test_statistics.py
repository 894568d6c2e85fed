"""The kernel against plain Python, and the properties that the filters rely on."""

# ruff: noqa: RUF001

from __future__ import annotations

import importlib
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.config.profiles import Profile
from curator.text import statistics
from curator.text.characters import SPACE, base_flags
from curator.text.statistics import text_statistics
from curator.text.stop_words import LONGEST, STOP_WORDS
from tests.text.reference_statistics import statistics_of, words_of

PROFILES: tuple[Profile, ...] = ("curator", "datatrove", "dclm", "dolma")
SPACES = [" ", "  ", "\n", "\n\n", "\t", "\n \n", "\u00a0", "\u3000"]
BREAKS = ["\r\n", "\u2028", "\x1c"]
WORDS = [
    *(
        "a",
        "b",
        "the",
        "The",
        '"of"',
        "(with)",
        "that,",
        "lorem",
        "LOREM",
        "Ipsum",
        "ipsum,",
        "xlorem",
        "x" * 31,
        "NASA",
    ),
    *(
        "don't",
        "It\u2019s",
        "we'll",
        "U.S.",
        "well-known",
        "and/or",
        "end.Next",
        "a,b",
        "5km",
        "3.14",
        "1,000",
        "$5",
        "50%",
        "x=1",
    ),
    *(
        "use",
        "terms of use",
        "Privacy Policy,",
        "cookies",
        "uses cookies",
        "JavaScript",
        "www.a.org/b-c",
        "https://a.b",
        "me@x.com",
    ),
]
MARKS = [
    *(
        "#",
        "#tag",
        "{",
        "}",
        ".",
        "!",
        "...",
        "....",
        "wait...",
        "\u2026",
        "end.",
        "3.",
        "\u2022",
        "-",
        "- x",
        "* y",
        ". . .",
        "\u00bf",
    ),
    *(
        "\u00d7",
        "😀",
        "(a)",
        '"',
        "f(x) = {a[1]};",
        "if (a == b) {",
        "1,2,3,4",
        "a | b | c",
        "x_y",
        "--",
        "\u2014",
        ">",
    ),
]
SCRIPTS = [
    *(
        "中文。再来",
        "。",
        "はい！いいえ？",
        "ａ．",
        "カタカナ",
        "らーめん",
        "使用React的",
        "नमस्ते।",
        "مرحبا؟",
        "e\u0301",
        "\u0301",
    ),
    *("\ufeff", "\U0010ffff", "ภาษาไทย", "བོད་སྐད།", "и", "ЧТО", "Και", "שלום", "\u200b", "\u200dx", "ⅷ", "²"),
]
soup = st.lists(st.sampled_from(SPACES + WORDS + MARKS + SCRIPTS), max_size=60).map("".join)
repetitive = st.lists(st.sampled_from(["a ", "bb ", "ccc ", "中", "d.\n", "ee\n\n"]), max_size=80).map("".join)
any_text = st.one_of(st.text(), st.lists(st.sampled_from(SPACES + BREAKS + WORDS), max_size=40).map("".join))
documents = st.one_of(st.none(), any_text, soup, repetitive)


def assert_equal_to_reference(table: pa.Table, expected: list[dict[str, float | None]]) -> None:
    rows = table.to_pylist()
    assert len(rows) == len(expected)
    for row, values in zip(rows, expected, strict=True):
        for name, value in values.items():
            assert row[name] == (
                value if value is None or isinstance(value, int) else pytest.approx(value, rel=1e-5)
            ), name


@settings(deadline=None)  # the first call may compile the kernel
@given(st.lists(documents, max_size=8), st.sampled_from([pa.string(), pa.large_string()]))
def test_every_statistic_equals_the_plain_python_one(texts: list[str | None], kind: pa.DataType) -> None:
    assert_equal_to_reference(text_statistics(pa.array(texts, kind)), [statistics_of(text) for text in texts])


def test_every_column_has_its_plain_python_one_but_for_hashes_and_compression() -> None:
    others = {"content_hash_high", "content_hash_low", "compression_ratio"}
    for profile in PROFILES:
        assert set(text_statistics(pa.array(["a"]), profile=profile).column_names) == others | statistics_of("a").keys()


@settings(deadline=None)
@given(st.lists(st.tuples(soup, st.sampled_from([*STOP_WORDS, "th", "xx", None])), max_size=8))
def test_stop_words_are_those_of_each_document_s_language(pairs: list[tuple[str, str | None]]) -> None:
    texts, languages = [text for text, _ in pairs], [language for _, language in pairs]
    table = text_statistics(pa.array(texts, pa.string()), pa.array(languages, pa.string()))
    expected = [statistics_of(text, language or "none") for text, language in pairs]
    assert_equal_to_reference(table, expected)


@pytest.mark.parametrize("language", STOP_WORDS)
def test_every_stop_word_of_every_language_is_found(language: str) -> None:
    words = STOP_WORDS[language].split()
    text = " ".join(f"({word.title()})" for word in words) if language not in ("ja", "zh") else "".join(words)
    found = text_statistics(pa.array([text]), pa.array([language]))["stop_words"].to_pylist()
    assert found == [len(words)]
    assert 8 <= len(words) == len(set(words)) <= 10
    assert all(len(word.encode()) <= LONGEST for word in words)


def reference(profile: str) -> Callable[[str], dict[str, float | None]]:
    found: Callable[[str], dict[str, float | None]]
    found = importlib.import_module(f"tests.text.profiles.reference_{profile}").statistics_of
    return found


@pytest.mark.parametrize("profile", PROFILES[1:])
@settings(deadline=None)
@given(texts=st.lists(st.one_of(soup, repetitive), max_size=6))
def test_a_profile_measures_what_its_reference_does(profile: Profile, texts: list[str]) -> None:
    """Of line ends only the newline: `str.splitlines` knows more, and ingest leaves no other."""
    table = text_statistics(pa.array(texts, pa.string()), profile=profile)
    assert_equal_to_reference(table, [reference(profile)(text) for text in texts])


@settings(deadline=None)
@given(st.lists(documents, max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_a_slice_has_the_statistics_of_its_own_documents(texts: list[str | None], start: int, length: int) -> None:
    table = text_statistics(pa.array(texts, pa.string()).slice(start, length))
    assert_equal_to_reference(table, [statistics_of(text) for text in texts[start:][:length]])


@settings(deadline=None)
@given(st.lists(st.lists(soup, max_size=4), max_size=4))
def test_chunks_are_read_one_after_the_other_with_their_languages(chunks: list[list[str]]) -> None:
    texts = [text for chunk in chunks for text in chunk]
    languages = [list(STOP_WORDS)[row % len(STOP_WORDS)] for row in range(len(texts))]
    column = pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks], pa.string())
    table = text_statistics(column, pa.array(languages, pa.string()))
    assert_equal_to_reference(table, [statistics_of(*pair) for pair in zip(texts, languages, strict=True)])


def test_a_null_is_the_empty_document_whatever_its_bytes() -> None:
    offsets = pa.array([0, 5, 7], pa.int32()).buffers()[1]
    buffers = [pa.py_buffer(b"\x02"), offsets, pa.py_buffer(b"these ok")]
    table = text_statistics(pa.Array.from_buffers(pa.string(), 2, buffers))
    assert table["words"].to_pylist() == [0, 1]
    assert table.slice(0, 1).equals(text_statistics(pa.array([""])))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("text", ["", " \n\n\t ", "\n" * 1000, ".", "\u0301" * 1000, "\u200b\u200f", "中", "a"])
def test_everything_is_finite_for_odd_texts(profile: Profile, text: str) -> None:
    for name, value in text_statistics(pa.array([text]), profile=profile).to_pylist()[0].items():
        assert value is None or np.isfinite(value), name


def test_counts_are_int64_ratios_float32_and_hashes_uint64() -> None:
    types = {str(field.type) for field in text_statistics(pa.array(["a"])).schema}
    assert types == {"int64", "float", "uint64"}


def test_runs_end_where_python_splits_them() -> None:
    spaces = [code for code in range(0x110000) if chr(code).isspace()]
    assert np.flatnonzero(base_flags() & SPACE).tolist() == spaces


def test_scripts_without_spaces_are_cut_into_clusters_of_which_two_make_a_word() -> None:
    assert words_of("我喜欢React。ภาษา བོད་སྐད།") == [*"我喜欢", "React", "ภ", "า", "ษ", "า", "བོད", "སྐད"]
    table = text_statistics(pa.array(["我喜欢吃饭", "我喜欢 React", "plain words"]))
    assert table["words"].to_pylist() == [3, 3, 2]
    assert table["mean_word_length"].to_pylist() == [None, 5.0, 5.0]


@pytest.mark.parametrize(
    ("code", "prose"),
    [
        ("const x = foo(bar, {baz: 1});", "Send the form(s) to us (by mail)."),
        ("    if (a == b) { return c[0]; }", '"Well," he said; "it is (almost) done."'),
        ('<div class="a">text</div>', "See https://example.org/a_b?c=d for more."),
        ("self.assertEqual(len(items), 3)", "> He wrote: f(x) = g(x)"),
    ],
)
def test_lines_of_code_are_told_from_prose(code: str, prose: str) -> None:
    assert text_statistics(pa.array([code, prose, f"{code}\n{prose}"]))["code_lines"].to_pylist() == [1.0, 0.0, 0.5]


def test_rows_of_tables_are_told_from_prose() -> None:
    texts = [
        "a\tb\tc",
        "| name | age |",
        "2010-01-04,AGX,23.4",
        "red, green, and blue",
        "in 1987, 1988, and 1989 it rained",
    ]
    assert text_statistics(pa.array(texts))["table_lines"].to_pylist() == [1.0, 1.0, 1.0, 0.0, 0.0]


def test_repetition_compresses_well_and_noise_does_not() -> None:
    noise = "".join(chr(33 + int(value)) for value in np.random.default_rng(1).integers(0, 90, 5000))
    low, high = text_statistics(pa.array(["spam " * 1000, noise]))["compression_ratio"].to_pylist()
    assert low < 0.05
    assert high > 0.9


def content_hashes(texts: list[str], profile: Profile = "curator") -> list[tuple[int, int]]:
    table = text_statistics(pa.array(texts), profile=profile)
    return list(zip(table["content_hash_high"].to_pylist(), table["content_hash_low"].to_pylist(), strict=True))


@settings(deadline=None)
@given(st.lists(soup, min_size=2, max_size=6))
def test_content_hashes_are_equal_exactly_for_equal_words(texts: list[str]) -> None:
    hashes = content_hashes(texts + ["\t\n".join(text.split()) for text in texts])
    words = [tuple(text.split()) for text in texts + texts]
    assert hashes[: len(texts)] == hashes[len(texts) :]
    assert len(set(hashes)) == len(set(words))


def test_content_hashes_do_not_depend_on_the_profile() -> None:
    texts = ["Don't cut: 中文, e-mail.", "", "a  b"]
    assert len({tuple(content_hashes(texts, profile)) for profile in PROFILES}) == 1


def test_both_halves_of_the_content_hash_tell_near_documents_apart() -> None:
    texts = [f"{number} word" for number in range(20_000)] + [f"word {number}" for number in range(20_000)]
    high, low = zip(*content_hashes(texts), strict=True)
    assert len(set(high)) == len(set(low)) == len(texts)
    for half in (high, low):
        bits = np.unpackbits(np.array(half, np.uint64).view(np.uint8).reshape(-1, 8), axis=1).mean(axis=0)
        assert np.abs(bits - 0.5).max() < 0.015  # five standard deviations of 40,000 fair coins are 0.0125


def test_a_top_ngram_that_occurs_once_counts_nothing_and_one_that_overlaps_itself_is_at_most_all() -> None:
    table = text_statistics(pa.array(["one two three four", "a a a a"]))
    assert table["top_2gram"].to_pylist() == [0.0, 1.0]


DEGENERATE = {
    "one letter": "a" * 20_000_000,
    "empty lines": "\n" * 1_000_000,
    "one word": "a " * 500_000,
    "one line": "same line.\n" * 100_000,
    "one mark": "\u0301" * 500_000,
    "one character of Chinese": "中" * 300_000,
    "brackets": "(" * 300_000 + ")" * 300_000,
    "joined numbers": "1." * 300_000,
    "right to left": "שלום عليكم\u200f " * 30_000,
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", DEGENERATE)
def test_a_degenerate_document_has_finite_statistics_beside_an_ordinary_one(profile: Profile, name: str) -> None:
    table = text_statistics(pa.array(["Two words.", DEGENERATE[name], "Two words."]), profile=profile)
    assert table["characters"].to_pylist()[1] == len(DEGENERATE[name])
    assert table.slice(0, 1).equals(table.slice(2, 1))
    assert all(value is None or np.isfinite(value) for value in table.to_pylist()[1].values())


def test_the_kernel_is_compiled_once_for_all_kinds_of_input_and_all_profiles() -> None:
    inputs = (
        pa.array([], pa.string()),
        pa.array([None, "a"], pa.large_string()),
        pa.array([""]),
        pa.array(["a b"])[1:],
    )
    for texts in inputs:
        for profile in PROFILES:
            text_statistics(texts, profile=profile)
    assert len(statistics._measure.signatures) == 1
