"""From the texts of benchmark items to the index of their n-grams; what a benchmark's items have in common is cut out first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms import contamination_kernels as kernels
from curator.algorithms.contamination import Index, postings
from curator.algorithms.contamination_kernels import Postings
from curator.text.folded_words import BLOCK, hash_words

LETTERS_PER_WORD = 2  # English has 4.5; lists of numbers and formulas have less than one

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


def build_index(
    benchmarks: Sequence[str],
    first_items: Numbers,
    texts: pa.Array,
    text_items: Numbers,
    *,
    ngram_words: int,
    item_ngram_words: int,
    template_items: int,
) -> Index:
    """The index of `texts` (string): text t is of item `text_items[t]`, and item i of benchmark b if first_items[b] <= i < [b + 1].

    An n-gram of `item_ngram_words` in more than `template_items` items of one benchmark is its template ("Is the following
    statement true or false? ...") and says nothing about an item: its words are cut out, and what is left on each side is
    a text of its own. Texts below `item_ngram_words` are left out; one below `ngram_words` is an n-gram as a whole, if no text
    of its item is longer. N-grams below two letters a word (rows of numbers, `a b c`) say nothing and are left out, with two
    counted for each character of Chinese and Japanese. Deterministic. Memory while it is built: about 200 bytes for each word.
    """
    assert item_ngram_words <= ngram_words < BLOCK, "a long n-gram must begin with a short one"
    words, letters, offsets = hash_words(texts)
    owner = np.repeat(text_items, np.diff(offsets))
    benchmark = np.searchsorted(first_items, owner, side="right")
    template = _templates(words, offsets, owner, benchmark, item_ngram_words, template_items)
    stays, starts, text_items = _cut(offsets, owner, template, item_ngram_words)
    words, letters = words[stays], letters[stays]
    lengths = np.diff(starts)
    sizes = np.unique(np.append(lengths[lengths < ngram_words], ngram_words))
    whole = lengths == _longest_of_item(lengths, text_items)
    return Index(
        benchmarks=tuple(benchmarks),
        first_items=first_items,
        text_items=text_items,
        text_starts=starts,
        sizes=sizes,
        short_words=item_ngram_words,
        short=_short_postings(words, letters, starts, item_ngram_words),
        long=_long_postings(words, letters, starts, sizes, whole),
    )


def _ngrams(words: Words, offsets: Numbers, size: int) -> tuple[Numbers, Words]:
    """Where n-grams of `size` words begin that end in the same text, and their hashes: the polynomial of the kernel."""
    count = max(0, len(words) - size + 1)
    keys = np.zeros(count, np.uint64)
    for place in range(size):
        keys = keys * np.uint64(kernels.BASE) + words[place : place + count]
    keys = _mixed(keys + np.uint64(size))
    ends = np.repeat(offsets[1:], np.diff(offsets))
    places = np.flatnonzero(np.arange(count) + size <= ends[:count])
    return places, keys[places]


def _mixed(value: Words) -> Words:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _templates(
    words: Words, offsets: Numbers, owner: Numbers, benchmark: Numbers, size: int, most: int
) -> npt.NDArray[np.bool_]:
    """Which words lie in an n-gram that more than `most` items of their benchmark have."""
    places, keys = _ngrams(words, offsets, size)
    order = np.lexsort((owner[places], keys))
    key, item, group = keys[order], owner[places][order], benchmark[places][order]
    new_group = _changes(key) | _changes(group)
    number = np.cumsum(new_group) - 1
    items = np.bincount(number[new_group | _changes(item)])  # distinct items of each n-gram in each benchmark
    common = places[order][items[number] > most] if len(places) else places
    edges = np.zeros(len(words) + 1, np.int64)
    np.add.at(edges, common, 1)
    np.add.at(edges, common + size, -1)
    return np.cumsum(edges[:-1]) > 0


def _cut(
    offsets: Numbers, owner: Numbers, template: npt.NDArray[np.bool_], least: int
) -> tuple[npt.NDArray[np.bool_], Numbers, Numbers]:
    """Which words stay, and starts (texts + 1) and items of the texts that are left: from `least` words on, without templates."""
    piece = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)) + np.cumsum(_changes(template) & ~template)
    piece = piece * 2 + template  # no two pieces share a number: texts count up, and so do the ends of templates
    numbers, number_of = np.unique(piece, return_inverse=True)
    stays = (np.bincount(number_of, minlength=len(numbers)) >= least)[number_of] & ~template
    begins = _changes(number_of[stays])
    return stays, np.append(np.flatnonzero(begins), np.count_nonzero(stays)), owner[stays][begins]


def _longest_of_item(lengths: Numbers, text_items: Numbers) -> Numbers:
    """For each text the length of the longest one of its item."""
    longest = np.zeros(int(text_items.max(initial=-1)) + 1, np.int64)
    np.maximum.at(longest, text_items, lengths)
    return longest[text_items]


def _short_postings(words: Words, letters: npt.NDArray[np.int32], starts: Numbers, size: int) -> Postings:
    """Every short n-gram; those that say something with the words of the index at which they begin."""
    places, keys = _ngrams(words, starts, size)
    return _postings(keys, places, _says_something(letters, places, size))


def _long_postings(
    words: Words, letters: npt.NDArray[np.int32], starts: Numbers, sizes: Numbers, whole: npt.NDArray[np.bool_]
) -> Postings:
    """Every n-gram of the largest size, and every text of a smaller one that is `whole`, with the texts that have it."""
    keys, texts = [], []
    for size in sizes.tolist():
        places, found = _ngrams(words, starts, size)
        text = np.searchsorted(starts, places, side="right") - 1
        wanted = (np.diff(starts)[text] == size) & whole[text] if size < sizes[-1] else np.ones(len(text), np.bool_)
        wanted &= _says_something(letters, places, size)
        keys.append(found[wanted])
        texts.append(text[wanted])
    key, text = np.concatenate(keys), np.concatenate(texts)
    order = np.lexsort((text, key))
    key, text = key[order], text[order]
    first = _changes(key) | _changes(text)
    return _postings(key[first], text[first], np.ones(np.count_nonzero(first), np.bool_))


def _says_something(letters: npt.NDArray[np.int32], places: Numbers, size: int) -> npt.NDArray[np.bool_]:
    """Whether the n-grams at `places` have two letters a word or more."""
    sums = np.append(0, np.cumsum(letters, dtype=np.int64))
    enough: npt.NDArray[np.bool_] = sums[places + size] - sums[places] >= LETTERS_PER_WORD * size
    return enough


def _postings(keys: Words, places: Numbers, counts: npt.NDArray[np.bool_]) -> Postings:
    """Postings of all keys, with those places that count."""
    order = np.argsort(keys, kind="stable")
    keys, places, counts = keys[order], places[order], counts[order]
    begins = np.flatnonzero(_changes(keys))
    offsets = np.append(0, np.cumsum(counts))[np.append(begins, len(keys))]
    return postings(keys[begins], offsets, places[counts].astype(np.int32))


def _changes(values: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Where a value differs from the one before it; the first one does."""
    changes = np.ones(len(values), np.bool_)
    changes[1:] = values[1:] != values[:-1]
    return changes
