from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator.errors import ConfigError
from curator.models.regressor import (
    TransformerRegressor,
    described_regressor,
    load_regressor_tokenizer,
    regressor_output,
)
from tests.models.conftest import Saved

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("offline")

POSITIONS = 40
TEXTS = [
    "the ship left the harbour",
    "bread",
    "flour and salt and bread and salt and flour at dawn",
    "a word that is unknown",
    "the ship left the harbour at dawn with bread and flour and salt " * 4,
    "salted breads",
]
LABELS = {0: "poor", 1: "fair", 2: "good"}


def score(path: str, texts: list[str | None], label: str | int | None = None, **settings: Any) -> np.ndarray:
    model = described_regressor(path, settings.pop("max_tokens", None))
    windows = load_regressor_tokenizer(model).windows(pa.array(texts, pa.string()))
    scores = TransformerRegressor(model, label, **settings).score(windows)
    assert (scores.dtype, scores.shape) == (np.float32, (len(texts),))
    return scores


def logits(path: str, text: str, max_tokens: int = POSITIONS) -> np.ndarray:
    """What transformers itself gives for one text alone."""
    tokens = transformers.AutoTokenizer.from_pretrained(path)(
        text, truncation=True, max_length=max_tokens, return_tensors="pt", return_token_type_ids=False
    )
    with torch.no_grad():
        found = transformers.AutoModelForSequenceClassification.from_pretrained(path).eval()(**tokens).logits[0]
    return np.asarray(found.numpy())


def probabilities(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(values) / np.exp(values).sum())


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "DebertaV2"])
def test_a_regressor_gives_its_output(with_head: Saved, kind: str) -> None:
    path = with_head(kind, num_labels=1, pad_token_id=0, max_position_embeddings=POSITIONS + 1)  # RoBERTa skips one
    scores = score(path, TEXTS)
    assert np.allclose(scores, [logits(path, text)[0] for text in TEXTS], atol=1e-5)
    assert np.ptp(scores) > 0.1


@pytest.mark.parametrize(("label", "number"), [("poor", 0), ("good", 2), (2, 2), ("1", 1)])
def test_a_classifier_gives_the_probability_of_a_label(with_head: Saved, label: str | int, number: int) -> None:
    path = with_head(id2label=LABELS, label2id={name: place for place, name in LABELS.items()})
    expected = [probabilities(logits(path, text))[number] for text in TEXTS]
    assert np.allclose(score(path, TEXTS, label), expected, atol=1e-5)
    assert np.ptp(expected) > 0.1


@pytest.mark.parametrize("padding", [0, None])
def test_a_decoder_scores_its_last_token_with_and_without_a_padding_token(
    with_head: Saved, padding: int | None
) -> None:
    path = with_head("Qwen2", num_key_value_heads=2, num_labels=1, pad_token_id=padding)
    assert np.allclose(score(path, TEXTS), [logits(path, text)[0] for text in TEXTS], atol=1e-5)


@pytest.mark.parametrize("batch_tokens", [1, 40, 100, 10_000])
def test_batching_changes_a_score_by_rounding_only_and_keeps_the_order(with_head: Saved, batch_tokens: int) -> None:
    path = with_head(num_labels=1)
    one_by_one = np.concatenate([score(path, [text]) for text in TEXTS])
    assert np.allclose(score(path, TEXTS, batch_tokens=batch_tokens), one_by_one, atol=1e-5)


def test_the_same_texts_give_the_same_bytes(with_head: Saved) -> None:
    path = with_head(num_labels=1)
    assert score(path, TEXTS).tobytes() == score(path, TEXTS).tobytes()


def test_a_text_is_read_as_far_as_max_tokens(with_head: Saved) -> None:
    path = with_head(num_labels=1)
    assert score(path, [TEXTS[4]], max_tokens=8)[0] == pytest.approx(logits(path, TEXTS[4], 8)[0], abs=1e-5)
    assert logits(path, TEXTS[4], 8)[0] != pytest.approx(logits(path, TEXTS[4])[0], abs=1e-3)
    assert described_regressor(path).max_tokens == 512


