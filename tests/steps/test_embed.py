"""The step `embed`, stage by stage: what the actors are given, what they give, and what is written of it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.embedding import Embedding
from curator.models import tfidf
from curator.models.embedder import load_embedder
from curator.steps import embed
from curator.steps.embed import MODEL, EmbeddingActor, read_shard, settings_of, write_shard
from curator.steps.survivors import Upstream, drops_table
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_name, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import to_matrix
from curator.text.own_statistics import load_function

SHARD = shard_number(3, 1)
TEXTS = [
    "the tide and the gull over the reef", "the tide took the gull to the reef", "", "flour and yeast and dough",
    "yeast makes the dough of flour rise", "naïve café ☕ flour",
]  # fmt: skip
OWN = """
import numpy as np

class Calls:
    def encode(self, texts):
        return np.array([[len(texts), len(text)] for text in texts.to_pylist()])
"""


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    """A shard of the texts, of which the fifth was dropped."""
    ingest, near = StepFolder(Folder(str(tmp_path / "ingest"))), StepFolder(Folder(str(tmp_path / "near")))
    ids = document_ids(SHARD, len(TEXTS))
    ingest.write("documents", SHARD, pa.table({"doc_id": ids, "text": pa.array(TEXTS, pa.large_string())}))
    near.write("drops", SHARD, drops_table(ids[4:5], "near_duplicate", [0.9], ids[3:4]))
    return Upstream(ingest=ingest, droppers=(near,))


@pytest.fixture
def folder(tmp_path: Path) -> StepFolder:
    kept = StepFolder(Folder(str(tmp_path / "embed")))
    model = tfidf.fit(pa.array(TEXTS), dimensions=4, seed=1)
    kept.write_bytes(MODEL, model.to_bytes())
    return kept


def embedded(upstream: Upstream, folder: StepFolder, embedding: Embedding) -> Commit:
    """One shard through the three stages of the graph."""
    given = read_shard(pa.table({"shard": [SHARD]}), upstream=upstream, embedding=embedding)
    vectors = EmbeddingActor(folder, embedding)(given)
    (commit,) = write_shard(vectors, folder=folder)["commit"].to_pylist()
    return Commit.from_json(commit)


def test_each_survivor_has_one_vector_in_order_of_its_id(upstream: Upstream, folder: StepFolder) -> None:
    embedding = Embedding(dimensions=4)
    commit = embedded(upstream, folder, embedding)
    rows = folder.read("embeddings", SHARD)
    kept = [text for place, text in enumerate(TEXTS) if place != 4]
    assert rows.schema.field("embedding").type == pa.list_(pa.float16(), 4)
    assert rows["doc_id"].to_pylist() == np.delete(document_ids(SHARD, len(TEXTS)), 4).tolist()
    expected = load_embedder(embedding, folder.read_bytes(MODEL)).encode(pa.array(kept))
    assert np.allclose(to_matrix(rows["embedding"]), expected, atol=1e-3)
    assert not to_matrix(rows["embedding"])[2].any()
    size = sum(len(text.encode()) for text in kept)
    assert commit.counts == {"documents_in": 5, "documents_out": 5, "bytes_in": size, "bytes_out": size}
    assert (commit.name, commit.shards) == (shard_name(SHARD), (SHARD,))
    assert folder.committed() == {shard_name(SHARD): commit}


def test_of_a_long_document_the_first_characters_are_embedded(upstream: Upstream) -> None:
    rows = read_shard(pa.table({"shard": [SHARD]}), upstream=upstream, embedding=Embedding(max_characters=10))
    assert rows["text"].to_pylist() == [text[:10] for place, text in enumerate(TEXTS) if place != 4]
    assert rows["bytes"].to_pylist() == [10, 10, 0, 10, 12]


@pytest.mark.parametrize("at_once", [1, 2, 5, 100])
def test_a_shard_is_embedded_in_parts_that_nobody_sees(
    upstream: Upstream, folder: StepFolder, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded(upstream, folder, Embedding(dimensions=4))
    whole = to_matrix(folder.read("embeddings", SHARD)["embedding"])
    monkeypatch.setattr(embed, "ROWS_AT_ONCE", at_once)
    embedded(upstream, folder, Embedding(dimensions=4))
    assert np.allclose(to_matrix(folder.read("embeddings", SHARD)["embedding"]), whole, atol=1e-3)


def test_a_class_of_ones_own_is_given_the_texts(
    upstream: Upstream, folder: StepFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_for_embed.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    embedded(upstream, folder, Embedding.model_validate({"own": {"class": "own_for_embed:Calls", "dimensions": 2}}))
    rows = np.array([[5, len(text)] for place, text in enumerate(TEXTS) if place != 4])
    expected = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.allclose(to_matrix(folder.read("embeddings", SHARD)["embedding"]), expected, atol=1e-3)
    sys.modules.pop("own_for_embed")
    load_function.cache_clear()


def test_a_transformer_is_given_tokens_and_no_text(upstream: Upstream, folder: StepFolder, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("torch")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "tide", "gull", "flour", "dough"]
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    transformers.BertTokenizer(vocab={word: i for i, word in enumerate(words)}).save_pretrained(tmp_path / "model")
    model = transformers.BertModel(transformers.BertConfig(vocab_size=len(words), **sizes))
    model.save_pretrained(tmp_path / "model")
    embedding = Embedding(model=str(tmp_path / "model"))
    given = read_shard(pa.table({"shard": [SHARD]}), upstream=upstream, embedding=embedding)
    assert given.column_names == ["doc_id", "bytes", "windows"]
    assert given["windows"].to_pylist()[2:4] == [[], [[2, 8, 1, 1, 1, 9, 3]]]
    embedded(upstream, folder, embedding)
    kept = [text for place, text in enumerate(TEXTS) if place != 4]
    expected = load_embedder(embedding).encode(pa.array(kept))
    rows = to_matrix(folder.read("embeddings", SHARD)["embedding"])
    assert np.allclose(rows, expected, atol=1e-3)
    assert not rows[2].any()
    assert np.linalg.norm(rows[3]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ({}, {"actors": 7}, True),
        ({}, {"max_tokens": 9}, True),
        ({}, {"gpus_per_actor": 1.0}, True),
        ({}, {"dimensions": 64}, False),
        ({}, {"max_characters": 64}, False),
        ({"model": "m"}, {"model": "m", "actors": 7}, True),
        ({"model": "m"}, {"model": "m", "dimensions": 64}, True),
        ({"model": "m"}, {"model": "m", "seed": 2}, True),
        ({"model": "m"}, {"model": "m", "windows": "mean"}, False),
        ({"model": "m"}, {"model": "m", "gpus_per_actor": 0.5}, False),
        ({"model": "m"}, {"model": "n"}, False),
        ({"model": "m", "gpus_per_actor": 1.0}, {"model": "m", "gpus_per_actor": 0.5}, True),
    ],
)
def test_only_what_decides_the_vectors_names_the_folder(
    left: dict[str, object], right: dict[str, object], alike: bool
) -> None:
    assert (settings_of(Embedding.model_validate(left)) == settings_of(Embedding.model_validate(right))) is alike
