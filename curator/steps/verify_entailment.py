"""The check of rewrites by a model: each sentence must follow from the source. It sees what no rule does: roles that are swapped,
and what is denied in other words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from curator.config.entailment import Entailment
from curator.models.entailment import EntailmentModel
from curator.rephrase.faithfulness import claims
from curator.steps.verify_checks import Rewrite

SHOWN_CHARACTERS = 100


def entailed(rewrites: Sequence[Rewrite], *, entailment: Entailment) -> list[Rewrite]:
    """The rewrites, with a reason where a sentence of the answer does not follow from the source: the one that does so least.

    Exercises are left alone: a result that is computed stands in no source.
    """
    sentences = [
        [] if rewrite.strategy.style == "exercise" else claims(rewrite.answer, rewrite.language) for rewrite in rewrites
    ]
    sources = [rewrite.source for rewrite, found in zip(rewrites, sentences, strict=True) for _ in found]
    scores = _model(entailment).score(sources, [sentence for found in sentences for sentence in found])
    ends = np.cumsum([len(found) for found in sentences])
    return [
        _judged(rewrite, found, scores[end - len(found) : end].tolist(), entailment.least)
        for rewrite, found, end in zip(rewrites, sentences, ends.tolist(), strict=True)
    ]


def _judged(rewrite: Rewrite, sentences: Sequence[str], scores: Sequence[float], least: float) -> Rewrite:
    score, sentence = min(zip(scores, sentences, strict=True), default=(1.0, ""))
    if score >= least:
        return rewrite
    return replace(rewrite, reason="not_entailed", value=score, detail=sentence[:SHOWN_CHARACTERS])


@lru_cache(maxsize=1)
def _model(entailment: Entailment) -> EntailmentModel:
    """Loaded once in a process."""
    return EntailmentModel(entailment)
