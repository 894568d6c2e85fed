"""Step `scores`: models of quality are fitted on a sample, then every survivor is scored by each. Nothing is dropped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa

from curator.config.quality import Quality, Regressor
from curator.models.quality_scorers import REGRESSOR, Scorers
from curator.models.regressor import TransformerRegressor, described_regressor, load_regressor_tokenizer
from curator.models.tokens import Tokenizer
from curator.readers.texts import texts_digest
from curator.steps.actors import through_actors
from curator.steps.graph import collect, commit_now, over_shards
from curator.steps.quality_models import fit
from curator.steps.step import Job
from curator.steps.survivors import Upstream, shards_with_documents, total
from curator.store.files import Folder
from curator.store.ids import shard_name, shard_of
from curator.store.step_folder import Commit, StepFolder
from curator.text.buffers import first_characters, one_array

VERSION = 1
CHARACTERS_PER_TOKEN = 16  # so many are read for each token that a regressor takes; English has 4 to 5


def settings_of(quality: Quality) -> dict[str, Any]:
    """What decides the scores: the models, how they are fitted, and the state of the files that they come from."""
    decides = quality.model_dump(
        include={"models", "fasttext", "regressor", "sample_documents", "sample_characters", "seed"},
        exclude={"regressor": {"actors"}},
    )
    if quality.positives is not None:
        decides["positives"] = [texts_digest(quality.positives.path), quality.positives.text_field]
    if quality.fasttext is not None:
        state = os.stat(quality.fasttext.path)
        decides["fasttext_file"] = [state.st_size, state.st_mtime_ns]
    return decides


def run(job: Job, *, quality: Quality) -> None:
    """Write the fitted models, `training.parquet`, `validation.json`, and the table `scores` for every shard with survivors.

    scores: doc_id, and a float32 column for each model; higher is better.
    training: doc_id of each document of the sample, and whether it was taken as good: none where `quality.positives` are given.
    """
    upstream = Upstream.of(job.inputs)
    shards = shards_with_documents(upstream.last)
    if quality.models and shards and "models" not in job.commits:
        fit(job, quality, upstream, shards)
    read = partial(score_shard, folder=job.folder, upstream=upstream, quality=quality)
    undone = [shard for shard in shards if shard_name(shard) not in job.commits]
    if quality.regressor is None:
        over_shards(job, shards, partial(score_and_write, read=read, folder=job.folder))
    elif undone:
        graph = through_actors(
            undone,
            partial(read_for_actors, read=read),
            RegressorActor,
            (quality.regressor,),
            partial(write_shard, folder=job.folder),
            actors=quality.regressor.actors,
            gpus=quality.regressor.gpus_per_actor,
            prepares=True,
        )
        collect(job, graph, expected=len(shards) + 1)


def score_shard(shard: int, *, folder: StepFolder, upstream: Upstream, quality: Quality) -> pa.Table:
    """doc_id, bytes and the scores of the survivors of a shard; of the regressor not its score, but its tokens in `windows`."""
    rows = upstream.documents(shard, ("doc_id", "text"))
    statistics = upstream.statistics(shard, ("language", "bytes"))
    scorers = _scorers(folder.folder.uri, quality.model_dump_json())
    text = one_array(rows["text"])
    columns = scorers.scores(text, one_array(statistics["language"]))
    if quality.regressor is not None:
        columns["windows"] = _windows(text, quality.regressor)
    return pa.table({"doc_id": rows["doc_id"], "bytes": statistics["bytes"], **columns})


def score_and_write(shard: int, *, read: Callable[[int], pa.Table], folder: StepFolder) -> Commit:
    return written(read(shard), folder)


def read_for_actors(batch: pa.Table, *, read: Callable[[int], pa.Table]) -> pa.Table:
    """What the actors are given of a shard, in one piece."""
    (shard,) = batch["shard"].to_pylist()
    return read(shard).combine_chunks()


class RegressorActor:
    """Holds one loaded model and replaces the tokens of a shard by its score."""

    def __init__(self, regressor: Regressor) -> None:
        self._model = load_regressor(regressor)

    def __call__(self, rows: pa.Table) -> pa.Table:
        started = time.time()
        scores = self._model.score(one_array(rows["windows"]))
        rows = rows.drop_columns(["windows"]).append_column(REGRESSOR, pa.array(scores))
        return rows.append_column("seconds", pa.array(np.full(rows.num_rows, time.time() - started, np.float32)))


def write_shard(rows: pa.Table, *, folder: StepFolder) -> pa.Table:
    """Write the scores of a shard and commit them; the row of the commit goes to the driver."""
    started = time.time() - rows["seconds"][0].as_py()
    return commit_now(folder, written(rows.drop_columns(["seconds"]), folder), started)


def written(rows: pa.Table, folder: StepFolder) -> Commit:
    """Write the table `scores` of a shard."""
    shard = int(shard_of(rows["doc_id"].to_numpy()[:1])[0])
    folder.write("scores", shard, rows.drop_columns(["bytes"]).combine_chunks())
    size = total(rows["bytes"])
    counts = {"documents_in": rows.num_rows, "documents_out": rows.num_rows, "bytes_in": size, "bytes_out": size}
    return Commit(name=shard_name(shard), shards=(shard,), counts=counts)


def scores_of(texts: pa.Array, language: pa.Array, folder: StepFolder, quality: Quality) -> pa.Table:
    """The scores that texts from elsewhere have by the models of a finished step: a column for each."""
    columns = _scorers(folder.folder.uri, quality.model_dump_json()).scores(texts, language)
    if quality.regressor is not None:
        columns[REGRESSOR] = _regressor(quality.regressor).score(_windows(texts, quality.regressor))
    return pa.table(columns)


def _windows(texts: pa.Array, regressor: Regressor) -> pa.Array:
    return _tokenizer(regressor).windows(first_characters(texts, CHARACTERS_PER_TOKEN * regressor.max_tokens))


@cache
def _tokenizer(regressor: Regressor) -> Tokenizer:
    """Loaded once in a process: loading takes longer than tokenising many a shard."""
    return load_regressor_tokenizer(described_regressor(regressor.model, regressor.max_tokens))


@lru_cache(maxsize=1)
def _regressor(regressor: Regressor) -> TransformerRegressor:
    """Loaded once in a process."""
    return load_regressor(regressor)


def load_regressor(regressor: Regressor) -> TransformerRegressor:
    """The model that a configuration names, with its weights."""
    return TransformerRegressor(
        described_regressor(regressor.model, regressor.max_tokens),
        regressor.label,
        batch_tokens=regressor.batch_tokens,
        dtype=regressor.dtype,
        on_gpu=regressor.gpus_per_actor > 0,
    )


@lru_cache(maxsize=1)
def _scorers(uri: str, quality: str) -> Scorers:
    """Loaded once in a process. A step's folder is named after what decides its models."""
    return load_scorers(StepFolder(Folder(uri)), Quality.model_validate_json(quality))


def load_scorers(folder: StepFolder, quality: Quality) -> Scorers:
    """The models that a step has written, and those that it was given."""
    return Scorers(quality, lambda name: folder.read_bytes(f"{name}.npz"))
