"""Models of four dimensions, written byte by byte: the library that predicts cannot train."""

from __future__ import annotations

import re
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import ConfigError
from curator.models import fasttext_scores
from curator.models.fasttext_scores import FasttextScores, fasttext_labels
from curator.text.fasttext_model import word_hash
from curator.text.language import model_file

END, WORDS, LABELS = "</s>", ["the", "ship", "löss", "bread", "salt"], ["__label__hq", "__label__cc", "web"]
DIMENSIONS, BUCKETS, ADDED = 4, 50, 1e-5  # what fastText adds to a probability before its logarithm
CLASSIFIER, WORD_VECTORS, SOFTMAX, NOT_PRUNED = 3, 1, 3, -1
INPUT, OUTPUT = (
    np.random.default_rng(seed).standard_normal((rows, DIMENSIONS), dtype=np.float32)
    for seed, rows in ((1, 1 + len(WORDS) + BUCKETS), (2, len(LABELS)))
)


def model_bytes(kind: int = CLASSIFIER, end: str = END) -> bytes:
    """Arguments, dictionary, both matrices, as fastText 0.9 writes them: softmax, words and pairs of words."""
    arguments = (DIMENSIONS, 5, 5, 1, 5, 2, SOFTMAX, kind, BUCKETS, 0, 0, 100)
    words = [end, *WORDS]
    entries = [(word, 0) for word in words] + [(label, 1) for label in LABELS]
    parts = [
        struct.pack("<2i12id", 793_712_314, 12, *arguments, 1e-4),
        struct.pack("<3i2q", len(entries), len(words), len(LABELS), 100, NOT_PRUNED),
        *(name.encode() + b"\0" + struct.pack("<qb", 10, kind) for name, kind in entries),
        *(struct.pack("<?2q", False, *matrix.shape) + matrix.tobytes() for matrix in (INPUT, OUTPUT)),
    ]
    return b"".join(parts)


def by_hand(line: str) -> np.ndarray:
    """The probabilities of the labels: softmax of the mean of the vectors of a line's known words and hashed pairs."""
    words = [*re.split("[ \t\r\v\f\0\n]+", line.strip(" \t\r\v\f\0\n")), END]
    words = [word for word in words if word]
    known = [END, *WORDS]
    features = [known.index(word) for word in words if word in known]
    hashes = [hash - (hash >> 31 << 32) for hash in (word_hash(word.encode()) for word in words)]  # as signed numbers
    pairs = [(first * 116_049_371 + second) % 2**64 % BUCKETS for first, second in pairwise(hashes)]
    hidden = INPUT[features + [len(known) + pair for pair in pairs]].astype(np.float64).mean(axis=0)
    powers = np.exp(OUTPUT @ hidden)
    return np.asarray(powers / powers.sum())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("fasttext") / "model.bin"
    path.write_bytes(model_bytes())
    return str(path)


def score(model: str, *texts: str | None, label: str = "hq") -> list[float]:
    scores = FasttextScores(model, label).score(pa.array(texts, pa.string()))
    assert scores.dtype == np.float32
    return list(scores.tolist())


@settings(deadline=None)  # the first loads the library
@given(st.lists(st.sampled_from([*WORDS, "unknown", "zebra\r", "\n", "\t", "\0", "é"]), max_size=12).map(" ".join))
def test_a_score_is_the_probability_that_the_words_and_pairs_give(model: str, text: str) -> None:
    for number, label in enumerate(LABELS):
        assert score(model, text, label=label) == pytest.approx([by_hand(text)[number] + ADDED], abs=1e-6)


def test_a_label_is_known_with_and_without_its_prefix(model: str) -> None:
    assert score(model, "the ship", label="cc") == score(model, "the ship", label="__label__cc")
    assert score(model, "the ship", label="cc") != score(model, "the ship", label="hq")
    assert fasttext_labels(model) == tuple(LABELS)


