"""N-grams and their probabilities, against plain Python: counts by `Counter`, probabilities by dictionaries of words."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.folded_words import BLOCK
from curator.text.ngram_counts import contexts_of, repeated_ngrams, starts_of_contexts
from curator.text.ngram_table import DISCOUNT, ECHO, NgramTable, bits_and_words, discounted_table
from tests.text import reference_words as reference

Ngram = tuple[str, ...]
WORDS = "tide gull mast reef sail 中".split()
TEXTS = st.lists(
    st.one_of(st.none(), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)), min_size=1, max_size=10
)


def ngrams_of(texts: list[str | None]) -> Counter[Ngram]:
    counts: Counter[Ngram] = Counter()
    for text in texts:
        words = reference.words(text or "")
        counts.update(
            tuple(words[last - length : last])
            for last in range(len(words) + 1)
            for length in (1, 2, 3)
            if last >= length
        )
    return counts


class PlainModel:
    """Interpolated absolute discounting with pruned n-grams, in dictionaries of words."""

    def __init__(self, texts: list[str | None], least: int = 2) -> None:
        counts = ngrams_of(texts)
        totals: Counter[Ngram] = Counter()
        for ngram, times in counts.items():
            totals[ngram[:-1]] += times
        kept = {ngram: times for ngram, times in counts.items() if times >= least}
        self.shares = {ngram: (times - DISCOUNT) / totals[ngram[:-1]] for ngram, times in kept.items()}
        self.rests = {ngram[:-1]: 1.0 for ngram in kept}
        for ngram, share in self.shares.items():
            self.rests[ngram[:-1]] -= share
        self.vocabulary = sorted(ngram[0] for ngram in kept if len(ngram) == 1)

    def likely(self, ngram: Ngram) -> float:
        if not ngram:
            return 1 / (len(self.vocabulary) + 1)
        return self.shares.get(ngram, 0.0) + self.rests.get(ngram[:-1], 1.0) * self.likely(ngram[1:])

    def bits(self, text: str | None) -> float:
        words, last, bits = reference.words(text or ""), dict[Ngram, str](), 0.0
        for place, word in enumerate(words):
            before = tuple(words[max(0, place - 2) : place])
            likely = self.likely((*before, word))
            if before in last:
                likely = (1 - ECHO) * likely + ECHO * (last[before] == word)
            if len(before) == 2:
                last[before] = word
            bits -= math.log2(likely)
        return bits / max(len(words), 1)


def table_of(texts: list[str | None], slots: int = 1 << 16) -> NgramTable:
    return discounted_table(repeated_ngrams(pa.array(texts, pa.string())), slots)


def bits_of(text: str | None, table: NgramTable) -> float:
    return float(bits_and_words(pa.array([text], pa.string()), table)[0][0])


@settings(deadline=None)  # the first example compiles
@given(TEXTS, st.integers(1, 40))
def test_ngrams_are_counted_as_in_plain_python_in_however_many_parts(texts: list[str | None], part_bytes: int) -> None:
    counts = repeated_ngrams(pa.array(texts, pa.large_string()), part_bytes=part_bytes)
    expected = ngrams_of(texts)
    totals: Counter[Ngram] = Counter()
    for ngram, times in expected.items():
        totals[ngram[:-1]] += times
    repeated = [(times, totals[ngram[:-1]]) for ngram, times in expected.items() if times > 1]
    assert sorted(zip(counts.times.tolist(), counts.totals.tolist(), strict=True)) == sorted(repeated)
    assert (np.diff(counts.keys.astype(object)) > 0).all()
    assert (contexts_of(counts.keys) == 0).sum() == sum(
        len(ngram) == 1 and times > 1 for ngram, times in expected.items()
    )
    contexts = {ngram[:-1] for ngram, times in expected.items() if times > 1}
    assert len(starts_of_contexts(counts.keys)) == len(contexts)


@settings(deadline=None)
@given(TEXTS, st.lists(st.sampled_from([*WORDS, "strange"]), max_size=30).map(" ".join))
def test_bits_are_those_of_a_model_in_dictionaries(texts: list[str | None], text: str) -> None:
    model, table = PlainModel(texts), table_of(texts)
    assert bits_of(text, table) == pytest.approx(model.bits(text), abs=0.05)  # three digits of each probability


@settings(deadline=None)
@given(TEXTS, st.lists(st.sampled_from([*WORDS, "strange"]), max_size=2))
def test_after_any_words_the_probabilities_of_all_words_add_up_to_one(
    texts: list[str | None], before: list[str]
) -> None:
    table = table_of(texts)
    known = PlainModel(texts).vocabulary
    begun = bits_of(" ".join(before), table) * len(before)
    added = [
        bits_of(" ".join([*before, word]), table) * (len(before) + 1) - begun
        for word in [*known, "never seen".split()[0]]
    ]
    assert sum(2.0**-bits for bits in added) == pytest.approx(1, abs=0.02)


def test_where_there_is_no_room_the_most_frequent_ngrams_stay() -> None:
    texts: list[str | None] = ["tide gull " * 9, "mast reef " * 5, "sail sail sail sail", "deck deck"]
    small = table_of(texts, slots=16)
    assert len(small.entries) <= 16
    least = next(
        least for least in range(2, 20) if sum(times >= least for times in ngrams_of(texts).values()) <= 0.7 * 16
    )
    model = PlainModel(texts, least)
    for text in ("tide gull tide", "mast reef", "sail sail", "deck"):
        assert bits_of(text, small) == pytest.approx(model.bits(text), abs=0.05)


def test_a_line_costs_less_every_time_it_is_repeated() -> None:
    table = table_of(["tide gull mast reef sail deck " * 3])
    line = "reef tide sail mast gull deck "
    costs = [bits_of(line * times, table) for times in (1, 2, 4, 8)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.7 * costs[0]


@pytest.mark.parametrize("words", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1])
def test_ngrams_across_the_end_of_a_block_are_counted(words: int) -> None:
    text = " ".join(str(word) for word in range(words))
    counts = repeated_ngrams(pa.array([text, text]))
    assert len(counts.keys) == 3 * words - 3
    assert bits_and_words(pa.array([text]), discounted_table(counts, 1 << 18))[1].tolist() == [words]


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "\n" * 1_000_000, "\u200d" * 1_000_000, "a " * 300_000, "\u202b中" * 300_000]
)
def test_monotonous_texts_are_no_trouble(text: str) -> None:
    counts = repeated_ngrams(pa.array([text, text]))
    assert len(counts.keys) <= 3
    assert np.isfinite(bits_of(text, discounted_table(counts, 1 << 10)))


def test_nulls_have_no_ngrams() -> None:
    texts = pa.nulls(100_000, pa.string())
    counts = repeated_ngrams(texts)
    assert len(counts.keys) == 0
    assert not bits_and_words(texts, discounted_table(counts, 1 << 10))[1].any()


@pytest.mark.parametrize("character", ["é", "中", "\U0001f600"])
def test_a_text_cut_inside_a_character_is_read_to_its_end(character: str) -> None:
    cut = [b"tide gull " + character.encode()[:width] for width in range(1, len(character.encode()))]
    texts = pa.array(cut, pa.binary()).view(pa.string())
    bits, _ = bits_and_words(texts, table_of(["tide gull", "tide gull"]))
    assert np.isfinite(bits).all()
