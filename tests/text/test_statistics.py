"""The kernel against plain Python, and the properties that the filters rely on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text import statistics
from curator.text.characters import CHARACTERS, SPACE
from curator.text.statistics import text_statistics
from tests.text.reference_statistics import statistics_of

SPACES = [" ", "  ", "\n", "\n\n", "\r\n", "\t", "\n \n", "\u00a0", "\u2028", "\u3000", "\x1c"]
PIECES = [
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
        "#",
        "#tag",
        "{",
        "}",
    ),
    *(
        ".",
        "!",
        "...",
        "....",
        ".....",
        "wait...",
        "\u2026",
        "end.",
        "3.",
        "\u2022",
        "-",
        "- x",
        "U.S.",
        "1,5",
        "\u00bf",
        "\u00d7",
    ),
    *("中文。再来", "。", "はい！いいえ？", "ａ．", "नमस्ते।", "مرحبا؟", "😀", "e\u0301", "\ufeff", "\U0010ffff"),  # noqa: RUF001
    "x" * 31,
]
soup = st.lists(st.sampled_from(SPACES + PIECES), max_size=60).map("".join)
repetitive = st.lists(st.sampled_from(["a ", "bb ", "ccc ", "d.\n", "ee\n\n"]), max_size=80).map("".join)
documents = st.one_of(st.none(), st.text(), soup, repetitive)


def assert_equal_to_reference(table: pa.Table, texts: list[str | None]) -> None:
    rows = table.drop_columns(["content_hash_high", "content_hash_low"]).to_pylist()
    assert len(rows) == len(texts)
    for row, text in zip(rows, texts, strict=True):
        expected = statistics_of(text)
        assert row.keys() == expected.keys()
        for name, value in expected.items():
            assert row[name] == (value if isinstance(value, int) else pytest.approx(value, rel=1e-6)), name


@settings(deadline=None)  # the first call may compile the kernel
@given(st.lists(documents, max_size=8), st.sampled_from([pa.string(), pa.large_string()]))
def test_every_statistic_equals_the_plain_python_one(texts: list[str | None], kind: pa.DataType) -> None:
    assert_equal_to_reference(text_statistics(pa.array(texts, kind)), texts)


@settings(deadline=None)
@given(st.lists(documents, max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_a_slice_has_the_statistics_of_its_own_documents(texts: list[str | None], start: int, length: int) -> None:
    assert_equal_to_reference(
        text_statistics(pa.array(texts, pa.string()).slice(start, length)), texts[start:][:length]
    )


@settings(deadline=None)
@given(st.lists(st.lists(documents, max_size=4), max_size=4))
def test_chunks_are_read_one_after_the_other(chunks: list[list[str | None]]) -> None:
    table = text_statistics(pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks], pa.string()))
    assert_equal_to_reference(table, [text for chunk in chunks for text in chunk])


def test_a_null_is_the_empty_document_whatever_its_bytes() -> None:
    valid, offsets, data = (
        pa.py_buffer(b"\x02"),
        pa.array([0, 5, 7], pa.int32()).buffers()[1],
        pa.py_buffer(b"these ok"),
    )
    table = text_statistics(pa.Array.from_buffers(pa.string(), 2, [valid, offsets, data]))
    assert table["words"].to_pylist() == [0, 1]
    assert table.slice(0, 1).equals(text_statistics(pa.array([""])))


@pytest.mark.parametrize("text", ["", " \n\n\t ", "\n" * 1000, "."])
def test_everything_is_finite_without_words(text: str) -> None:
    for column in text_statistics(pa.array([text])).columns:
        assert np.isfinite(column.to_numpy()).all()


def test_counts_are_int64_shares_float32_and_hashes_uint64() -> None:
    types = {str(field.type) for field in text_statistics(pa.array(["a"])).schema}
    assert types == {"int64", "float", "uint64"}


def test_words_end_where_python_splits_them() -> None:
    spaces = [code for code in range(0x110000) if chr(code).isspace()]
    assert np.flatnonzero(CHARACTERS & SPACE).tolist() == spaces


def content_hashes(texts: list[str]) -> list[tuple[int, int]]:
    table = text_statistics(pa.array(texts))
    return list(zip(table["content_hash_high"].to_pylist(), table["content_hash_low"].to_pylist(), strict=True))


@settings(deadline=None)
@given(st.lists(soup, min_size=2, max_size=6))
def test_content_hashes_are_equal_exactly_for_equal_words(texts: list[str]) -> None:
    hashes = content_hashes(texts + ["\t\n".join(text.split()) for text in texts])
    words = [tuple(text.split()) for text in texts + texts]
    assert hashes[: len(texts)] == hashes[len(texts) :]
    assert len(set(hashes)) == len(set(words))


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


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "a " * 500_000, "\n" * 100_000, "same line.\n" * 100_000, "é" * 500_000]
)
def test_a_degenerate_document_has_finite_statistics_beside_an_ordinary_one(text: str) -> None:
    table = text_statistics(pa.array(["Two words.", text, "Two words."]))
    assert table["bytes"].to_pylist()[1] == len(text.encode())
    assert table["words"].to_pylist() == [2, len(text.split()), 2]
    assert table.slice(0, 1).equals(table.slice(2, 1))
    assert all(np.isfinite(column.to_numpy()).all() for column in table.columns)


def test_the_kernel_is_compiled_once_for_all_kinds_of_input() -> None:
    for texts in (
        pa.array([], pa.string()),
        pa.array([None, "a"], pa.large_string()),
        pa.array([""]),
        pa.array(["a b"])[1:],
    ):
        text_statistics(texts)
    assert len(statistics._measure.signatures) == 1
