"""Texts tokenised by their chunks have the tokens that the library gives for the whole."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.models import chunks
from curator.models.document_tokenizer import END, DocumentTokenizer, train_tokenizer
from tests.evaluation.texts_of_letters import texts

library = pytest.importorskip("tokenizers")

SPACES = " \n\t\r\x0b\x1c\x7f\x85\xa0\u1680\u2003\u2028\u3000\u200b\ufeff"
DOCUMENTS = st.text(st.sampled_from(SPACES + "  \n" + "aab's\u0301.1éЖ中ह👩"), max_size=25)


@pytest.fixture(scope="module")
def content() -> bytes:
    spaced = pa.array(["  a\n\n b\n c\t\t d's  's é é Ж 中 中\n" * 50, "a \n\n\n a  1 11 ." * 50])
    sample = [*texts(1).to_pylist()[:20], *spaced.to_pylist()]
    return train_tokenizer(sample, vocabulary=420, sample_bytes=40_000, end_token=END)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.none(), DOCUMENTS), max_size=8), st.integers(0, 3))
def test_chunks_have_the_tokens_of_whole_texts(content: bytes, documents: list[str | None], start: int) -> None:
    whole = library.Tokenizer.from_buffer(content)
    sliced = pa.array(documents, pa.large_string()).slice(start)
    tokens, offsets = DocumentTokenizer(content, END).encode(sliced)
    expected = [[*whole.encode(text or "").ids, 0] for text in sliced.to_pylist()]
    assert tokens.tolist() == [token for document in expected for token in document]
    assert np.diff(offsets).tolist() == [len(document) for document in expected]


def test_many_chunks_are_joined_to_texts_of_bounded_length(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = DocumentTokenizer(content, END).encode(texts(2, 20))
    for size in (1, 7, 40):
        monkeypatch.setattr(chunks, "JOINED", size)
        tokens, offsets = DocumentTokenizer(content, END).encode(texts(2, 20))
        assert np.array_equal(tokens, whole[0])
        assert np.array_equal(offsets, whole[1])
