"""How much of a card the transformer uses: tokens per second and model FLOP utilisation of two encoders with random weights.

Utilisation is the arithmetic of the real tokens over the time from Arrow lists of tokens to vectors in memory, divided by the rate
at which the same card multiplies large matrices in the same run: padding, copies and launches all count as waste.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from common import Row

from curator.models.batches import length_batches, longest_first
from curator.models.loaded_transformer import GPU_MULTIPLE, GPU_TOKENS
from curator.models.sentence_files import SentenceModel
from curator.models.transformer import TransformerEncoder

VOCABULARY = 30_522
FULL_SHARE = 0.7  # of web documents, about what is cut at 256 tokens; the others are of any length below
TURNS = 3


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The sizes of an encoder of BERT's form."""

    name: str
    layers: int
    hidden: int
    heads: int
    inner: int

    def flops(self, lengths: npt.NDArray[np.int64]) -> float:
        """Of one pass over texts of these lengths, a multiplication and an addition counted as two."""
        each = 2 * (4 * self.hidden**2 + 2 * self.hidden * self.inner)
        return float(self.layers * (each * lengths.sum() + 4 * self.hidden * (lengths**2).sum()))


SHAPES = (
    Shape(name="22 M (MiniLM-L6)", layers=6, hidden=384, heads=12, inner=1536),
    Shape(name="110 M (BERT base)", layers=12, hidden=768, heads=12, inner=3072),
)
TOYS = (Shape(name="toy", layers=2, hidden=32, heads=2, inner=64),)


def rows(device: str, *, tiny: bool) -> list[Row]:
    """The card's matrix rate, then for each encoder and length, plain and compiled, what it reaches of it."""
    on_gpu = device == "cuda"
    rate = matrix_rate(device, size=256 if tiny else 8192)
    found = [Row(what=f"matrix product, {device_name(device)}", value=rate / 1e12, unit="TFLOP/s")]
    for shape in TOYS if tiny else SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            save_random(shape, folder)
            for compiled in (False, True) if on_gpu else (False,):
                encoder = TransformerEncoder(SentenceModel(name=folder), compile=compiled, on_gpu=on_gpu)
                for length in (16, 32) if tiny else (256, 512):
                    found += of_length(encoder, shape, length, rate, compiled=compiled, tiny=tiny)
    return found


def of_length(
    encoder: TransformerEncoder, shape: Shape, length: int, rate: float, *, compiled: bool, tiny: bool
) -> list[Row]:
    lengths = text_lengths(length, texts=200 if tiny else 4_194_304 // length)
    windows = random_windows(lengths)
    seconds = min(timed(encoder, windows) for _ in range(TURNS + 1))  # the first one warms up, and may compile
    what = f"{shape.name}, {length} tokens{', compiled' if compiled else ''}"
    used = shape.flops(lengths) / seconds / rate
    return [
        Row(what=f"{what}: speed", value=lengths.sum() / seconds / 1e6, unit="M tokens/s"),
        Row(what=f"{what}: padding", value=100 * padded_share(lengths), unit="% of tokens"),
        Row(what=f"{what}: of the matrix rate", value=used, unit="", target=">= 0.5" if compiled else ""),
    ]


def matrix_rate(device: str, size: int) -> float:
    """FLOP/s of a product of square matrices of random bfloat16 (float32 on the CPU), the best of several."""
    import torch

    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    left, right = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    best = float("inf")
    for _ in range(10):
        wait(device)
        started = time.perf_counter()
        for _ in range(5):
            torch.mm(left, right)
        wait(device)
        best = min(best, (time.perf_counter() - started) / 5)
    return 2 * size**3 / best


def save_random(shape: Shape, folder: str) -> None:
    import torch
    import transformers

    config = transformers.BertConfig(
        vocab_size=VOCABULARY,
        num_hidden_layers=shape.layers,
        hidden_size=shape.hidden,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
    )
    torch.manual_seed(1)
    transformers.BertModel(config).save_pretrained(folder)


def text_lengths(longest: int, texts: int) -> npt.NDArray[np.int64]:
    """Lengths in tokens: most are cut at the longest, the others are anything from 8 tokens up."""
    random = np.random.default_rng(1)
    lengths = random.integers(8, longest + 1, texts)
    return np.where(random.random(texts) < FULL_SHARE, longest, lengths)


def random_windows(lengths: npt.NDArray[np.int64]) -> pa.ListArray:
    """One window of random tokens for each text."""
    ids = np.random.default_rng(2).integers(1_000, VOCABULARY, lengths.sum()).astype(np.int32)
    flat = pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()), pa.array(ids))
    return pa.ListArray.from_arrays(pa.array(np.arange(len(lengths) + 1), pa.int32()), flat)


def padded_share(lengths: npt.NDArray[np.int64]) -> float:
    """The share of padding among all tokens that go through a GPU."""
    descending = lengths[longest_first(lengths)]
    batches = [descending[batch] for batch in length_batches(descending, GPU_TOKENS)]
    padded = sum(len(batch) * (-(-int(batch[0]) // GPU_MULTIPLE) * GPU_MULTIPLE) for batch in batches)
    return 1 - int(lengths.sum()) / padded


def timed(encoder: TransformerEncoder, windows: pa.ListArray) -> float:
    started = time.perf_counter()
    encoder.encode(windows)  # ends with the vectors in memory, so nothing is still on its way
    return time.perf_counter() - started


def wait(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()


def device_name(device: str) -> str:
    import torch
    import transformers

    card = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    return f"{card}, torch {torch.__version__}, transformers {transformers.__version__}"
