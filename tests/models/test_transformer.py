from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.config.schema import Embedding
from curator.errors import ConfigError
from curator.models.embedder import load_embedder
from curator.models.transformer import TransformerEmbedder, length_batches

TEXTS = [
    "the ship left the harbour",
    "bread",
    "flour and salt and bread and salt and flour at dawn",
    "",
    "a word that is unknown",
    "the ship left the harbour at dawn with bread and flour and salt " * 4,
    "salted breads",
]


@pytest.fixture
def load(saved_model):
    def embedder(*, max_tokens=32, batch_tokens=64):
        return TransformerEmbedder(model=saved_model, max_tokens=max_tokens, batch_tokens=batch_tokens, on_gpu=False)

    return embedder


def by_hand(folder, text, max_tokens=32):
    """The mean of one text's own token vectors, without padding, scaled to length 1."""
    import torch
    import transformers

    tokens = transformers.AutoTokenizer.from_pretrained(folder)(
        text, truncation=True, max_length=max_tokens, return_tensors="pt"
    )
    with torch.no_grad():
        states = transformers.AutoModel.from_pretrained(folder).eval()(**tokens).last_hidden_state[0]
    assert len(states) == tokens["attention_mask"].sum()
    mean = states.numpy().astype(np.float64).mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_the_tokenizer_of_the_fixture_cuts_words_into_pieces(saved_model):
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(saved_model)
    assert tokenizer.tokenize("salted breads") == ["salt", "##ed", "bread", "##s"]


def test_rows_are_float32_of_unit_length(load):
    rows = load().encode(TEXTS)
    assert (rows.dtype, rows.shape) == (np.float32, (len(TEXTS), 16))
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_row_is_the_mean_of_its_texts_tokens_and_not_of_the_padding(load, saved_model):
    rows = load(batch_tokens=10_000).encode(TEXTS)  # one batch: all but the longest text are padded
    expected = np.stack([by_hand(saved_model, text) for text in TEXTS])
    assert np.allclose(rows, expected, atol=1e-5)


@pytest.mark.parametrize("batch_tokens", [1, 40, 100, 10_000])
def test_batching_changes_a_row_by_rounding_only_and_keeps_the_order(load, batch_tokens):
    one_by_one = np.concatenate([load(batch_tokens=1).encode([text]) for text in TEXTS])
    assert np.abs(one_by_one[:, None] - one_by_one).max(axis=2)[np.triu_indices(len(TEXTS), 1)].min() > 1e-3
    assert np.abs(load(batch_tokens=batch_tokens).encode(TEXTS) - one_by_one).max() < 1e-5


def test_the_same_texts_give_the_same_bytes(load):
    assert load().encode(TEXTS).tobytes() == load().encode(TEXTS).tobytes()


def test_an_empty_list_gives_no_rows(load):
    rows = load().encode([])
    assert (rows.dtype, rows.shape) == (np.float32, (0, 16))


def test_a_long_text_is_cut_at_max_tokens(load, saved_model):
    rows = load(max_tokens=8).encode([TEXTS[5]])
    assert np.allclose(rows[0], by_hand(saved_model, TEXTS[5], max_tokens=8), atol=1e-5)
    assert not np.allclose(rows[0], by_hand(saved_model, TEXTS[5], max_tokens=16), atol=1e-3)


def test_no_text_is_longer_than_the_model_can_read(load, saved_model):
    rows = load(max_tokens=1000).encode([TEXTS[5]])
    assert np.allclose(rows[0], by_hand(saved_model, TEXTS[5], max_tokens=40), atol=1e-5)


def test_a_gpu_that_is_asked_for_and_missing_is_an_error(saved_model):
    if pytest.importorskip("torch").cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigError, match="gpus_per_actor"):
        TransformerEmbedder(model=saved_model, max_tokens=32, batch_tokens=64, on_gpu=True)


def test_a_configuration_that_names_a_folder_loads_the_transformer_in_it(load, saved_model):
    configured = load_embedder(Embedding(model=saved_model, max_tokens=32, batch_tokens=64), b"")
    assert np.array_equal(configured.encode(TEXTS), load().encode(TEXTS))


@given(st.lists(st.integers(0, 60)), st.integers(1, 200))
def test_every_index_comes_once_in_batches_within_the_budget(lengths, budget):
    batches = [batch.tolist() for batch in length_batches(lengths, budget)]
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(st.lists(st.integers(1, 60)), st.integers(1, 200))
def test_batches_go_from_the_longest_texts_to_the_shortest(lengths, budget):
    order = [index for batch in length_batches(lengths, budget) for index in batch.tolist()]
    assert order == sorted(range(len(lengths)), key=lambda index: -lengths[index])
