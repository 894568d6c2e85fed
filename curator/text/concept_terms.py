"""What concepts are called: the terms that many texts of a concept have and few texts of others (class-based TF-IDF)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text.function_words import FUNCTION_WORDS
from curator.text.unspaced_terms import IN_LONGER, UNSPACED, unspaced_terms

_ADDRESSES = r"\S*(?:@|://)\S*|[\w-]+(?:\.[\w-]+){2,}"
_BETWEEN_PHRASES = rf"[^\p{{L}}\p{{M}}\p{{N}} ]+|[{UNSPACED}]+"
_BREAK = " 0 "  # stands for all that no phrase goes across: a word that names nothing
_SHAPE = r"^(?:\p{Hangul}{2}|\p{L}[\p{L}\p{M}\p{N}]{2})"
_LONGEST = 30
_FEW_TEXTS = 10  # of which a term of one text may be a name
_LISTED, _OFTEN = 0.05, 0.2
"""Of the words of English, lists included, 7 % to 60 % are function words; of a language that is not listed, less than 5 %."""
_SAME_STEM = 2 / 3

Integers = npt.NDArray[np.int64]


def common_terms(texts: pa.Array, *, most: int) -> tuple[list[str], list[int]]:
    """The terms that most of these texts (string or large_string) have, and how many have each; most first, then by name.

    Terms are words in lower case, no function words, and two of them side by side; for scripts without spaces see `unspaced_terms`.
    A text counts once, so that one long list makes no name. Where most texts that have a word have it in one phrase, those
    count for the phrase alone. Of 10 texts or more at least two must have a term.
    """
    lower = pc.fill_null(pc.utf8_lower(texts), "")
    least = 1 if len(texts) < _FEW_TEXTS else 2
    counts = _words_and_pairs(lower, least)
    counts.update(unspaced_terms(lower, least=least))
    found = sorted((-count, term) for term, count in counts.items())[:most]
    return [term for _, term in found], [-count for count, _ in found]


def typical_terms(terms: pa.Array, counts: pa.Array, *, most: int) -> list[list[str]]:
    """At most `most` terms for each concept, best first: those that many of its texts have and few of the other concepts.

    `terms` (list<string>) and `counts` (list<int64>) are those of `common_terms`, one list for each concept; null is none.
    Class-based TF-IDF (Grootendorst 2022, BERTopic) with its square root against frequent words: sqrt(n) log(1 + A / f), where
    n texts of the concept have the term, f those of all concepts, and A is the mean sum of n. A later form of a word is left out.
    """
    spelling = terms.flatten()
    code = spelling.dictionary_encode().indices.to_numpy()
    count = counts.flatten().to_numpy().astype(np.float64)
    everywhere = np.bincount(code, count, minlength=1)
    score = np.sqrt(count) * np.log1p(count.sum() / max(1, len(terms)) / everywhere[code])
    ends = np.cumsum(pc.fill_null(pc.list_value_length(terms), 0).to_numpy())
    names, start = [], 0
    for end in ends.tolist():
        ranked = start + np.argsort(-score[start:end], kind="stable")
        names.append(_without_repeats((spelling[place].as_py() for place in ranked.tolist()), most))
        start = end
    return names


def _words_and_pairs(texts: pa.Array, least: int) -> Counter[str]:
    without_addresses = pc.replace_substring_regex(texts, _ADDRESSES, _BREAK)
    phrases = pc.split_pattern(pc.replace_substring_regex(without_addresses, _BETWEEN_PHRASES, _BREAK), " ")
    text = pc.list_parent_indices(phrases).to_numpy().astype(np.int64)
    encoded = pc.list_flatten(phrases).dictionary_encode()
    code, words = encoded.indices.to_numpy().astype(np.int64), encoded.dictionary
    names = _names(words, code, text, len(texts))
    word, in_texts = _texts_with(code[names[code]], text[names[code]])
    neighbours = (text[1:] == text[:-1]) & (code[1:] != code[:-1])
    pairs = np.flatnonzero(neighbours & names[code[1:]] & names[code[:-1]])
    pair, together = _texts_with(code[pairs] * len(words) + code[pairs + 1], text[pairs])
    left, right = np.divmod(pair[together >= least], max(1, len(words)))
    together = together[together >= least]
    in_texts = _without_fragments(word, in_texts, np.concatenate([left, right]), np.tile(together, 2))
    spelling = words.to_pylist()
    counts = {spelling[place]: count for place, count in zip(word.tolist(), in_texts.tolist(), strict=True)}
    for first, second, count in zip(left.tolist(), right.tolist(), together.tolist(), strict=True):
        counts[f"{spelling[first]} {spelling[second]}"] = count
    return Counter({term: count for term, count in counts.items() if count >= least})


def _names(words: pa.Array, code: Integers, text: Integers, texts: int) -> npt.NDArray[np.bool_]:
    """Which of the words can name something.

    In a language without a list of function words, the words of more than a fifth of the texts are taken for such.
    """
    shaped = pc.match_substring_regex(words, _SHAPE).to_numpy(zero_copy_only=False)
    function = pc.is_in(words, pa.array(FUNCTION_WORDS)).to_numpy(zero_copy_only=False)
    names: npt.NDArray[np.bool_] = shaped & ~function & (pc.utf8_length(words).to_numpy() <= _LONGEST)
    if texts >= _FEW_TEXTS and function[code].sum() < _LISTED * shaped[code].sum():
        word, in_texts = _texts_with(code, text)
        names[word[in_texts > _OFTEN * texts]] = False
    return names


def _texts_with(term: Integers, text: Integers) -> tuple[Integers, Integers]:
    """The different terms, ascending, and how many texts have each."""
    texts = int(text.max(initial=0)) + 1
    return np.unique(np.unique(term * texts + text) // texts, return_counts=True)


def _without_fragments(word: Integers, in_texts: Integers, part: Integers, together: Integers) -> Integers:
    """How many texts have each word, less those of the phrase that most of them have it in."""
    most = np.zeros(len(word), np.int64)
    np.maximum.at(most, np.searchsorted(word, part), together)
    return np.where(most >= IN_LONGER * in_texts, in_texts - most, in_texts)


def _without_repeats(ranked: Iterable[str], most: int) -> list[str]:
    """The first terms of which each brings a word that no term before it has in any form."""
    chosen: list[str] = []
    seen: list[str] = []
    for term in ranked:
        new = [word for word in term.split() if not any(_same_stem(word, other) for other in seen)]
        if new:
            chosen.append(term)
            seen += new
        if len(chosen) == most:
            break
    return chosen


def _same_stem(one: str, other: str) -> bool:
    shared = sum(1 for _ in takewhile(lambda letters: letters[0] == letters[1], zip(one, other, strict=False)))
    return shared >= _SAME_STEM * max(len(one), len(other))
