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
from curator.steps.gather import Sample, gather_sample
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
    documents, characters = upstream.last.total("documents_out"), quality.sample_characters
    sample = Sample(wanted=quality.sample_documents, of=documents, seed=quality.seed)
    emit = partial(sample_texts, upstream=upstream, sample=sample, characters=characters)
    write = partial(conclude, folder=job.folder, quality=quality)
    gather_sample(job, sample, emit, shards, write, row_bytes=characters)


def sample_texts(shard: int, *, upstream: Upstream, sample: Sample, characters: int) -> pa.Table:
    """Beginnings of the sampled documents that nothing speaks against: key (doc_id), text, language."""
    rows = without(upstream.documents(shard, ("doc_id", "text")), suspended(upstream, shard)["doc_id"].to_numpy())
    rows = sample.beginnings(rows, characters)
    statistics = upstream.statistics(shard, ("doc_id", "language"))
    language = statistics["language"].take(pc.index_in(rows["key"], statistics["doc_id"]))
    return rows.append_column("language", language)


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
