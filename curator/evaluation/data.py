"""What the training runs read: tokens of every corpus, less what the held-out sets hold too, and the held-out texts themselves.

data/tokenizer-<digest>.json
data/heldout-<digest>.npz       tokens, offsets and byte counts of each set
data/<corpus>-<digest>.npz      tokens, offsets and copies of its documents, in a shuffled order or as they stand
data/<corpus>-<digest>.json     written after it: what was removed of it

A corpus that is added, or changed, leaves the files of the others and their training runs as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.evaluation import Evaluation, Vocabulary
from curator.evaluation.corpora import read_corpus
from curator.evaluation.heldout import read_heldout
from curator.evaluation.overlap import Overlap, heldout_finder, without_overlap
from curator.evaluation.tokenizer import TextTokenizer, load_tokenizer, train_tokenizer
from curator.readers.texts import texts_digest
from curator.store.arrays import to_npz
from curator.store.files import Folder
from curator.text.buffers import one_array

VERSION = 1
SEED = 0  # of the order and the sample of documents, the same for all runs; every run shuffles them anew
BYTES_PER_TOKEN = 6  # read of a corpus for each token to train on: no tokenizer makes longer ones of prose
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Data:
    """The files of an evaluation by name. Travels to workers."""

    folder: Folder
    tokenizer: str
    heldout: str
    corpora: Mapping[str, str]

    @staticmethod
    def of(config: Evaluation, folder: Folder) -> Data:
        """Named after what decides them: settings, and the state of the files that are read."""
        heldout = {name: texts_digest(held.path) for name, held in config.heldout.items()}
        common = [
            VERSION,
            config.model_dump(include={"heldout_bytes", "overlap_words"}),
            heldout,
            config.training.tokens,
        ]
        states = {name: [corpus.model_dump(), texts_digest(corpus.path)] for name, corpus in config.corpora.items()}
        trained_on = [] if config.tokenizer.path else [states[config.baseline]]
        shared = _digest([common, config.tokenizer.model_dump(), trained_on])
        return Data(
            folder=folder,
            tokenizer=f"tokenizer-{shared}.json",
            heldout=f"heldout-{shared}.npz",
            corpora={name: f"{name}-{_digest([shared, state])}" for name, state in states.items()},
        )

    def content(self, name: str) -> bytes:
        """A file that was written before."""
        content = self.folder.get(name)
        assert content is not None, f"{self.folder.uri}/{name} is written before it is read"
        return content

    def missing(self) -> list[str]:
        """The corpora that are not prepared."""
        return [name for name in self.corpora if self.removed(name) is None]

    def removed(self, corpus: str) -> dict[str, Any] | None:
        """What was removed of a corpus because held-out sets have it too; None where it is not prepared."""
        content = self.folder.get(f"{self.corpora[corpus]}.json")
        return None if content is None else json.loads(content)


def _digest(decides: Any) -> str:
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]


def prepare_tokenizer(config: Evaluation, data: Data) -> None:
    """Write the tokenizer and, by it, the held-out sets.

    Where it is trained here, on the baseline whatever else is compared, that corpus is prepared too, and so read once; a kill
    in between leaves it to `prepare_corpus`.
    """
    if data.folder.get(data.heldout) is not None:
        return
    heldout = _heldout(config)
    if config.tokenizer.path is not None:
        _write_tokenizer(data, load_tokenizer(config.tokenizer.path), heldout)
        return
    documents, overlap = _cleaned(config, config.baseline, heldout)
    _write_tokenizer(data, _trained_on(documents, config.tokenizer), heldout)
    _write_corpus(data, config.baseline, documents, overlap)


def prepare_corpus(config: Evaluation, data: Data, corpus: str) -> None:
    """Write the tokens of a corpus, and what was removed of it. Memory is about four times its text."""
    _write_corpus(data, corpus, *_cleaned(config, corpus, _heldout(config)))


def _trained_on(documents: pa.Table, wanted: Vocabulary) -> bytes:
    texts = one_array(documents["text"])
    return train_tokenizer([texts], vocabulary=wanted.vocabulary, sample_bytes=wanted.sample_bytes)


def _write_tokenizer(data: Data, content: bytes, heldout: Mapping[str, pa.Array]) -> None:
    """The held-out sets come last: where they are, the tokenizer is."""
    data.folder.put(data.tokenizer, content)
    data.folder.put(data.heldout, to_npz(**_heldout_arrays(heldout, TextTokenizer(content))))


def _write_corpus(data: Data, corpus: str, documents: pa.Table, overlap: Overlap) -> None:
    """What was removed comes last: where it is, the tokens are."""
    tokens, offsets = TextTokenizer(data.content(data.tokenizer)).encode(documents["text"])
    content = to_npz(tokens=tokens, offsets=offsets, copies=documents["copies"].to_numpy())
    data.folder.put(f"{data.corpora[corpus]}.npz", content)
    data.folder.put(f"{data.corpora[corpus]}.json", json.dumps(asdict(overlap)).encode())


def _heldout(config: Evaluation) -> dict[str, pa.Array]:
    return read_heldout(config.heldout, seed=SEED, most_bytes=config.heldout_bytes)


def _cleaned(config: Evaluation, corpus: str, heldout: Mapping[str, pa.Array]) -> tuple[pa.Table, Overlap]:
    """The documents of a corpus that share nothing with the held-out texts."""
    most_bytes = BYTES_PER_TOKEN * config.training.tokens
    documents = read_corpus(config.corpora[corpus], name=corpus, seed=SEED, most_bytes=most_bytes)
    return without_overlap(documents, heldout_finder(heldout, words=config.overlap_words))


def _heldout_arrays(heldout: Mapping[str, pa.Array], tokenizer: TextTokenizer) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, texts in heldout.items():
        arrays[f"{name}.tokens"], arrays[f"{name}.offsets"] = tokenizer.encode(texts)
        arrays[f"{name}.bytes"] = pc.binary_length(texts).to_numpy().astype(np.int64)
    return arrays
