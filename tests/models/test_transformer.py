from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator.config.embedding import Embedding
from curator.errors import ConfigError
from curator.models.embedder import load_embedder
from curator.models.sentence_files import SentenceModel
from curator.models.transformer import TransformerEncoder

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TEXTS = [
    "the ship left the harbour",
    "bread",
    "flour and salt and bread and salt and flour at dawn",
    "a word that is unknown",
    "the ship left the harbour at dawn with bread and flour and salt " * 4,
    "salted breads",
]


def encode(model: str, texts: list[str], **settings: Any) -> np.ndarray:
    return load_embedder(Embedding(model=model, **settings)).encode(pa.array(texts, pa.string()))


def by_hand(model: str, text: str, *, pooling: str = "mean", max_tokens: int = 40) -> np.ndarray:
    """One text's own token vectors, without padding, pooled and scaled to length 1."""
    tokens = transformers.AutoTokenizer.from_pretrained(model)(
        text, truncation=True, max_length=max_tokens, return_tensors="pt", return_token_type_ids=False
    )
    with torch.no_grad():
        states = transformers.AutoModel.from_pretrained(model).eval()(**tokens).last_hidden_state[0]
    rows = states.numpy().astype(np.float64)
    row = {"mean": rows.mean(axis=0), "cls": rows[0], "last": rows[-1]}[pooling]
    return np.asarray(row / np.linalg.norm(row))


def test_rows_are_float32_of_unit_length(saved_model: str) -> None:
    rows = encode(saved_model, TEXTS)
    assert (rows.dtype, rows.shape) == (np.float32, (len(TEXTS), 16))
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
@pytest.mark.parametrize("kind", ["saved_model", "saved_decoder"])
def test_a_row_is_made_of_its_texts_tokens_and_not_of_the_padding(
    kind: str, pooling: str, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(kind)
    rows = encode(model, TEXTS, pooling=pooling, batch_tokens=10_000)  # one batch: all but the longest text are padded
    assert np.allclose(rows, [by_hand(model, text, pooling=pooling) for text in TEXTS], atol=1e-5)


def test_the_three_poolings_differ(saved_model: str) -> None:
    mean, cls, last = (encode(saved_model, TEXTS[:1], pooling=pooling) for pooling in ("mean", "cls", "last"))
    assert min(np.abs(mean - cls).max(), np.abs(cls - last).max(), np.abs(mean - last).max()) > 1e-2


@pytest.mark.parametrize("batch_tokens", [1, 40, 100, None])
def test_batching_changes_a_row_by_rounding_only_and_keeps_the_order(
    saved_model: str, batch_tokens: int | None
) -> None:
    one_by_one = np.concatenate([encode(saved_model, [text]) for text in TEXTS])
    assert np.abs(one_by_one[:, None] - one_by_one).max(axis=2)[np.triu_indices(len(TEXTS), 1)].min() > 1e-3
    assert np.abs(encode(saved_model, TEXTS, batch_tokens=batch_tokens) - one_by_one).max() < 1e-5


def test_the_same_texts_give_the_same_bytes(saved_model: str) -> None:
    assert encode(saved_model, TEXTS).tobytes() == encode(saved_model, TEXTS).tobytes()


def test_a_text_of_nothing_but_white_space_has_a_row_of_zeros(saved_model: str) -> None:
    rows = encode(saved_model, ["", "bread", " \n "], prefix="the ")
    assert not rows[[0, 2]].any()
    assert np.allclose(rows[1], by_hand(saved_model, "the bread"), atol=1e-5)
    assert not encode(saved_model, ["", ""]).any()
    assert encode(saved_model, [""]).shape == (1, 16)


def test_no_texts_give_no_rows(saved_model: str) -> None:
    rows = encode(saved_model, [])
    assert (rows.dtype, rows.shape) == (np.float32, (0, 16))


def test_a_long_text_is_its_first_window(saved_model: str) -> None:
    rows = encode(saved_model, [TEXTS[4]], max_tokens=8)
    assert np.allclose(rows[0], by_hand(saved_model, TEXTS[4], max_tokens=8), atol=1e-5)
    assert not np.allclose(rows[0], by_hand(saved_model, TEXTS[4], max_tokens=16), atol=1e-3)


def test_a_long_text_is_the_mean_of_its_windows_weighted_by_their_tokens(saved_model: str) -> None:
    text = " ".join(["the ship left"] * 3 + ["bread"])  # 10 tokens: windows of 6, and of 4 with the special ones
    rows = encode(saved_model, ["salt", text, "flour"], max_tokens=8, windows="mean")
    model = transformers.AutoModel.from_pretrained(saved_model).eval()
    ids = transformers.AutoTokenizer.from_pretrained(saved_model)(text, add_special_tokens=False)["input_ids"]
    windows = [[2, *ids[:6], 3], [2, *ids[6:], 3]]
    with torch.no_grad():
        states = [model(input_ids=torch.tensor([window])).last_hidden_state[0] for window in windows]
    mean = torch.cat(states).mean(0).double().numpy()  # of mean pooling, the weighted mean is the mean of all tokens
    assert np.allclose(rows[1], mean / np.linalg.norm(mean), atol=1e-5)
    assert np.allclose(rows[[0, 2]], encode(saved_model, ["salt", "flour"]), atol=1e-5)


def test_a_prefix_goes_before_each_text(saved_model: str) -> None:
    assert np.allclose(encode(saved_model, ["ship"], prefix="bread ")[0], by_hand(saved_model, "bread ship"), atol=1e-5)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_another_dtype_changes_the_last_digits_only(saved_model: str, dtype: str) -> None:
    exact, rough = encode(saved_model, TEXTS), encode(saved_model, TEXTS, dtype=dtype)
    assert rough.dtype == np.float32
    assert (exact * rough).sum(axis=1).min() > 0.99
    assert not np.array_equal(exact, rough)


def test_a_gpu_that_is_asked_for_and_missing_is_an_error(saved_model: str) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigError, match="gpus_per_actor"):
        TransformerEncoder(SentenceModel(name=saved_model), on_gpu=True)


def test_a_model_with_encoder_and_decoder_is_refused(tmp_path: object) -> None:
    config = transformers.T5Config(vocab_size=8, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    config.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="an encoder and a decoder"):
        TransformerEncoder(SentenceModel(name=str(tmp_path)))
