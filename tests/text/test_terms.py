"""Terms of texts, against plain Python: words and pairs of the reference's words, counted by `Counter`."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.folded_words import BLOCK
from curator.text.terms import Counts, count_terms, new_vocabulary, repeated_terms
from tests.text import reference_words as reference

ODD = "ab Z7.-'\u00ad\u200d\u0301ßİ中ひカกขค\U00020000\U0001f600\u0000é"
TEXTS = st.lists(st.one_of(st.none(), st.text(st.sampled_from(ODD), max_size=40)), max_size=12)


def terms_of(text: str | None) -> list[str]:
    """The words, each followed by the pair of which it is the second."""
    words = reference.words(text or "")
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    return words[:1] + [term for both in zip(words[1:], pairs, strict=True) for term in both]


def counted(texts: list[str | None], *, part_bytes: int = 1_000_000) -> tuple[int, Counts]:
    """How many terms occur twice or more, and the counts of these."""
    column = pa.array(texts, pa.string())
    terms = repeated_terms(column, part_bytes=part_bytes)
    return len(terms), count_terms(column, new_vocabulary(terms), len(terms))


@settings(deadline=None)  # the first example compiles
@given(TEXTS, st.integers(1, 50))
def test_terms_are_counted_as_in_plain_python(texts: list[str | None], part_bytes: int) -> None:
    number, counts = counted(texts, part_bytes=part_bytes)
    everywhere = Counter(term for text in texts for term in terms_of(text))
    repeated = {term for term, times in everywhere.items() if times > 1}
    expected = [Counter(term for term in terms_of(text) if term in repeated) for text in texts]
    assert number == len(repeated)
    assert np.diff(counts.starts).tolist() == [len(one) for one in expected]
    assert counts.times.tolist() == [times for one in expected for times in one.values()]
    names = dict(zip((term for one in expected for term in one), counts.terms.tolist(), strict=True))
    assert counts.terms.tolist() == [names[term] for one in expected for term in one]
    assert len(set(names.values())) == len(names)


@given(TEXTS)
def test_terms_do_not_depend_on_the_parts_they_are_taken_in(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.large_string())
    assert repeated_terms(column, part_bytes=3).tolist() == repeated_terms(column).tolist()


@given(st.sets(st.integers(1, 2**64 - 1), max_size=50), st.integers(0, 2**64 - 1))
def test_a_vocabulary_holds_its_terms_and_no_others(terms: set[int], other: int) -> None:
    vocabulary = new_vocabulary(np.array(sorted(terms), np.uint64))
    held = {int(key): int(number) for key, number in zip(*vocabulary, strict=True) if number >= 0}
    assert held == {term: number for number, term in enumerate(sorted(terms))}
    assert len(vocabulary.keys) >= 4 * len(terms)


def test_terms_that_share_a_slot_are_told_apart() -> None:
    column = pa.array(["one two three four five"])
    words = repeated_terms(pa.array(["one two three four five " * 2]))
    mask = np.uint64(len(new_vocabulary(words).keys) - 1)
    rivals = np.array([word ^ (np.uint64(1) << np.uint64(60)) for word in words], np.uint64)  # the same low bits
    both = np.concatenate([rivals, words])
    assert ((rivals & mask) == (words & mask)).all()
    counts = count_terms(column, new_vocabulary(both), len(both))
    assert (counts.terms >= len(words)).all()
    assert len(counts.terms) == 9


@pytest.mark.parametrize("text", ["他说中文。", "カタロゴ", "กรุงเทพมหานครเป็นเมืองหลวง"])
def test_scripts_without_spaces_have_terms_too(text: str) -> None:
    number, _ = counted([text, text])
    assert number >= 2 * len(reference.words(text)) - 1 >= 5


@pytest.mark.parametrize("words", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1])
def test_the_pair_across_the_end_of_a_block_is_counted(words: int) -> None:
    text = " ".join(str(word) for word in range(words))
    number, counts = counted([text, text])
    assert number == 2 * words - 1
    assert np.diff(counts.starts).tolist() == [number, number]


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "\n" * 1_000_000, "\u200d" * 1_000_000, "a " * 300_000, "\u202b中" * 300_000]
)
def test_monotonous_texts_are_no_trouble(text: str) -> None:
    _, counts = counted([text, text])
    assert len(counts.terms) <= 4
    assert counts.times.sum() <= 2 * len(text)


def test_a_million_empty_lines_and_nulls_have_no_terms() -> None:
    texts = pa.nulls(1_000_000, pa.string())
    assert len(repeated_terms(texts)) == 0
    assert not count_terms(texts, new_vocabulary(np.empty(0, np.uint64)), 0).starts.any()


def test_a_slice_has_the_terms_of_its_texts_alone() -> None:
    texts = pa.array(["x x", "tide gull tide", "x x"]).slice(1, 1)
    assert len(repeated_terms(texts)) == 1


@pytest.mark.parametrize("character", ["é", "中", "\U0001f600"])
def test_a_text_cut_inside_a_character_is_read_to_its_end(character: str) -> None:
    cut = [b"tide " + character.encode()[:width] for width in range(1, len(character.encode()))]
    texts = pa.array(cut, pa.binary()).view(pa.string())
    terms = repeated_terms(pa.array(["tide", "tide"]))
    assert count_terms(texts, new_vocabulary(terms), 1).times.tolist() == [1] * len(cut)


def test_a_strange_word_has_a_number_after_the_terms_and_a_strange_pair_has_none() -> None:
    vocabulary = new_vocabulary(repeated_terms(pa.array(["tide tide"])))
    counts = count_terms(pa.array(["gull tide gull", "gull"]), vocabulary, 2, strange_words=8)
    gull = counts.terms[0]
    assert 2 <= gull < 10
    assert counts.times[:2].tolist() == [2, 1]
    assert counts.terms[counts.starts[1] :].tolist() == [gull]


def test_where_strange_pairs_count_too_every_word_and_pair_has_a_number() -> None:
    vocabulary = new_vocabulary(repeated_terms(pa.array(["tide tide"])))
    counts = count_terms(pa.array(["gull tide gull"]), vocabulary, 1, strange_words=8, strange_pairs=True)
    assert counts.times.sum() == 3 + 2
    assert counts.times[counts.terms.tolist().index(0)] == 1  # tide itself, and no pair