def test_the_scores_of_all_labels_make_one_even_where_one_is_next_to_nothing(tmp_path: Path) -> None:
    weights = OUTPUT.tobytes()
    (tmp_path / "sure.bin").write_bytes(model_bytes().replace(weights, (OUTPUT * 100).tobytes()))
    scores = [score(str(tmp_path / "sure.bin"), "the ship", label=label)[0] for label in LABELS]
    assert min(scores) == pytest.approx(ADDED)
    assert sum(scores) == pytest.approx(1 + 3 * ADDED)


def test_line_breaks_are_spaces(model: str) -> None:
    assert len(set(score(model, "the ship bread", "the\nship\n\nbread\n", "\r\nthe\r\nship bread"))) == 1
    assert score(model, "the ship bread") != score(model, "the ship")


def test_null_and_a_text_without_words_score_as_the_end_of_a_line(model: str) -> None:
    assert set(score(model, None, "", " ", "\n\n \t", "\n" * 100_000)) == set(score(model, END))
    assert score(model, None) == pytest.approx([by_hand("")[0] + ADDED], abs=1e-6)


def test_a_model_without_an_end_of_line_takes_all_labels_as_likely_for_a_text_without_words(tmp_path: Path) -> None:
    (tmp_path / "endless.bin").write_bytes(model_bytes(end="another"))
    assert score(str(tmp_path / "endless.bin"), "", label="web") == pytest.approx([1 / 3])


def test_a_text_scores_the_same_whatever_stands_beside_it(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["the ship " * (number % 5) + "salt" * (number % 2) for number in range(50)]
    alone = [score(model, text)[0] for text in texts]
    monkeypatch.setattr(fasttext_scores, "TEXTS_AT_ONCE", 7)
    assert score(model, *texts) == alone
    large = FasttextScores(model, "hq").score(pa.array(["", *texts], pa.large_string()).slice(1))
    assert large.tolist() == alone


def test_no_texts_have_no_scores(model: str) -> None:
    assert score(model) == []


def test_a_text_is_read_as_far_as_a_million_characters(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fasttext_scores, "LONGEST", 10)
    assert score(model, "löss ship bread salt", "the") == score(model, "löss ship ", "the")


@pytest.mark.parametrize("text", ["a" * 20_000_000, "the " * 5_000_000, "\u200b\u202e" * 2_000_000])
def test_a_text_of_many_megabytes_has_a_score(model: str, text: str) -> None:
    assert 0 < score(model, text)[0] < 1


def test_the_compressed_model_of_languages_can_be_used() -> None:
    german, english = score(str(model_file()), "Das Schiff fährt morgen aus", "The ship leaves at dawn", label="de")
    assert german > 0.9 > 0.1 > english


def test_a_label_that_the_model_lacks_is_answered_with_those_it_has(model: str) -> None:
    with pytest.raises(ConfigError, match=r"model.bin has no label good; choose one of hq, cc, web$"):
        FasttextScores(model, "good")


@pytest.mark.parametrize("path", ["nowhere.bin", "."])
def test_a_path_where_no_file_is_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match=f"{re.escape(str(tmp_path / path))} is not there"):
        FasttextScores(str(tmp_path / path), "hq")


@pytest.mark.parametrize("content", [b"", b"a", b"no model at all " * 20])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "text.bin").write_bytes(content)
    with pytest.raises(ConfigError, match=r"text.bin is not a fastText classifier"):
        FasttextScores(str(tmp_path / "text.bin"), "hq")


def test_word_vectors_are_refused(tmp_path: Path) -> None:
    (tmp_path / "vectors.bin").write_bytes(model_bytes(WORD_VECTORS))
    with pytest.raises(ConfigError, match="word vectors only"):
        FasttextScores(str(tmp_path / "vectors.bin"), "hq")


def test_a_model_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole, path = model_bytes(), tmp_path / "part.bin"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(ConfigError, match="ends too early"):
            FasttextScores(str(path), "hq")


@pytest.mark.parametrize("size", [90, 5_000, 300_000])
def test_a_compressed_model_that_is_cut_off_early_is_refused(tmp_path: Path, size: int) -> None:
    (tmp_path / "part.ftz").write_bytes(model_file().read_bytes()[:size])
    with pytest.raises(ConfigError, match="ends too early"):
        FasttextScores(str(tmp_path / "part.ftz"), "de")
