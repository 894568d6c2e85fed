"""What the training runs read: tokens of every corpus, less what the held-out sets hold too, and the held-out texts themselves.

data-<digest>/tokenizer.json
data-<digest>/heldout.npz       tokens, offsets and byte counts of each set
data-<digest>/corpora/<name>.npz    tokens, offsets and copies of its documents, in a shuffled order
data-<digest>/overlap.json      written last: what was removed of each corpus
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.evaluation import Evaluation
from curator.evaluation.corpora import copied, read_corpus
from curator.evaluation.heldout import read_heldout
from curator.evaluation.overlap import heldout_finder, without_overlap
from curator.evaluation.results import COPIED
from curator.evaluation.tokenizer import TextTokenizer, load_tokenizer, train_tokenizer
from curator.readers.texts import texts_digest
from curator.store.files import Folder
from curator.text.buffers import one_array

VERSION = 1
SEED = 0  # of the order and the sample of documents, the same for all runs; every run shuffles them anew
BYTES_PER_TOKEN = 6  # read of a corpus for each token to train on: no tokenizer makes longer ones of prose
OVERLAP = "overlap.json"
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Tokens of documents, one after another; document i is tokens[offsets[i]:offsets[i + 1]] and is there copies[i] times."""

    tokens: npt.NDArray[Any]
    offsets: Numbers
    copies: Numbers


@dataclass(frozen=True, kw_only=True)
class HeldOutSet:
    """The tokens of each document of a set, and the UTF-8 bytes of its text."""

    documents: list[npt.NDArray[Any]]
    byte_counts: list[int]


def data_digest(config: Evaluation) -> str:
    """A hash of what decides the tokens: the settings, and the state of all files."""
    paths = [*(corpus.path for corpus in config.corpora.values()), *(held.path for held in config.heldout.values())]
    files = [texts_digest(path) for path in paths]
    settings = config.model_dump(include={"corpora", "heldout", "tokenizer", "heldout_bytes", "overlap_words"})
    decides = [VERSION, settings, files, config.training.tokens]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]


def prepare(config: Evaluation, folder: Folder) -> None:
    """Write the folder of the data, unless it is whole. One process; memory is about four times the text of a corpus."""
    if folder.get(OVERLAP) is not None:
        return
    heldout = read_heldout(config.heldout, seed=SEED, most_bytes=config.heldout_bytes)
    finder = heldout_finder(heldout, words=config.overlap_words)
    corpora, removed = {}, {}
    for name, corpus in config.corpora.items():
        documents = read_corpus(corpus, name=name, seed=SEED, most_bytes=BYTES_PER_TOKEN * config.training.tokens)
        corpora[name], overlap = without_overlap(documents, finder)
        removed[name] = asdict(overlap)
    content = _tokenizer(config, [one_array(documents["text"]) for documents in corpora.values()])
    folder.put("tokenizer.json", content)
    tokenizer = TextTokenizer(content)
    folder.put("heldout.npz", _packed(_heldout_arrays(heldout, tokenizer)))
    for name, documents in corpora.items():
        tokens, offsets = tokenizer.encode(documents["text"])
        arrays = {"tokens": tokens, "offsets": offsets, "copies": documents["copies"].to_numpy()}
        folder.put(f"corpora/{name}.npz", _packed(arrays))
    folder.put(OVERLAP, json.dumps(removed, indent=1).encode())


def _tokenizer(config: Evaluation, texts: list[pa.Array]) -> bytes:
    if config.tokenizer.path is not None:
        return load_tokenizer(config.tokenizer.path)
    return train_tokenizer(texts, vocabulary=config.tokenizer.vocabulary, sample_bytes=config.tokenizer.sample_bytes)


def _heldout_arrays(heldout: dict[str, pa.Array], tokenizer: TextTokenizer) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, texts in heldout.items():
        arrays[f"{name}.tokens"], arrays[f"{name}.offsets"] = tokenizer.encode(texts)
        arrays[f"{name}.bytes"] = pc.binary_length(texts).to_numpy().astype(np.int64)
    return arrays


def vocabulary_size(folder: Folder) -> int:
    """How many different tokens there may be."""
    return int(TextTokenizer(_content(folder, "tokenizer.json")).size)


def read_documents(folder: Folder, corpus: str, *, baseline: str, tokens: int) -> Documents:
    """A corpus to train `tokens` tokens on; the controls are made of the baseline."""
    name = corpus if f"{corpus}.npz" in (folder / "corpora").names() else baseline
    documents = Documents(**_arrays(folder, f"corpora/{name}.npz"))
    return _half_copied(documents, tokens) if corpus == COPIED else documents


def _half_copied(documents: Documents, tokens: int) -> Documents:
    """Half of the documents that so many tokens read, as copies of the other half: more would hide that text is missing."""
    read = 1 + int(np.searchsorted(np.cumsum(np.diff(documents.offsets) * documents.copies), tokens))
    count = min(read, len(documents.copies))
    rows = pa.table({"row": np.arange(count), "copies": documents.copies[:count]})
    left = copied(rows, seed=SEED)
    lengths = np.diff(documents.offsets)[left["row"].to_numpy()]
    starts = documents.offsets[left["row"].to_numpy()]
    parts = [documents.tokens[start : start + length] for start, length in zip(starts, lengths, strict=True)]
    return Documents(
        tokens=np.concatenate(parts),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        copies=left["copies"].to_numpy(),
    )


def read_sets(folder: Folder, names: list[str]) -> dict[str, HeldOutSet]:
    """The held-out sets by name."""
    arrays = _arrays(folder, "heldout.npz")
    return {
        name: HeldOutSet(
            documents=np.split(arrays[f"{name}.tokens"], arrays[f"{name}.offsets"][1:-1]),
            byte_counts=arrays[f"{name}.bytes"].tolist(),
        )
        for name in names
    }


def _packed(arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    sink = io.BytesIO()
    np.savez(sink, **arrays)  # type: ignore[arg-type]
    return sink.getvalue()


def _arrays(folder: Folder, name: str) -> dict[str, npt.NDArray[Any]]:
    with np.load(io.BytesIO(_content(folder, name)), allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def _content(folder: Folder, name: str) -> bytes:
    content = folder.get(name)
    assert content is not None, f"{folder.uri}/{name} was written before {OVERLAP}"
    return content