def test_a_text_without_words_is_neutral(with_head: Saved) -> None:
    path = with_head(num_labels=1)
    assert score(path, ["", "bread", None, " \n "])[[0, 2, 3]].tolist() == [0, 0, 0]
    assert np.allclose(score(path, ["", "bread", None])[1], logits(path, "bread"), atol=1e-5)
    assert score(path, [None, ""]).tolist() == [0, 0]


def test_a_text_without_words_has_any_label_of_a_classifier(with_head: Saved) -> None:
    assert score(with_head(id2label=LABELS), ["", None], "good").tolist() == [pytest.approx(1 / 3)] * 2


def test_no_texts_have_no_scores(with_head: Saved) -> None:
    assert score(with_head(num_labels=1), []).shape == (0,)


def test_a_slice_of_windows_is_scored_alone(with_head: Saved) -> None:
    model = described_regressor(with_head(num_labels=1))
    windows = load_regressor_tokenizer(model).windows(pa.array(["", *TEXTS]))
    regressor = TransformerRegressor(model)
    assert np.allclose(regressor.score(windows.slice(3, 2)), regressor.score(windows)[3:5], atol=1e-5)


def test_another_dtype_changes_the_last_digits_only(with_head: Saved) -> None:
    path = with_head(num_labels=1)
    exact, rough = score(path, TEXTS), score(path, TEXTS, dtype="bfloat16")
    assert np.abs(exact - rough).max() < 0.1
    assert not np.array_equal(exact, rough)


def test_scores_that_are_not_finite_are_an_error(with_head: Saved) -> None:
    path = with_head(num_labels=1)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(path)
    with torch.no_grad():
        model.classifier.bias.fill_(float("inf"))
    model.save_pretrained(path)
    with pytest.raises(ConfigError, match="no finite numbers"):
        score(path, ["bread"])


@pytest.mark.parametrize("label", ["best", 3, "3", -1])
def test_a_label_that_the_model_lacks_is_answered_with_those_it_has(with_head: Saved, label: str | int) -> None:
    model = described_regressor(with_head(id2label=LABELS))
    with pytest.raises(ConfigError, match=rf"has no label {label}; choose one of poor, fair, good$"):
        TransformerRegressor(model, label)


def test_a_classifier_needs_a_label_and_a_regressor_none(with_head: Saved) -> None:
    with pytest.raises(ConfigError, match="has several outputs; choose one of poor, fair, good"):
        regressor_output(described_regressor(with_head(id2label=LABELS)))


def test_a_label_goes_by_its_name_before_its_number(with_head: Saved) -> None:
    model = described_regressor(with_head(id2label={0: "1", 1: "0"}))
    assert [regressor_output(model, label) for label in ("1", "0", 1, 0)] == [0, 1, 1, 0]


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    model = described_regressor(f"{tmp_path}/nowhere")
    for load in (load_regressor_tokenizer, regressor_output, TransformerRegressor):
        with pytest.raises(ConfigError, match=r"the model .*nowhere cannot be loaded: [^\n]+$"):
            load(model)


def test_a_model_without_a_head_is_refused(saved_model: str) -> None:
    with pytest.raises(ConfigError, match=r"has no trained classifier.bias, classifier.weight"):
        TransformerRegressor(described_regressor(saved_model), 0)


def test_a_model_with_encoder_and_decoder_is_refused(tmp_path: Path) -> None:
    config = transformers.T5Config(vocab_size=8, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    config.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="an encoder and a decoder"):
        regressor_output(described_regressor(str(tmp_path)))


def test_a_gpu_that_is_asked_for_and_missing_is_an_error(saved_model: str) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigError, match="finds none on the worker"):
        TransformerRegressor(described_regressor(saved_model), 0, on_gpu=True)
