"""Documents as compressed JSON Lines and as Parquet, with the same columns."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from curator.sample.collect import SampleDocument
from curator.sample.warc import document_id

COLUMNS = ("id", "url", "text", "title", "package", "version")


def json_lines(name: str, documents: Sequence[SampleDocument]) -> bytes:
    """One JSON object for each document and line, compressed with Zstandard, or with gzip where the name says so."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "gzip" if name.endswith(".gz") else "zstd") as stream:
        for document in documents:
            stream.write(orjson.dumps(_row(document), option=orjson.OPT_APPEND_NEWLINE))
    return bytes(sink.getvalue())


def parquet(name: str, documents: Sequence[SampleDocument]) -> bytes:
    """A Parquet file of string columns, compressed with Zstandard."""
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([_row(document) for document in documents], schema), sink, compression="zstd")
    return bytes(sink.getvalue())


def _row(document: SampleDocument) -> dict[str, str]:
    return {"id": document_id(document.url), **{column: getattr(document, column) for column in COLUMNS[1:]}}
