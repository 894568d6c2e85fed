"""The story of one document: its row of the ledger in sentences, the documents kept for it, and how their texts begin."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from curator.algorithms.keepers import PINNED
from curator.errors import InputError, StoreError
from curator.publish import RUN_NAME
from curator.report.kept import COLUMNS, why_kept
from curator.report.rewrites import sentences
from curator.steps.concept_files import CONCEPTS
from curator.steps.order_files import read_cuts
from curator.steps.synthetic_tables import JUDGES
from curator.store.files import Folder
from curator.store.ids import ROW_BITS, are_synthetic, shard_name
from curator.store.step_folder import StepFolder
from curator.store.tables import read_parquet

Row = dict[str, Any]
SHOWN_CHARACTERS = 200
MEANINGS = {
    "exact_duplicate": "documents in its group",
    "same_url": "documents in its group",
    "near_duplicate": "similarity",
    "semantic_duplicate": "cosine similarity",
    "low_quality": "quality",
    "over_quota": "place in the order of its concept",
    "rebalanced": "expected copies",
}


def explain(output: Folder, doc_id: int) -> str:
    """What became of a document, and of each document that was kept for it, in plain sentences.

    Raises InputError where there is no such document, StoreError where the output holds no finished run.
    """
    if 0 <= doc_id < 2**64 and are_synthetic(np.array([doc_id], np.uint64))[0]:
        return _synthetic(output, doc_id)
    rows = _chain(output, doc_id)
    lines = [line for row in rows for line in (*_sentences(output, row), _beginning(output, row["doc_id"]), "")]
    last = rows[-1]["kept_doc_id"]
    if last is not None:
        lines.append(f"document {last}: kept on an earlier night, where its number is {last - int(PINNED)}")
    return "\n".join(lines).rstrip()


def _chain(output: Folder, doc_id: int) -> list[Row]:
    """The ledger rows of a document, of the one kept for it, and so on: that one may have been dropped by a later step."""
    rows = [_row_of(output, doc_id)]
    while (kept := rows[-1]["kept_doc_id"]) is not None and kept < int(PINNED):
        rows.append(_row_of(output, kept))
    return rows


def _check_finished(output: Folder) -> None:
    if output.get(RUN_NAME) is None:
        raise StoreError(f"{output.uri} has no {RUN_NAME}: there is no finished run there, or one is being published")


def _row_of(output: Folder, doc_id: int) -> Row:
    _check_finished(output)
    row = _read_row(output, "ledger", doc_id)
    if row is None:
        raise InputError(f"{output.uri}/ledger has no document {doc_id}")
    return row


def _sentences(output: Folder, row: Row) -> list[str]:
    lines = [f"document {row['doc_id']}: from {row['file']} at {row['position']:,}, source {row['source']}"]
    if row["outcome"] == "kept":
        reads = [*_read_at(output, row["doc_id"]), *_rephrased(output, row["doc_id"])]
        return [*lines, f"  {_why_kept(output, row['doc_id'])}", *reads]
    value = "" if row["value"] is None else f", {MEANINGS.get(row['reason'], 'value')} {row['value']:g}"
    kept = "" if row["kept_doc_id"] is None else f"; document {row['kept_doc_id']} was kept for it"
    lines.append(f"  dropped by {row['step']}: {row['reason']}{value}{kept}")
    return lines if row["detail"] is None else [*lines, f"  {row['detail']}"]


def _why_kept(output: Folder, doc_id: int) -> str:
    """Just `kept` where the run only looked for duplicates, and found no concepts."""
    if CONCEPTS not in output.names():
        return "kept"
    row = _read_row(_step(output, "curate"), "curated", doc_id, COLUMNS)
    return "kept; why is not stored" if row is None else why_kept(output, row, _run(output)["config"])


def _read_at(output: Folder, doc_id: int) -> list[str]:
    """Where in the training order its copies stand, where there is one: output shards are equal parts of its tokens."""
    if not any(step["name"] == "order" for step in _run(output)["steps"]):
        return []
    folder = _step(output, "order")
    keys = [row["key"] for row in _rows(folder, "order", doc_id, ["doc_id", "key"])]
    if not keys:
        return []
    bounds = [0.0, *read_cuts(StepFolder(folder)).tolist(), 2.0**64]
    shares = np.interp(sorted(keys), bounds, np.linspace(0, 100, len(bounds)))
    return [f"  read at {', '.join(f'{share:.1f} %' for share in shares)} of the training order"]


def _rephrased(output: Folder, doc_id: int) -> list[str]:
    """What became of its rewrites, where any were asked for."""
    judges = [step["name"] for step in _run(output)["steps"] if step["name"] in JUDGES]
    if not judges:
        return []
    verify = _step(output, judges[0])
    accepted, left_out = _rows(verify, "synthetic", doc_id, key="source_doc_id"), _rows(verify, "left_out", doc_id)
    rejected = [row for name in judges for row in _rows(_step(output, name), "rejected", doc_id)]
    return sentences(accepted, rejected, left_out)


def _synthetic(output: Folder, doc_id: int) -> str:
    """Where a synthetic document is from, and the story of its source."""
    _check_finished(output)
    verified = any(step["name"] == "verify" for step in _run(output)["steps"])
    row = _read_row(_step(output, "verify"), "synthetic", doc_id) if verified else None
    if row is None:
        raise InputError(f"{output.uri} has no synthetic document {doc_id}")
    told = " ".join(row["text"][:SHOWN_CHARACTERS].split())
    lines = [f"document {doc_id}: synthetic, document {row['source_doc_id']} rephrased ({row['strategy']})"]
    lines += [*_read_at(output, doc_id), f"  text: {told}", ""]
    return "\n".join(lines) + "\n" + explain(output, row["source_doc_id"])


def _beginning(output: Folder, doc_id: int) -> str:
    """How the document's text begins, as it was ingested."""
    row = _read_row(_step(output, "ingest"), "documents", doc_id, ["doc_id", "text"])
    if row is None:
        return "  its text is not stored"
    return f"  text: {' '.join(row['text'][:SHOWN_CHARACTERS].split())}"


def _step(output: Folder, name: str) -> Folder:
    """The folder of a step of the run."""
    digest = next(step["digest"] for step in _run(output)["steps"] if step["name"] == name)
    return output / f"steps/{name}-{digest}"


def _run(output: Folder) -> Row:
    content: Row = json.loads(output.get(RUN_NAME) or b"{}")
    return content


def _read_row(folder: Folder, table: str, doc_id: int, columns: list[str] | None = None) -> Row | None:
    """The row of a document in a table of shards; None where there is none."""
    return next(iter(_rows(folder, table, doc_id, columns)), None)


def _rows(
    folder: Folder, table: str, doc_id: int, columns: list[str] | None = None, *, key: str = "doc_id"
) -> list[Row]:
    """The rows of a document in a table of shards; none where there is not even the shard's file."""
    name = f"{table}/{shard_name(doc_id >> ROW_BITS)}.parquet"
    filesystem, path = folder.at(name)
    if not filesystem.get_file_info(path).is_file:
        return []
    rows = read_parquet(folder, name, columns)
    (place,) = np.nonzero(rows[key].to_numpy() == np.uint64(doc_id))
    found: list[Row] = rows.take(pa.array(place)).to_pylist()
    return found
