from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.density import SAMPLE_BYTES, TEXT_LETTERS, density_merit, information_density

RANDOM = np.random.default_rng(7)
WORDS = ["".join(chr(97 + letter) for letter in RANDOM.integers(0, 26, 6)) for _ in range(400)]


def prose(seed: int, words: int = 150, vocabulary: int = 400) -> str:
    return " ".join(WORDS[number] for number in np.random.default_rng(seed).integers(0, vocabulary, words))


def noise(seed: int, letters: int = 1_000) -> str:
    return "".join(chr(33 + letter) for letter in np.random.default_rng(seed).integers(0, 90, letters))


def test_what_the_concept_says_already_takes_few_bits_and_noise_many() -> None:
    texts = [*(prose(number) for number in range(40)), prose(1)[:-40] + " another end", noise(1)]
    bits = information_density(texts)
    repeated, strange = bits[40], bits[41]
    assert repeated < 0.3 * np.median(bits[:40])
    assert strange > 1.5 * np.median(bits[:40])


def test_no_text_is_measured_against_itself() -> None:
    alone = information_density([prose(3)])[0]
    beside = information_density([prose(3), noise(4)])[0]
    assert beside == pytest.approx(alone, rel=0.05)
    assert information_density([prose(3), prose(3)]).max() < 0.2 * alone


def test_alone_it_is_the_bits_of_plain_deflate_for_each_letter_not_byte() -> None:
    russian = "".join(chr(0x430 + ord(letter) - 97) if letter.isalpha() else letter for letter in prose(5))
    for text in (prose(5), russian):
        plain = zlib.compressobj(6, zlib.DEFLATED, -15)
        size = len(plain.compress(text.encode()) + plain.flush())
        assert information_density([text]).tolist() == [8 * size / len(text)]


def test_a_text_counts_up_to_a_number_of_letters_and_the_sample_up_to_one_of_bytes() -> None:
    first = prose(6, words=1_000)
    assert information_density([first, first[:TEXT_LETTERS]])[0] == information_density([first[:TEXT_LETTERS]] * 2)[0]
    many = [prose(number, words=300) for number in range(200)]
    fewer = many[: 2 * (SAMPLE_BYTES // 2_000) + 4]
    assert information_density(many)[:10].tolist() == information_density(fewer)[:10].tolist()


def test_the_middle_goes_first_and_an_empty_text_last() -> None:
    texts = [*(prose(number) for number in range(30)), noise(1), prose(2) + ".", ""]
    merit = density_merit(np.zeros(33, np.uint64), texts, np.arange(33, dtype=np.uint64))
    order = np.argsort(merit)
    assert set(order[29:].tolist()) == {2, 30, 31, 32}  # one and its near copy, noise, and the empty one
    assert order[-1] == 32
    assert np.isnan(merit[32])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.text(max_size=30)), max_size=20), st.randoms(use_true_random=False))
def test_merit_depends_on_neither_order_nor_other_concepts(rows, random) -> None:
    concept, texts = [row[0] for row in rows], [row[1] for row in rows]
    hashed = list(range(len(rows)))
    found = density_merit(np.array(concept, np.uint64), texts, np.array(hashed, np.uint64))
    order = list(range(len(rows)))
    random.shuffle(order)
    again = density_merit(
        np.array([concept[row] for row in order], np.uint64),
        [texts[row] for row in order],
        np.array([hashed[row] for row in order], np.uint64),
    )
    np.testing.assert_array_equal(again, found[order])
    for one in set(concept):
        rows_of = [row for row in range(len(rows)) if concept[row] == one]
        bits = information_density([texts[row] for row in rows_of])
        expected = [abs(bit - np.nanmedian(bits)) if not np.isnan(bit) else np.nan for bit in bits]
        np.testing.assert_array_equal(found[rows_of], np.array(expected))
