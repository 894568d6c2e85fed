"""Documents become the tokens that the library gives for each of them, whole, and each is ended."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.config.packing import Tokenizer
from curator.errors import ConfigError
from curator.models import text_encoder
from curator.models.byte_pairs import PART
from curator.models.document_tokenizer import END, DocumentTokenizer, given_tokenizer, train_tokenizer
from curator.preflight import check_tokenizer
from tests.models.small_tokenizers import split_as_newer, trained, unigram, word_pieces

library = pytest.importorskip("tokenizers")

LETTERS = "the ship left at dawn's [SEP]<|end|>\n\t\x00é中☕\u0301\u200f\ufeff"
DOCUMENTS = st.lists(st.one_of(st.none(), st.text(st.sampled_from(LETTERS), max_size=40)), max_size=6)
KINDS = {
    "trained": (trained, END),
    "split": (split_as_newer, END),
    "word pieces": (word_pieces, "[SEP]"),
    "unigram": (unigram, "</s>"),
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> tuple[bytes, str]:
    """A tokenizer.json, and its end token."""
    make, end_token = KINDS[request.param]
    return make(), end_token


@pytest.fixture(scope="module")
def own() -> bytes:
    return trained()


def bodies(content: bytes, texts: list[str]) -> list[list[int]]:
    """What the library gives for whole texts: without limits and added tokens, special names as text."""
    tokenizer = library.Tokenizer.from_buffer(content)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.integers(0, 2))
def test_every_document_has_the_tokens_of_the_library_and_its_end(
    kind: tuple[bytes, str], documents: list[str | None], start: int
) -> None:
    tokenizer = DocumentTokenizer(*kind)
    texts = pa.array(documents, pa.large_string()).slice(start)
    tokens, offsets = tokenizer.encode(texts)
    assert (tokens.dtype, offsets.dtype, offsets[0]) == (np.uint16, np.int64, 0)
    found = [tokens[begin:end].tolist() for begin, end in pairwise(offsets)]
    expected = bodies(kind[0], [text or "" for text in texts.to_pylist()])
    assert found == [[*body, tokenizer.end_id] for body in expected]
    assert np.count_nonzero(tokens == tokenizer.end_id) == len(texts)


def test_the_name_of_a_piece_that_ends_texts_is_text() -> None:
    made = unigram()
    tokenizer = DocumentTokenizer(made, "</s>")
    texts = ["the ship </s> left", "</s>", "</s></s> <pad>", "dawn <s>"]
    tokens, offsets = tokenizer.encode(pa.array(texts))
    assert np.flatnonzero(np.isin(tokens, [0, 1])).tolist() == (offsets[1:] - 1).tolist()
    bodies = [tokens[begin : end - 1].tolist() for begin, end in pairwise(offsets)]
    decoded = library.Tokenizer.from_buffer(made).decode_batch(bodies, skip_special_tokens=False)
    assert decoded == texts


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_a_trained_tokenizer_gives_back_every_text(own: bytes, text: str) -> None:
    tokenizer = DocumentTokenizer(own, END)
    tokens, _ = tokenizer.encode(pa.array([text]))
    decoded = library.Tokenizer.from_buffer(own).decode(tokens[:-1].tolist(), skip_special_tokens=False)
    assert (decoded, tokens[-1]) == (text, tokenizer.end_id)


@pytest.mark.parametrize("content", [trained, split_as_newer, word_pieces])
def test_long_documents_are_cut_at_words_which_changes_no_token(content: Any) -> None:
    made = content()
    text = "  ".join(["the ship left at dawn"] * (PART // 10))
    tokens, offsets = DocumentTokenizer(made, "[SEP]" if content is word_pieces else END).encode(
        pa.chunked_array([[text], ["a b"]])
    )
    assert len(text) > 2 * PART
    assert tokens[: offsets[1] - 1].tolist() == bodies(made, [text])[0]


def test_a_long_word_is_cut_and_nothing_is_lost(own: bytes) -> None:
    text = "é" * (2 * PART + 1)
    tokens, _ = DocumentTokenizer(own, END).encode(pa.array([text]))
    assert library.Tokenizer.from_buffer(own).decode(tokens[:-1].tolist()) == text


def test_pieces_and_calls_of_any_size_give_the_same(kind: tuple[bytes, str], monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pa.array(["the ship left", "", None, "at dawn  the\n\nship " * 5, "s"] * 7)
    tokenizer = DocumentTokenizer(*kind)
    tokens, offsets = tokenizer.encode(texts)
    monkeypatch.setattr(text_encoder, "PIECE", 50)
    monkeypatch.setattr(text_encoder, "BATCH", 25)
    again = tokenizer.encode(texts)
    assert (again[0].tolist(), again[1].tolist()) == (tokens.tolist(), offsets.tolist())


def test_no_documents_have_no_tokens(kind: tuple[bytes, str]) -> None:
    for texts in (pa.array([], pa.string()), pa.chunked_array([], pa.large_string())):
        tokens, offsets = DocumentTokenizer(*kind).encode(texts)
        assert (tokens.tolist(), offsets.tolist()) == ([], [0])


def test_more_than_65536_tokens_take_four_bytes(own: bytes) -> None:
    large = json.loads(own)
    large["model"]["vocab"]["far away"] = 1 << 16
    tokens, _ = DocumentTokenizer(json.dumps(large).encode(), END).encode(pa.array(["a"]))
    assert tokens.dtype == np.uint32


def test_a_tokenizer_that_draws_its_tokens_draws_none(own: bytes) -> None:
    drawing = json.loads(own)
    drawing["model"]["dropout"] = 0.5
    texts = pa.array(["the ship left the harbour"] * 20)
    tokens, _ = DocumentTokenizer(json.dumps(drawing).encode(), END).encode(texts)
    assert tokens.tolist() == DocumentTokenizer(own, END).encode(texts)[0].tolist()


def test_little_text_gives_a_small_vocabulary_whose_first_token_is_the_end() -> None:
    made = train_tokenizer(["abab"], vocabulary=1_000, sample_bytes=10, end_token="<stop>")
    tokenizer = DocumentTokenizer(made, "<stop>")
    assert (tokenizer.size, tokenizer.end_id) == (259, 0)


def test_no_more_than_the_sample_is_read() -> None:
    made = train_tokenizer(["abab", *["xyxy"] * 9], vocabulary=300, sample_bytes=4, end_token=END)
    assert "xy" not in library.Tokenizer.from_buffer(made).get_vocab()


def saved(folder: Path, content: bytes, files: dict[str, Any]) -> str:
    folder.mkdir()
    (folder / "tokenizer.json").write_bytes(content)
    for name, content_of in files.items():
        (folder / name).write_text(json.dumps(content_of))
    return str(folder)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"tokenizer_config.json": {"eos_token": "the"}}, "the"),
        ({"tokenizer_config.json": {"eos_token": {"content": "at"}}}, "at"),
        ({"tokenizer_config.json": {"eos_token": None}, "special_tokens_map.json": {"eos_token": "left"}}, "left"),
        ({"tokenizer_config.json": {"eos_token": "<not there>"}}, "[SEP]"),
        ({}, "[SEP]"),
    ],
)
def test_the_end_of_a_text_is_what_the_files_of_the_tokenizer_say(
    tmp_path: Path, files: dict[str, Any], expected: str
) -> None:
    folder = saved(tmp_path / "model", word_pieces(), files)
    for path in (folder, f"{folder}/tokenizer.json", f"file://{folder}/tokenizer.json"):
        assert given_tokenizer(path, None) == (word_pieces(), expected)
    assert given_tokenizer(folder, "dawn")[1] == "dawn"


def test_a_tokenizer_without_an_end_is_an_error_with_the_mend(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model", word_pieces().replace(b"[SEP]", b"[XYZ]"), {})
    with pytest.raises(ConfigError, match=r"does not say which token ends a text; name it as tokenizer\.end_token"):
        given_tokenizer(folder, None)
    with pytest.raises(ConfigError, match=r"tokenizer\.end_token: </end> is no token of .*model"):
        given_tokenizer(folder, "</end>")


@pytest.mark.parametrize("word", ["the", " ship", "12", "<|"])
def test_a_word_cannot_end_texts_of_a_trained_tokenizer(word: str) -> None:
    with pytest.raises(ConfigError, match="could be a word of a text"):
        check_tokenizer(Tokenizer(end_token=word))


def test_without_the_package_the_mend_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ConfigError, match=r"tokens need the package tokenizers: pip install 'curator\[models\]'"):
        check_tokenizer(Tokenizer())


def test_before_a_run_a_tokenizer_is_looked_for(tmp_path: Path) -> None:
    check_tokenizer(Tokenizer())
    check_tokenizer(Tokenizer(path=saved(tmp_path / "model", word_pieces(), {})))
    with pytest.raises(ConfigError, match=r"tokenizer\.path: .*nowhere\.json cannot be read"):
        check_tokenizer(Tokenizer(path=str(tmp_path / "nowhere.json")))
