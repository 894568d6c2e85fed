"""What repeats held-out text goes, and nothing else, against sets of word tuples in plain Python."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.evaluation.overlap import COMMON_TEXTS, Overlap, heldout_finder, without_overlap

WORDS = [f"word{number:02d}x" for number in range(90)]


def clean(
    heldout: dict[str, list[str]], documents: list[str | None], words: int = 13
) -> tuple[list[str | None], Overlap]:
    finder = heldout_finder({name: pa.array(texts, pa.string()) for name, texts in heldout.items()}, words=words)
    table = pa.table({"text": pa.array(documents, pa.large_string()), "copies": [1] * len(documents)})
    kept, overlap = without_overlap(table, finder)
    assert kept.schema == table.schema
    return kept["text"].to_pylist(), overlap


def runs(text: str, size: int) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[place : place + size]) for place in range(len(words) - size + 1)}


def text_of(random: Random, words: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(words))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(8, 20))
def test_documents_that_share_a_run_go_and_no_others(seed: int, size: int) -> None:
    random = Random(seed)
    heldout = {name: [text_of(random, 40) for _ in range(3)] for name in ("prose", "code")}
    documents: list[str | None] = []
    for _ in range(20):
        source, start = random.choice(random.choice(list(heldout.values()))).split(), random.randrange(25)
        planted = " ".join(source[start : start + random.randrange(size + 3)])
        documents.append(f"{text_of(random, random.randrange(30))} {planted} {text_of(random, random.randrange(30))}")
    kept, overlap = clean(heldout, documents, size)
    known = {name: set().union(*(runs(text, size) for text in texts)) for name, texts in heldout.items()}
    hits = {name: [bool(runs(text or "", size) & grams) for text in documents] for name, grams in known.items()}
    is_hit = [any(pair) for pair in zip(*hits.values(), strict=True)]
    assert kept == [text for text, hit in zip(documents, is_hit, strict=True) if not hit]
    assert overlap.by_set == {name: sum(flags) for name, flags in hits.items()}
    assert overlap.removed_documents == sum(is_hit)
    assert overlap.removed_bytes == sum(len(text or "") for text, hit in zip(documents, is_hit, strict=True) if hit)
    assert (overlap.documents, overlap.bytes) == (20, sum(len(text or "") for text in documents))


def test_case_punctuation_and_lines_hide_no_overlap() -> None:
    sentence = "The old harbour master counted every single boat that came home before the storm broke"
    disguised = "x " + sentence.upper().replace(" ", ",\n") + " y"
    kept, overlap = clean({"prose": [sentence]}, [disguised, "another text"])
    assert kept == ["another text"]
    assert overlap.by_set == {"prose": 1}


@pytest.mark.parametrize(("words", "removed"), [(7, 0), (8, 1), (12, 1)])
def test_a_short_held_out_text_counts_as_a_whole_from_eight_words_on(words: int, removed: int) -> None:
    short = " ".join(WORDS[:words])
    _, overlap = clean({"answers": [short]}, [f"before {short} behind", " ".join(WORDS[: words - 1]) + " other"])
    assert overlap.removed_documents == removed


def test_what_many_held_out_texts_have_in_common_is_no_overlap_but_their_own_words_are() -> None:
    random, licence = Random(1), " ".join(f"licence{number}" for number in range(40))
    own = [text_of(random, 30) for _ in range(COMMON_TEXTS + 1)]
    heldout = {"code": [f"{licence} {text}" for text in own]}
    other = f"{licence} {text_of(random, 30)}"
    kept, overlap = clean(heldout, [other, own[3], heldout["code"][5]])
    assert kept == [other]
    assert overlap.removed_documents == 2
    fewer, _ = clean({"code": heldout["code"][:COMMON_TEXTS]}, [other])
    assert fewer == []


def test_null_and_empty_documents_stay() -> None:
    kept, overlap = clean({"prose": [" ".join(WORDS)]}, [None, "", "a"])
    assert kept == [None, "", "a"]
    assert overlap.bytes == 1


def test_held_out_texts_that_are_all_short_remove_nothing() -> None:
    kept, overlap = clean({"prose": ["three short words", ""]}, ["three short words"])
    assert kept == ["three short words"]
    assert overlap.by_set == {"prose": 0}


def test_a_table_without_rows_stays_one() -> None:
    kept, overlap = clean({"prose": [" ".join(WORDS)]}, [])
    assert (kept, overlap.documents, overlap.bytes) == ([], 0, 0)
