"""A tiny sentence-embedding model that the tests make themselves."""

from __future__ import annotations

import pytest

WORDS = "the ship left harbour at dawn with bread flour and salt ##ed ##s".split()


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory):
    """A folder with a BERT of two small layers, random weights from a fixed seed, and its tokenizer."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("model")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    tokenizer = transformers.BertTokenizer(
        vocab={token: number for number, token in enumerate(vocabulary)}, model_max_length=40
    )
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
        initializer_range=0.5,
    )
    transformers.BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
