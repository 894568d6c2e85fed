"""Benchmark items in documents, against sets of word tuples in plain Python, and the rules by example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.contamination import Finder, Index
from curator.algorithms.contamination_index import build_index
from curator.store.tables import to_parquet
from curator.text.folded_words import BLOCK
from tests.text import reference_words as reference

Benchmarks = Sequence[Sequence[Sequence[str]]]
Words = tuple[str, ...]
SETTINGS = {"ngram_words": 13, "item_ngram_words": 8, "template_items": 50}


def index_of(benchmarks: Benchmarks, **changes: int) -> Index:
    items = [item for benchmark in benchmarks for item in benchmark]
    return build_index(
        [f"benchmark {number}" for number in range(len(benchmarks))],
        np.cumsum([0, *map(len, benchmarks)]),
        pa.array([text for item in items for text in item], pa.string()),
        np.repeat(np.arange(len(items)), [len(item) for item in items]),
        **{**SETTINGS, **changes},
    )


def find(benchmarks: Benchmarks, documents: Sequence[str | None], share: float = 0.5, **changes: int) -> list[tuple]:
    found = Finder(index_of(benchmarks, **changes), item_share=share).find(pa.array(documents, pa.large_string()))
    return list(zip(*found.to_pydict().values(), strict=True))


def ngrams(words: Words, size: int) -> list[Words]:
    return [words[place : place + size] for place in range(len(words) - size + 1)]


def says_something(ngram: Words) -> bool:
    return sum(map(reference.letters, ngram)) >= 2 * len(ngram)


def without_template(benchmark: Sequence[Sequence[str]], size: int, most: int) -> list[list[Words]]:
    """The texts of each item as words, cut at what more than `most` items have."""
    items = [[tuple(reference.words(text)) for text in item] for item in benchmark]
    counts = Counter(ngram for item in items for ngram in {gram for text in item for gram in ngrams(text, size)})
    return [[piece for text in item for piece in pieces(text, counts, size, most)] for item in items]


def pieces(text: Words, counts: Counter[Words], size: int, most: int) -> list[Words]:
    common = {
        word
        for place, ngram in enumerate(ngrams(text, size))
        if counts[ngram] > most
        for word in range(place, place + size)
    }
    runs: list[list[str]] = [[]]
    for place, word in enumerate(text):
        if place in common:
            runs.append([])
        else:
            runs[-1].append(word)
    return [tuple(run) for run in runs if len(run) >= size]


def reference_find(
    benchmarks: Benchmarks,
    documents: Sequence[str],
    share: float,
    *,
    ngram_words: int,
    item_ngram_words: int,
    template_items: int,
) -> list[tuple]:
    items = [item for benchmark in benchmarks for item in without_template(benchmark, item_ngram_words, template_items)]
    rows = []
    for number, document in enumerate(documents):
        words = tuple(reference.words(document))
        held = {gram for size in range(1, ngram_words + 1) for gram in ngrams(words, size)}
        for item, texts in enumerate(items):
            most = max(map(len, texts), default=0)
            hits = []
            for text in texts:
                size = ngram_words if len(text) >= ngram_words else len(text) if len(text) == most else ngram_words
                shared = {gram for gram in ngrams(text, size) if gram in held and says_something(gram)}
                covered = {
                    word
                    for place, gram in enumerate(ngrams(text, item_ngram_words))
                    if gram in held and says_something(gram)
                    for word in range(place, place + item_ngram_words)
                }
                if shared or (len(covered) > share * len(text) and len(covered) >= ngram_words):
                    hits.append((len(shared), len(covered) / len(text)))
            if hits:
                rows.append((number, item, sum(count for count, _ in hits), max(part for _, part in hits)))
    return rows


WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "of", "x", "7", "中", "文"]


def random_case(random: Random) -> tuple[Benchmarks, list[str]]:
    """Benchmarks, and documents that are put together from parts of their texts and other words."""
    words = WORDS[: random.choice([4, 8, 13])]
    benchmarks = [
        [[_text(random, words) for _ in range(random.randint(1, 3))] for _ in range(random.randint(0, 6))]
        for _ in range(random.randint(1, 3))
    ]
    texts = [text for benchmark in benchmarks for item in benchmark for text in item] or words
    parts = [[_part(random, texts) for _ in range(random.randint(0, 8))] for _ in range(3)]
    return benchmarks, [" ".join(document) for document in parts]


def _text(random: Random, words: Sequence[str]) -> str:
    return " ".join(random.choice(words) for _ in range(random.randint(1, 16)))


def _part(random: Random, texts: Sequence[str]) -> str:
    words = random.choice(texts).split() if random.random() < 0.8 else WORDS
    first = random.randrange(len(words))
    return " ".join(words[first : first + random.randint(1, 6)])


@settings(deadline=None, max_examples=200)
@given(st.integers(0), st.integers(2, 4), st.integers(0, 4), st.integers(1, 5), st.sampled_from([0.0, 0.3, 0.5, 0.8]))
def test_what_is_found_equals_sets_of_word_tuples(
    seed: int, short: int, more: int, template_items: int, share: float
) -> None:
    """Two cases in three hold items, one in five an item that shares no long n-gram."""
    case = random_case(Random(seed))
    chosen = {"ngram_words": short + more, "item_ngram_words": short, "template_items": template_items}
    assert find(*case, share, **chosen) == reference_find(*case, share, **chosen)


ITEM = "Natalia sold clips to forty eight of her friends in April and then she sold half as many clips in May"
OTHER = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"


def test_thirteen_words_in_a_row_are_found_and_twelve_are_not() -> None:
    words = ITEM.split()
    assert find([[[ITEM]]], [f"so {' '.join(words[3:16])} it", f"so {' '.join(words[3:15])} it"]) == [
        (0, 0, 1, 13 / 21)
    ]


def test_more_than_half_of_an_item_is_found_without_thirteen_words_in_a_row() -> None:
    words = ITEM.split()
    document = f"{' '.join(words[:9])} and so on, {' '.join(words[11:19])}"
    assert find([[[ITEM]]], [document]) == [(0, 0, 0, 17 / 21)]
    assert find([[[ITEM]]], [document], share=0.9) == []


def test_one_phrase_of_eight_words_is_no_item_of_fifteen() -> None:
    words = ITEM.split()[:15]
    assert find([[[" ".join(words)]]], [" ".join(words[4:12])]) == []


def test_an_item_below_thirteen_words_is_found_as_a_whole_only() -> None:
    words = ITEM.split()[:9]
    documents = [f"x {' '.join(words)} x", " ".join(words[:8])]
    assert find([[[" ".join(words)]]], documents) == [(0, 0, 1, 1.0)]


def test_a_short_answer_is_not_the_item() -> None:
    answer = "the strange case of doctor jekyll and mister hyde"
    assert find([[[ITEM, answer]]], [answer]) == []


def test_items_below_eight_words_cannot_be_told_from_language() -> None:
    assert find([[["the man turned on the faucet therefore"]]], ["the man turned on the faucet therefore"]) == []


def test_the_template_of_a_benchmark_does_not_count() -> None:
    template = "is the following statement about the world true or false write one letter as your answer please"
    items = [
        [f"{template} statement number {'abc' * number} says that snakes of kind {'xyz' * number} like rain"]
        for number in range(12)
    ]
    assert find([items], [template], template_items=10) == []
    assert find([items], [template], template_items=12)
    assert [row[:2] for row in find([items], [items[3][0].removeprefix(template)], template_items=10)] == [(0, 3)]


def test_a_passage_of_several_items_is_found_for_all_of_them() -> None:
    assert [row[1] for row in find([[[OTHER]], [[ITEM, "Who?"], [ITEM, "When?"]]], [ITEM])] == [1, 2]


def test_rows_of_numbers_say_nothing() -> None:
    numbers = " ".join(map(str, range(1, 31)))
    assert find([[[f"{ITEM} {numbers}"]]], [f"a table {numbers}"]) == []


def test_case_punctuation_and_line_breaks_make_no_difference() -> None:
    assert find([[[ITEM]]], [ITEM.upper().replace(" ", ",\n"), None, ""]) == [(0, 0, 9, 1.0)]


@pytest.mark.parametrize(
    "before", [0, BLOCK - 22, BLOCK - 14, BLOCK - 13, BLOCK - 12, BLOCK - 8, BLOCK - 1, BLOCK, 3 * BLOCK - 7]
)
def test_an_item_is_found_wherever_it_stands(before: int) -> None:
    for after in (0, 1, BLOCK):
        assert find([[[ITEM]]], ["filler " * before + ITEM + " filler" * after]) == [(0, 0, 9, 1.0)]


def test_chunks_of_a_column_are_numbered_through() -> None:
    finder = Finder(index_of([[[ITEM]]]), item_share=0.5)
    column = pa.chunked_array([pa.array(["x", ITEM]), pa.array([], pa.string()), pa.array(["y", "z", ITEM])[1:]])
    assert finder.find(column)["document"].to_pylist() == [1, 3]


def test_an_index_without_texts_finds_nothing() -> None:
    assert find([[["too short"]], []], [ITEM, ""]) == []
    assert find([], [ITEM]) == []


def test_an_index_comes_back_from_its_table_and_gives_the_same_bytes() -> None:
    benchmarks = [[[ITEM, OTHER], ["eight words that are the whole of it"]], [[OTHER]]]
    index = index_of(benchmarks)
    again = Index.from_table(index.to_table())
    assert to_parquet(again.to_table()).equals(to_parquet(index_of(benchmarks).to_table()))
    document = pa.array([f"{ITEM} {OTHER}", "Eight words, that are the whole of it."])
    assert Finder(again, item_share=0.5).find(document).equals(Finder(index, item_share=0.5).find(document))


def test_a_long_document_of_one_known_phrase_takes_no_longer_than_another() -> None:
    """Each n-gram counts once for a document: no time is spent on its copies, however often items have it."""
    phrase = "very good and very good and very good and "
    benchmarks = [[[phrase * 40 + f"item {'abc' * number}"] for number in range(40)]]
    rows = find(benchmarks, [phrase * 40_000])
    assert [row[1] for row in rows] == list(range(40))
