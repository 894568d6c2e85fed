"""Speed of the signatures: of texts in memory, and of the whole step from Parquet to Parquet, on one core."""

from __future__ import annotations

import tempfile
import time

import pyarrow as pa
import pyarrow.parquet as pq
from common import Row

from curator.algorithms.schemes import signatures
from curator.config.duplicates import Near
from curator.config.schema import Config
from curator.readers.listing import list_input
from curator.readers.units import plan_units
from curator.steps.ingest import ingest_unit
from curator.steps.ingest_settings import IngestSettings
from curator.store.files import Folder
from curator.store.step_folder import StepFolder

from .corpus import Corpus
from .runs import UNIT_BYTES

MOST_BYTES = 100_000_000
MOST_UNITS = 10


def signing(corpus: Corpus) -> list[Row]:
    """Megabytes and documents per second of the default signatures; the kernels are compiled before."""
    near, text = Near(), first_texts(corpus)
    megabytes = sum(len(one.as_buffer()) for one in text) / 1e6
    sign(text.slice(0, 10), near)
    started = time.process_time()
    sign(text, near)
    seconds = time.process_time() - started
    return [
        Row(what="signing: Parquet to Parquet", value=step_speed(corpus), unit="MB/s/core", target=">= 60"),
        Row(what="signing: text in memory", value=megabytes, unit="MB"),
        Row(what="signing: in memory", value=megabytes / seconds, unit="MB/s/core", target=">= 150"),
        Row(what="signing: in memory", value=len(text) / seconds, unit="1/s/core"),
    ]


def step_speed(corpus: Corpus) -> float:
    """Megabytes of text a second of the step `ingest` of `curator dedup` in one process, after a first unit that warms it up."""
    files = list_input(str(corpus.parquet / "*.parquet"), source=None, format=None)
    units = dict(enumerate(plan_units(files, unit_bytes=UNIT_BYTES)))
    with tempfile.TemporaryDirectory() as folder:
        config = Config.model_validate({"input": {"sources": ({"path": "-"},)}, "output": {"path": folder}})
        settings, step = IngestSettings.for_dedup(config), StepFolder(Folder(folder))
        ingest_unit(0, units=units, settings=settings, folder=step)
        started, size = time.process_time(), 0
        for number in range(1, min(len(units), 1 + MOST_UNITS)):
            size += ingest_unit(number, units=units, settings=settings, folder=step).counts["bytes_out"]
        return size / 1e6 / (time.process_time() - started)


def sign(text: pa.Array, near: Near) -> None:
    signatures(
        text, scheme=near.scheme, shingle_words=near.shingle_words, permutations=near.permutations, seed=near.seed
    )


def first_texts(corpus: Corpus) -> pa.Array:
    """The texts of the first files, as many as hold 100 MB."""
    chunks: list[pa.Array] = []
    for file in corpus.files:
        if sum(chunk.nbytes for chunk in chunks) < MOST_BYTES:
            chunks += pq.read_table(file, columns=["text"])["text"].chunks
    return pa.concat_arrays(chunks)
