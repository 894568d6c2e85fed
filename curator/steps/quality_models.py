"""Fitting the models of quality: a sample of the corpus meets in one task, which finds or reads the good texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.quality import Quality
from curator.errors import InputError
from curator.models.quality_classifier import FEWEST
from curator.models.quality_scorers import CLASSIFIER, fit_models
from curator.readers.texts import read_texts
from curator.steps.exchange import Exchange
from curator.steps.gather import gather, unchanged
from curator.steps.samples import sampled
from curator.steps.step import Job
from curator.steps.survivors import Upstream, without
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import DROPS, to_parquet
from curator.text.buffers import one_array
from curator.text.language import identify
from curator.text.shapes import question_and_answer_shaped, reference_shaped

TRAINING, VALIDATION = "training.parquet", "validation.json"
LEAST_AUC = 0.6
"""Of the classifier on held-out texts: below it, the good texts can hardly be told from others, and the run says so."""


def fit(job: Job, quality: Quality, upstream: Upstream, shards: Sequence[int]) -> None:
    """Write the fitted models, `training.parquet` and `validation.json`, and commit them."""
    documents = upstream.last.total("documents_out")
    emit = partial(sample_texts, upstream=upstream, quality=quality, documents=documents)
    wanted = min(quality.sample_documents, documents)
    exchange = Exchange(
        emit=emit, reduce=unchanged, row_bytes=max(1, -(-wanted * quality.sample_characters // documents))
    )
    gather(job, exchange, shards, partial(conclude, folder=job.folder, quality=quality), documents)


def sample_texts(shard: int, *, upstream: Upstream, quality: Quality, documents: int) -> pa.Table:
    """Beginnings of a uniform sample of the documents that nothing speaks against: key (doc_id), text, language."""
    rows = without(upstream.documents(shard, ("doc_id", "text")), suspended(upstream, shard)["doc_id"].to_numpy())
    chosen = sampled(rows["doc_id"].to_numpy(), wanted=quality.sample_documents, of=documents, seed=quality.seed)
    rows = rows.filter(pa.array(chosen))
    statistics = upstream.statistics(shard, ("doc_id", "language"))
    language = statistics["language"].take(pc.index_in(rows["doc_id"], statistics["doc_id"]))
    text = pc.utf8_slice_codeunits(rows["text"], 0, quality.sample_characters)
    return pa.table({"key": rows["doc_id"], "text": text, "language": language})


def suspended(upstream: Upstream, shard: int) -> pa.Table:
    """What failed the heuristics of a shard and waits for its quality (schema DROPS)."""
    return upstream.droppers[0].sparse("suspended", shard, DROPS)


def conclude(rows: pa.Table, *, folder: StepFolder, quality: Quality) -> Commit:
    """Fit and write the models."""
    rows = rows.sort_by("key").combine_chunks()
    good, others, training = _good_and_others(rows, quality)
    files, validation = fit_models(quality.models, good, others, seed=quality.seed)
    for name, content in files.items():
        folder.write_bytes(f"{name}.npz", content)
    folder.write_bytes(TRAINING, to_parquet(training).to_pybytes())
    folder.write_bytes(VALIDATION, json.dumps(validation, indent=1, sort_keys=True).encode())
    counts = {"good": good.num_rows, "others": others.num_rows}
    return Commit(name="models", shards=(), counts=counts, notes=tuple(_doubts(validation)))


def _good_and_others(rows: pa.Table, quality: Quality) -> tuple[pa.Table, pa.Table, pa.Table]:
    """The good texts (given, or found in the sample), random ones, and which documents were taken as what."""
    if quality.positives is not None:
        given = read_texts(
            quality.positives.path,
            quality.positives.text_field,
            documents=quality.sample_documents,
            characters=quality.sample_characters,
            seed=quality.seed,
        )
        good = pa.table({"text": given, "language": identify(given)["language"]})
        return good, rows, pa.table({"doc_id": rows["key"], "good": pa.array(np.zeros(rows.num_rows, bool))})
    text = one_array(rows["text"])
    found = np.asarray(question_and_answer_shaped(text)) | np.asarray(reference_shaped(text))
    training = pa.table({"doc_id": rows["key"], "good": pa.array(found)})
    if found.sum() < FEWEST:
        raise InputError(
            f"of {rows.num_rows:,} documents only {found.sum():,} look like questions with answers or like a reference work, and "
            f"{FEWEST} are the fewest to learn from; name files of good texts as quality.positives"
        )
    return rows.filter(pa.array(found)), rows.filter(pa.array(~found)), training


def _doubts(validation: dict[str, Any]) -> Iterator[str]:
    auc = validation.get(CLASSIFIER, {}).get("auc", 1.0)
    if auc < LEAST_AUC:
        yield (
            f"the classifier tells good texts from others with an AUC of {auc:.2f} only; "
            "give more or other texts as quality.positives, or leave it out of quality.models"
        )
