"""Texts are cut at the best borders there are, into parts that are even, not blank, and together the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.rephrase import segments as module

PIECES = st.sampled_from(
    ["word ", "Ends here. ", "line\n", "paragraph\n\n", "\n \n\n", "中文。", "x" * 17, " ", "\r\n", "é", "?!"]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)


def segments(text: str, most: int) -> list[str]:
    """With a tenth of room for borders."""
    return module.segments(text, most, 1 if len(text) <= most else -(-len(text) * 10 // (9 * most)))


@given(text=TEXTS | st.text(max_size=200), most=st.integers(1, 80), more=st.integers(0, 9))
def test_there_are_never_more_parts_than_were_planned(text: str, most: int, more: int) -> None:
    parts = -(-len(text) // most) + more
    found = module.segments(text, most, parts)
    assert len(found) <= parts
    assert "".join(found) == (text if text.strip() else "")
    assert all(len(part.strip()) <= most for part in found)


@given(text=TEXTS | st.text(max_size=200), most=st.integers(1, 80))
def test_parts_joined_are_the_text_and_none_is_blank_or_too_long(text: str, most: int) -> None:
    parts = segments(text, most)
    assert "".join(parts) == (text if text.strip() else "")
    assert all(part.strip() for part in parts)
    assert all(len(part.strip()) <= most for part in parts)


@given(text=TEXTS)
def test_a_text_that_fits_is_one_part(text: str) -> None:
    assert segments(text, max(1, len(text))) == ([text] if text.strip() else [])


@given(lengths=st.lists(st.integers(1, 20), min_size=2, max_size=80), most=st.integers(60, 200))
def test_paragraphs_much_shorter_than_parts_are_never_cut(lengths: list[int], most: int) -> None:
    paragraphs = ["a b. " * (length // 5) + "c" * (length % 5 + 1) for length in lengths]
    parts = segments("\n\n".join(paragraphs), most)
    assert [paragraph for part in parts for paragraph in part.strip().split("\n\n")] == paragraphs


@pytest.mark.parametrize(
    ("border", "text"),
    [
        ("paragraphs", "One two. Three\nfour five.\n\n|Six seven. Eight\nnine ten."),
        ("lines", "One two. Three four\n|five six. Seven eight"),
        ("sentences", "One two three four. |Five six seven eight."),
        ("quoted sentences", "“One two three.” |Four five six."),
        ("sentences without blanks", "一二三四五六。|七八九十百千。"),
        ("words", "one two three |four five six"),
        ("nothing", "abcdefgh|ijklmnop"),
    ],
)
def test_a_text_is_cut_at_the_best_border(border: str, text: str) -> None:
    whole = text.replace("|", "")
    assert segments(whole, len(whole) * 3 // 4) == [text.partition("|")[0], text.partition("|")[2]]


def test_parts_are_even_where_the_borders_allow_it() -> None:
    parts = segments("A sentence of it. " * 100, 500)
    assert len(parts) == 4
    assert max(map(len, parts)) - min(map(len, parts)) <= 18


def test_blank_stretches_belong_to_a_neighbour() -> None:
    text = "\n" * 300 + "one" + " " * 300 + "two" + "\n" * 300
    assert [part.strip() for part in segments(text, 10)] == ["one", "two"]


@pytest.mark.parametrize("text", ["\n" * 60_000 + "x", "x" * 60_000, "\n a" * 20_000, ". " * 30_000, '."""' * 16_000])
@pytest.mark.parametrize("most", [2, 4_000])
def test_large_uniform_texts_take_linear_time(text: str, most: int) -> None:
    assert "".join(segments(text, most)) == text
