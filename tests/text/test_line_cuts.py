"""Texts without some of their lines or paragraphs are what plain Python makes of them, and their sizes follow."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.line_cuts import CUTS, apply_cuts, cut, cut_sizes
from curator.text.repeated_lines import Units, hash_units
from tests.text import reference_lines as reference

LINES = st.sampled_from(["", "", " ", "a", "b b", "\tcé", "中文", "٣", "1"])
TEXTS = st.lists(st.lists(LINES, max_size=9).map("\n".join), max_size=5)


def documents_of(texts: list[str]) -> pa.Table:
    """A table as `ingest` writes it, with ids that are no row numbers."""
    ids = np.arange(len(texts), dtype=np.uint64) * np.uint64(3) + np.uint64(7)
    sizes = {"bytes": [len(text.encode()) for text in texts], "characters": [len(text) for text in texts]}
    columns = {name: pa.array(values, pa.int64()) for name, values in sizes.items()}
    return pa.table({"doc_id": ids, "text": pa.array(texts, pa.large_string()), "url": texts, **columns})


def cuts_of(documents: pa.Table, units: Units) -> pa.Table:
    return cut(documents["text"].combine_chunks(), documents["doc_id"].to_numpy(), units)


def text_without(text: str, line: str) -> str:
    """A text without the paragraphs that are `line`."""
    documents = documents_of([text])
    units = hash_units(documents["text"].combine_chunks(), paragraphs=True, min_letters=1)
    key = hash_units(pa.array([line]), paragraphs=True, min_letters=1).key[0]
    found: str = apply_cuts(documents, cuts_of(documents, units.where(units.key == key)))["text"][0].as_py()
    return found


@settings(deadline=None)
@given(texts=TEXTS, paragraphs=st.booleans(), choice=st.integers(0, 2**20))
def test_texts_and_sizes_after_cuts_are_those_of_plain_python(texts: list[str], paragraphs: bool, choice: int) -> None:
    documents = documents_of(texts)
    units = hash_units(documents["text"].combine_chunks(), paragraphs=paragraphs, min_letters=1)
    chosen = np.array([choice >> place & 1 for place in range(len(units.key))], bool)
    cuts = cuts_of(documents, units.where(chosen))
    expected = []
    for row, text in enumerate(texts):
        mine = chosen & (units.text == row)
        ranges = set(zip(units.start[mine].tolist(), units.stop[mine].tolist(), strict=True))
        gone = {
            line
            for unit in reference.units(text, paragraphs=paragraphs)
            if reference.byte_range(text, unit) in ranges
            for line in range(*unit)
        }
        expected.append(reference.without(text, gone) if gone else text)
    after = apply_cuts(documents, cuts)
    assert after["text"].to_pylist() == expected
    assert after.drop_columns(["text"]).equals(documents.drop_columns(["text"]))
    sizes = cut_sizes(documents, cuts)
    assert sizes.schema == documents.schema
    assert sizes["bytes"].to_pylist() == [len(text.encode()) for text in expected]
    assert sizes["characters"].to_pylist() == [len(text) for text in expected]


@settings(deadline=None)
@given(texts=TEXTS)
def test_cuts_are_sorted_and_apart(texts: list[str]) -> None:
    documents = documents_of(texts)
    units = hash_units(documents["text"].combine_chunks(), paragraphs=False, min_letters=1)
    cuts = cuts_of(documents, units.where(units.text % 2 == 0))
    assert cuts.schema == CUTS
    rows = [(row["doc_id"], row["start"], row["stop"]) for row in cuts.to_pylist()]
    assert rows == sorted(rows)
    assert all(start < stop for _, start, stop in rows)
    assert all(one[0] < other[0] or one[2] <= other[1] for one, other in pairwise(rows))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("x\n\na\n\nb", "a\n\nb"),
        ("a\n\nx\n\nb", "a\n\nb"),
        ("a\n\nb\n\nx", "a\n\nb"),
        ("a\n\nx\n\nx\n\nb\n\nx\n\nc", "a\n\nb\n\nc"),
        ("x", ""),
        ("x\n\n\n", ""),
        ("a\n\nx\n", "a"),
        ("a\n\n\nb\n\nx\n\nc\n", "a\n\n\nb\n\nc\n"),
    ],
)
def test_no_empty_paragraph_is_left_behind(text: str, after: str) -> None:
    assert text_without(text, "x") == after


def test_texts_without_cuts_are_not_touched() -> None:
    documents = documents_of(["a", "b"])
    assert apply_cuts(documents, CUTS.empty_table()).equals(documents)
    assert cut_sizes(documents, CUTS.empty_table()).equals(documents)


def test_cuts_of_documents_that_are_gone_are_left_out() -> None:
    documents = documents_of(["a\n\nx", "b\n\nx", "c\n\nx"])
    units = hash_units(documents["text"].combine_chunks(), paragraphs=True, min_letters=1)
    cuts = cuts_of(documents, units.where(slice(1, None, 2)))
    left = documents.take([0, 2])
    assert apply_cuts(left, cuts)["text"].to_pylist() == ["a", "c"]
    assert cut_sizes(left, cuts)["bytes"].to_pylist() == [1, 1]
    assert cut_sizes(left.select(["doc_id", "bytes"]), cuts).column_names == ["doc_id", "bytes"]


def test_texts_of_a_slice_and_of_short_offsets_are_cut_too() -> None:
    documents = documents_of(["a\n\nx", "b\n\nx", "c\n\nx"]).slice(1)
    documents = documents.set_column(1, "text", documents["text"].cast(pa.string()))
    units = hash_units(documents["text"].combine_chunks(), paragraphs=True, min_letters=1)
    cuts = cuts_of(documents, units.where(slice(1, None, 2)))
    assert apply_cuts(documents, cuts)["text"].to_pylist() == ["b", "c"]
    assert cuts["doc_id"].to_pylist() == documents["doc_id"].to_pylist()


def test_odd_texts_take_linear_time() -> None:
    texts = ["a" * 5_000_000, "a" + "\n" * 1_000_000 + "b", "\n".join(["a", "b"] * 100_000)]
    documents = documents_of(texts)
    units = hash_units(documents["text"].combine_chunks(), paragraphs=False, min_letters=1)
    first = units.where(units.key == units.key[1])
    after = apply_cuts(documents, cuts_of(documents, first))["text"].to_pylist()
    assert after == [texts[0], "b", "\n".join(["b"] * 100_000)]
