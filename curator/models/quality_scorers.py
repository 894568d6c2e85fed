"""The quality models that a configuration names: fitted on good and on random texts, loaded, and asked for their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.config.quality import Quality
from curator.models.fasttext_scores import FasttextScores
from curator.models.importance import ImportanceModel, fit_importance
from curator.models.ngram_language_model import NgramLanguageModel, fit_language_model
from curator.models.quality_classifier import QualityClassifier, fit_classifier

Scores = npt.NDArray[np.float32]
CLASSIFIER, IMPORTANCE, PERPLEXITY, FASTTEXT, REGRESSOR = (
    "classifier",
    "importance",
    "perplexity",
    "fasttext",
    "regressor",
)


def score_names(quality: Quality) -> tuple[str, ...]:
    """The columns of the scores, in order: the fitted models, then the given ones."""
    given = {FASTTEXT: quality.fasttext, REGRESSOR: quality.regressor}
    return (*quality.models, *(name for name, model in given.items() if model is not None))


def fit_models(
    names: Sequence[str], good: pa.Table, others: pa.Table, *, seed: int
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of the fitted models by name, and what validation says of each.

    `good` and `others` have columns text and language. Raises InputError where they are too few.
    """
    files: dict[str, bytes] = {}
    validation: dict[str, Any] = {}
    for name in names:
        if name == CLASSIFIER:
            model, report = fit_classifier(_text(good), _text(others), seed=seed)
            files[name], validation[name] = model.to_bytes(), asdict(report)
        elif name == IMPORTANCE:
            files[name] = fit_importance(_text(good), _text(others)).to_bytes()
        else:
            assert name == PERPLEXITY, f"{name} is no fitted model"
            files[name] = fit_language_model(_text(good), good["language"].combine_chunks()).to_bytes()
    return files, validation


class Scorers:
    """The models of `quality` but the regressor, loaded; `read` gives the file of a fitted one by its name."""

    def __init__(self, quality: Quality, read: Callable[[str], bytes]) -> None:
        load: Mapping[str, Callable[[bytes], Any]] = {
            CLASSIFIER: QualityClassifier.from_bytes,
            IMPORTANCE: ImportanceModel.from_bytes,
            PERPLEXITY: NgramLanguageModel.from_bytes,
        }
        self._models: dict[str, Any] = {name: load[name](read(name)) for name in quality.models}
        if quality.fasttext is not None:
            self._models[FASTTEXT] = FasttextScores(quality.fasttext.path, quality.fasttext.label)

    def scores(self, texts: pa.Array, language: pa.Array) -> dict[str, Scores]:
        """One float32 column (n,) for each model; higher is better."""
        return {
            name: model.score(texts, language) if name == PERPLEXITY else model.score(texts)
            for name, model in self._models.items()
        }


def _text(rows: pa.Table) -> pa.Array:
    return rows["text"].combine_chunks()
