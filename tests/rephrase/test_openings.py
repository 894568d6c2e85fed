"""What too many texts of a strategy begin with is found, and told how much of it may stay."""

from __future__ import annotations

import pyarrow as pa

from curator.rephrase.openings import opening_keys, too_frequent


def openings(rows: list[tuple[int, str, int]]) -> pa.Table:
    key, strategy, documents = zip(*rows, strict=True) if rows else ((), (), ())
    columns = [pa.array(key, pa.uint64()), pa.array(strategy, pa.string()), pa.array(documents, pa.int64())]
    return pa.table(columns, names=["key", "strategy", "documents"])


def test_texts_of_one_opening_and_strategy_have_one_key() -> None:
    texts = ["In this text we see a cat", "in THIS  text we see\na dog", "In this text they see", None, ""]
    keys = opening_keys(["easy"] * 5, texts).tolist()
    assert keys[0] == keys[1]
    assert keys[3] == keys[4]
    assert len(set(keys)) == 3
    assert opening_keys(["faq"], texts[:1])[0] != keys[0]


def test_only_what_is_above_both_limits_is_too_frequent() -> None:
    rows = [(1, "easy", 30), (2, "easy", 10), (3, "easy", 60), (4, "faq", 3), (5, "faq", 1)]
    found = too_frequent(openings(rows), share=0.2, least=5).to_pylist()
    assert [(row["key"], row["documents"]) for row in found] == [(1, 30), (3, 60)]
    assert [row["kept"] for row in found] == [20 / 30, 20 / 60]


def test_of_few_documents_the_least_number_may_be_alike() -> None:
    found = too_frequent(openings([(1, "easy", 8)]), share=0.02, least=5).to_pylist()
    assert [row["kept"] for row in found] == [5 / 8]


def test_nothing_has_no_openings() -> None:
    assert too_frequent(openings([]), share=0.1, least=1).num_rows == 0
