from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

import fasttext
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import InputError
from curator.text.fasttext_model import BUCKETS, read_model, word_hash
from curator.text.language import identify, language_model, model_file

WEIGHTS = language_model().weights
BYTES = model_file().read_bytes()


def words() -> list[str]:
    flat, ends = WEIGHTS.words.tobytes(), WEIGHTS.word_ends
    return [flat[start:end].decode(errors="replace") for start, end in pairwise(ends)]


def test_the_model_has_176_labels_and_its_matrices_fit_together() -> None:
    labels = language_model().labels
    assert (len(labels), len(set(labels)), labels[0]) == (176, 176, "en")
    assert {"de", "zh", "ceb", "tyv"} <= set(labels)
    assert WEIGHTS.rows.dtype == WEIGHTS.nodes.dtype == np.float32
    assert WEIGHTS.rows.shape == (50_000, 16)
    assert np.isfinite(WEIGHTS.rows).all()
    assert np.bitwise_count(WEIGHTS.kept).sum() == len(WEIGHTS.rows)


def test_every_feature_has_the_row_that_its_rank_says() -> None:
    features = np.flatnonzero(np.unpackbits(WEIGHTS.kept.view(np.uint8), bitorder="little"))
    below = np.array([int(WEIGHTS.kept[f // 64]) & ((1 << int(f) % 64) - 1) for f in features], np.uint64)
    assert (WEIGHTS.ranks[features // 64] + np.bitwise_count(below) == np.arange(len(features))).all()
    assert (features[-len(words()) :] == BUCKETS + np.arange(len(words()))).all()


def test_every_label_is_one_leaf_of_the_tree() -> None:
    labels, leaves, open_nodes = len(WEIGHTS.children) + 1, [], [2 * len(WEIGHTS.children)]
    while open_nodes:
        node = open_nodes.pop()
        if node < labels:
            leaves.append(node)
        else:
            open_nodes += WEIGHTS.children[node - labels].tolist()
    assert sorted(leaves) == list(range(labels))


def test_every_word_of_the_dictionary_alone_is_what_the_library_finds() -> None:
    library = fasttext.load_model(str(model_file())).f
    known = [word for word in words() if word.isalpha() and not word.isupper()]  # a shouted one is read in lower case
    table = identify(pa.array([f"{word} a" for word in known]))
    for word, probability in zip(known, table["language_probability"].to_pylist(), strict=True):
        expected = min(1.0, library.predict(f"{word} a\n", 1, 0.0, "strict")[0][0])
        assert probability == pytest.approx(expected, abs=1e-5)


@given(st.binary(max_size=40))
def test_the_hash_takes_bytes_as_signed_numbers(word: bytes) -> None:
    value = 2_166_136_261
    for byte in word:
        signed = byte - 256 if byte > 127 else byte
        value = (value ^ (signed % 2**32)) * 16_777_619 % 2**32
    assert word_hash(word) == value


def test_the_hash_of_ascii_is_plain_fnv1a() -> None:
    assert (word_hash(b""), word_hash(b"a"), word_hash(b"foobar")) == (0x811C9DC5, 0xE40C292C, 0xBF9CF968)


def changed(folder: Path, place: int, layout: str, *values: int) -> Path:
    """The model with other values at one place."""
    new = struct.pack(f"<{layout}", *values)
    path = folder / "model.ftz"
    path.write_bytes(BYTES[:place] + new + BYTES[place + len(new) :])
    return path


@pytest.mark.parametrize(
    ("place", "layout", "value", "why"),
    [
        (0, "i", 1, "does not begin"),
        (4, "i", 11, "does not begin"),
        (8, "i", 100, "dimensions is 100 instead of 16"),
        (28, "i", 2, "word_ngrams is 2"),
        (32, "i", 3, "loss is 3"),
        (36, "i", 1, "task is 1"),
        (40, "i", 1_000, "buckets is 1000"),
        (48, "i", 5, "longest is 5"),
        (68, "i", 7_000, "dictionary"),
        (84, "q", -1, "dictionary"),
    ],
)
def test_another_kind_of_model_is_refused(tmp_path: Path, place: int, layout: str, value: int, why: str) -> None:
    path = changed(tmp_path, place, layout, value)
    with pytest.raises(InputError, match=why) as error:
        read_model(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("size", [0, 7, 30, 91, 92, 5_000, 200_000, 600_000, 900_000, len(BYTES) - 1])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "model.ftz"
    path.write_bytes(BYTES[:size])
    with pytest.raises(InputError, match="ends too early"):
        read_model(path)


def test_buckets_that_share_a_row_are_refused(tmp_path: Path) -> None:
    pruned = BYTES.index(struct.pack("<ii", 212_036, 42_763))
    with pytest.raises(InputError, match="buckets"):
        read_model(changed(tmp_path, pruned + 4, "i", 42_762))
    with pytest.raises(InputError, match="buckets"):
        read_model(changed(tmp_path, pruned, "i", BUCKETS))
