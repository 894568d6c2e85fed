"""Our TF-IDF embedder against scikit-learn's own path: the same texts, one thread, in turns, in processor seconds.

Where the documents have a `topic`, also how well the clusters of both agree with the topics, which neither is told.
"""

from __future__ import annotations

import glob
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
from common import Row
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import normalized_mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from curator.models import tfidf
from curator.models.clustering import spherical_kmeans

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "text" / "newsgroups20.jsonl.zst"
DOCUMENTS, CHARACTERS, DIMENSIONS = 10_000, 5_000, 128  # as the step `embed` has it by default
TURNS = 5
CLUSTERINGS = range(1, 6)
Encode = Callable[[], npt.NDArray[np.float32]]


def rows(corpus: str | None) -> list[Row]:
    """Seconds of the fit, megabytes per second of encoding, the median ratio of paired turns, agreement with topics."""
    texts, topics = documents(corpus or str(CORPUS))
    column = pa.array(texts, pa.large_string())
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    tfidf.fit(column.slice(0, 100), dimensions=2, seed=1).encode(column.slice(0, 100))  # compiles
    with threadpool_limits(1):
        model, fitted = timed(lambda: tfidf.fit(column, dimensions=DIMENSIONS, seed=1))
        their_model, their_fitted = timed(lambda: scikit_learn().fit(texts))
        encoders: tuple[Encode, Encode] = (
            lambda: model.encode(column),
            lambda: normalize(their_model.transform(texts)),
        )
        seconds = np.array([[timed(encode)[1] for encode in encoders] for _ in range(TURNS)])
    speed = megabytes / np.median(seconds, axis=0)
    ratio = float(np.median(seconds[:, 1] / seconds[:, 0]))
    return [
        Row(what="TF-IDF: texts", value=megabytes, unit="MB"),
        Row(what="TF-IDF: fit, curator", value=fitted, unit="s"),
        Row(what="TF-IDF: fit, scikit-learn", value=their_fitted, unit="s"),
        Row(what="TF-IDF: encode, curator", value=float(speed[0]), unit="MB/s/core", target=">= 10"),
        Row(what="TF-IDF: encode, scikit-learn", value=float(speed[1]), unit="MB/s/core"),
        Row(what="TF-IDF: encode, curator over scikit-learn", value=ratio, unit="times", target=">= 5"),
        *agreement(encoders, topics),
    ]


def documents(corpus: str) -> tuple[list[str], list[str]]:
    """The beginnings of texts evenly spaced over the files that match, and their topics, empty where there is none."""
    found = sorted(glob.glob(corpus))
    if not found:
        sys.exit(f"no file matches {corpus}: name JSONL.zst files with --corpus")
    lines = [line for path in found for line in lines_of(path)]
    chosen = np.linspace(0, len(lines) - 1, min(DOCUMENTS, len(lines))).astype(int)
    read = [orjson.loads(lines[place]) for place in chosen]
    return [one["text"][:CHARACTERS] for one in read], [one.get("topic") or "" for one in read]


def lines_of(path: str) -> list[bytes]:
    with pa.CompressedInputStream(pa.OSFile(path), "zstd") as stream:
        return bytes(stream.read()).splitlines()


def scikit_learn() -> Any:
    """The same terms and dimensions in scikit-learn's words, with its usual weights."""
    terms = TfidfVectorizer(
        ngram_range=(1, 2),
        min_df=tfidf.MIN_DOCUMENTS,
        max_features=tfidf.MAX_TERMS,
        sublinear_tf=True,
        dtype=np.float32,
    )
    return make_pipeline(terms, TruncatedSVD(DIMENSIONS, random_state=1))


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and the processor seconds it took."""
    started = time.process_time()
    found = act()
    return found, time.process_time() - started


def agreement(encoders: tuple[Encode, Encode], topics: list[str]) -> list[Row]:
    """Normalised mutual information of topics and sqrt(n) spherical clusters, the mean over several seeds."""
    if len(set(topics)) < 2:
        return []
    names = ("curator", "scikit-learn")
    values = [float(np.mean([one_agreement(encode(), topics, seed) for seed in CLUSTERINGS])) for encode in encoders]
    return [
        Row(what=f"TF-IDF: NMI with topics, {name}", value=value, unit="")
        for name, value in zip(names, values, strict=True)
    ]


def one_agreement(vectors: npt.NDArray[np.float32], topics: list[str], seed: int) -> float:
    centroids = spherical_kmeans(vectors, count=int(len(topics) ** 0.5), iterations=20, seed=seed)
    return float(normalized_mutual_info_score(topics, (vectors @ centroids.T).argmax(axis=1)))
