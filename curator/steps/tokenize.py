"""Step `tokenize`: the tokens of every curated document, by a tokenizer that is given or trained on a sample of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.packing import Tokenizer
from curator.models.document_tokenizer import END, DocumentTokenizer, given_tokenizer, train_tokenizer
from curator.models.tokenizer_files import TOKENIZER_CONFIG
from curator.steps.gather import Sample, gather_sample
from curator.steps.graph import over_shards
from curator.steps.samples import mixed
from curator.steps.step import Job
from curator.steps.survivors import shards_with_documents, total
from curator.steps.synthetic_tables import written, written_by_people
from curator.store.files import Folder
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder

VERSION = 1
TOKENIZER = "tokenizer.json"
SAMPLE_CHARACTERS = 10_000  # of a document at most, so that the sample has many
SEED = 1


def settings_of(tokenizer: Tokenizer) -> dict[str, Any]:
    """What decides the tokens: of a given tokenizer its content, wherever it lies, and what ends a text; else how it is trained.

    Raises ConfigError where a tokenizer is given and cannot be used.
    """
    if tokenizer.path is None:
        return tokenizer.model_dump(exclude={"path"})
    content, end_token = given_tokenizer(tokenizer.path, tokenizer.end_token)
    return {"tokenizer": hashlib.sha256(content).hexdigest(), "end_token": end_token}


def run(job: Job, *, tokenizer: Tokenizer) -> None:
    """Write `tokenizer.json`, and for every curated shard that has documents two tables in order of doc_id:

    tokens: doc_id uint64, input_ids list<uint16>, uint32 where there are more than 65,536 different tokens
    lengths: doc_id uint64, tokens int64

    Every document ends with the end token, which tokenizer_config.json names, as transformers reads it.
    """
    curate = written(job.inputs)
    shards = shards_with_documents(curate)
    if "tokenizer" not in job.commits and tokenizer.path is not None:
        commit = write_tokenizer(job.folder, *given_tokenizer(tokenizer.path, tokenizer.end_token))
        job.folder.commit(commit)
        job.add(commit, len(shards) + 1)
    elif "tokenizer" not in job.commits and shards:
        _train(job, tokenizer, curate, shards)
    over_shards(job, shards, partial(tokenize_shard, folder=job.folder, curate=curate))


def write_tokenizer(folder: StepFolder, content: bytes, end_token: str) -> Commit:
    """Write a tokenizer.json and the name of its end token: together a folder that transformers can load."""
    loaded = DocumentTokenizer(content, end_token)
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": end_token}
    folder.write_bytes(TOKENIZER, content)
    folder.write_bytes(TOKENIZER_CONFIG, json.dumps(settings, sort_keys=True).encode())
    return Commit(name="tokenizer", shards=(), counts={"vocabulary": loaded.size, "end_id": loaded.end_id})


def load_document_tokenizer(folder: StepFolder) -> DocumentTokenizer:
    """The tokenizer that this step has written."""
    return DocumentTokenizer(folder.read_bytes(TOKENIZER), json.loads(folder.read_bytes(TOKENIZER_CONFIG))["eos_token"])


def _train(job: Job, tokenizer: Tokenizer, curate: StepFolder, shards: Sequence[int]) -> None:
    documents = curate.total("documents_out")
    row_bytes = max(1, min(curate.total("bytes_out") // documents, SAMPLE_CHARACTERS))
    sample = Sample(wanted=-(-tokenizer.sample_bytes // row_bytes), of=documents, seed=SEED)
    emit = partial(sample_texts, curate=curate, sample=sample)
    conclude = partial(conclude_training, folder=job.folder, tokenizer=tokenizer)
    gather_sample(job, sample, emit, shards, conclude, row_bytes=row_bytes)


def sample_texts(shard: int, *, curate: StepFolder, sample: Sample) -> pa.Table:
    """Beginnings of the sampled documents of a shard: key (doc_id) and text."""
    return sample.beginnings(curate.read("curated", shard, ["doc_id", "text"]), SAMPLE_CHARACTERS)


def conclude_training(rows: pa.Table, *, folder: StepFolder, tokenizer: Tokenizer) -> Commit:
    """Train the tokenizer on a sample in the order of a hash, so that what does not fit is left out evenly, and write it."""
    texts = rows["text"].take(pa.array(np.argsort(mixed(rows["key"].to_numpy(), SEED))))
    wanted, end_token = tokenizer.vocabulary, tokenizer.end_token or END
    content = train_tokenizer(
        (text.as_py() or "" for text in texts),
        vocabulary=wanted,
        sample_bytes=tokenizer.sample_bytes,
        end_token=end_token,
    )
    commit = write_tokenizer(folder, content, end_token)
    trained = commit.counts["vocabulary"]
    short = f"the texts give a vocabulary of {trained:,} tokens only, not {wanted:,}" if trained < wanted else ""
    return replace(commit, notes=tuple(filter(None, [short])))


def tokenize_shard(shard: int, *, folder: StepFolder, curate: StepFolder) -> Commit:
    """Write the tables `tokens` and `lengths` of a shard."""
    rows = curate.read("curated", shard, ["doc_id", "text"])
    tokens, offsets = _tokenizer(folder.folder.uri).encode(rows["text"])
    lists = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), pa.array(tokens))
    folder.write("tokens", shard, pa.table({"doc_id": rows["doc_id"], "input_ids": lists}), level=1)
    folder.write("lengths", shard, pa.table({"doc_id": rows["doc_id"], "tokens": np.diff(offsets)}))
    size = total(pc.binary_length(rows["text"]))
    documents = written_by_people(rows["doc_id"])
    counts = {"documents_in": documents, "documents_out": documents, "bytes_in": size, "bytes_out": size}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts | {"tokens": int(offsets[-1])})


@lru_cache(maxsize=1)
def _tokenizer(uri: str) -> DocumentTokenizer:
    """Loaded once in a process. A step's folder is named after what decides its tokenizer."""
    return load_document_tokenizer(StepFolder(Folder(uri)))
