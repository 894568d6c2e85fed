"""The generator of the duplicate benchmark: what it plants is there, and only where it says so."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from dedup.base_texts import BaseTexts, cut, distinct_pieces
from dedup.corpus import KINDS, RATES, Corpus, edited, write_corpus
from dedup.oracle import jaccard_of, shingle_sets, similar_pairs

WORDS = ["".join(letters) for letters in product("abcdefghijklmno", repeat=3)]


def texts(count: int, seed: int = 5) -> list[str]:
    """Documents of 100 to 400 words in lines of 10."""
    choice = random.Random(seed)
    return [
        "\n".join(" ".join(choice.choices(WORDS, k=10)) for _ in range(choice.randrange(10, 40))) for _ in range(count)
    ]


def corpus(folder: Path, documents: int = 240, seed: int = 1) -> Corpus:
    return write_corpus(folder, BaseTexts(texts(200), seed), documents=documents, seed=seed)


def text_by_id(made: Corpus) -> dict[str, str]:
    rows = [row for file in made.files for row in pq.read_table(file).to_pylist()]
    return {row["id"]: row["text"] for row in rows}


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(tmp_path: Path) -> None:
    def content(name: str, seed: int) -> list[bytes]:
        made = corpus(tmp_path / name, seed=seed)
        return [file.read_bytes() for file in [*made.files, made.folder / "planted.parquet"]]

    assert content("one", 1) == content("two", 1)
    assert content("three", 2) != content("one", 1)


def test_a_fifth_of_the_documents_are_copies_of_every_kind_and_rate(tmp_path: Path) -> None:
    made = corpus(tmp_path)
    planted = made.planted().to_pylist()
    assert len(made.ids()) == len(set(made.ids())) == 240
    assert len(planted) == 48
    assert {(row["kind"], row["rate"]) for row in planted} == {(kind, rate) for kind in KINDS for rate in RATES}
    assert not {row["id"] for row in planted} & {row["group"] for row in planted}


def test_copies_are_as_similar_to_their_base_as_their_rate_says(tmp_path: Path) -> None:
    made = corpus(tmp_path)
    text = text_by_id(made)
    for row in made.planted().to_pylist():
        sets = shingle_sets([text[row["id"]], text[row["group"]]])
        jaccard = float(jaccard_of(sets, np.array([0]), np.array([1]))[0])
        words = len(text[row["id"]].split())
        if row["kind"] == "block":  # the shingles that touch the block are gone: up to four beside it
            shingles, block = words - 4, max(1, round(row["rate"] * words))
            fewest, most = shingles - block - 4, shingles - block + 1
            assert fewest / (2 * shingles - fewest) <= jaccard <= most / (2 * shingles - most)
        else:
            unbroken = (1 - row["rate"]) ** 5
            assert abs(jaccard - unbroken / (2 - unbroken)) < 0.25


def test_no_pair_that_was_not_planted_is_similar_even_when_the_base_text_runs_out(tmp_path: Path) -> None:
    made = corpus(tmp_path, documents=500)
    text = text_by_id(made)
    group = {row["id"]: row["group"] for row in made.planted().to_pylist()}
    ids = sorted(text)
    pairs = similar_pairs(shingle_sets([text[name] for name in ids]), 0.5)
    for left, right in zip(pairs.left, pairs.right, strict=True):
        one, other = ids[left], ids[right]
        assert group.get(one, one) == group.get(other, other)
    assert len(pairs.left)


def test_a_recombined_document_takes_each_piece_from_another_document() -> None:
    base = BaseTexts(texts(50), seed=3)
    source = {piece: document for document, piece in distinct_pieces(base.real)}
    pieces = base.text(50 + 7).split("\n\n")
    assert base.text(50 + 7) == BaseTexts(texts(50), seed=3).text(50 + 7) != base.text(50 + 8)
    assert len({source[piece] for piece in pieces}) == len(pieces) >= 6


def test_an_edit_leaves_the_white_space_and_the_number_of_words() -> None:
    text = " a  b\n\nc\td " * 50
    for kind in KINDS:
        new = edited(text, kind, 0.3, ["x"], "p q r", np.random.default_rng(1))
        assert new != text
        assert [len(run) for run in new.split("a")[:1]] == [1]
        assert len(new.split()) == 200
        assert "".join(character for character in new if character.isspace()) == "".join(
            character for character in text if character.isspace()
        )


def test_long_documents_are_cut_at_line_ends_and_nothing_is_lost() -> None:
    text = "\n".join(["x" * 1_000] * 60)
    parts = list(cut(text))
    assert "\n".join(parts) == text
    assert len(parts) > 1
    assert max(map(len, parts)) <= 25_000
