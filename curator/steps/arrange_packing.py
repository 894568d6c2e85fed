"""Documents of an output shard, in training order, become sequences of at most L tokens with the boundaries of their pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.packing import Packed, best_fit, concatenate, cut_documents, displacement
from curator.algorithms.packing_lengths import by_length, length_order, length_runs
from curator.config.packing import Packing
from curator.store.sequences import (
    SEQUENCES,
    Runs,
    SequenceFile,
    SequenceFormat,
    SequenceIndex,
    file_name,
    write_sequences,
)
from curator.store.step_folder import Commit, StepFolder
from curator.text.buffers import one_array

SHARD = "output_shard"
Places = npt.NDArray[np.int64]


def format_of(tokenized: StepFolder, packing: Packing) -> SequenceFormat:
    """What holds for all sequences. Padding is the end of a text: readers know by `cu_seqlens` where it begins."""
    counts = {name: tokenized.total(name) for name in ("end_id", "vocabulary")}
    lengths = range(packing.smallest.bit_length() - 1, packing.sequence.bit_length())
    return SequenceFormat(
        sequence_length=packing.sequence,
        pad_id=counts["end_id"],
        end_id=counts["end_id"],
        vocabulary=counts["vocabulary"],
        packing=packing.method,
        batch_tokens=packing.batch_tokens,
        batch_ramp=packing.batch_ramp,
        buckets=tuple(1 << bits for bits in lengths) if packing.method == "by_length" else (),
    )


def write_packed(
    folder: StepFolder, shard: int, rows: pa.Table, *, packing: Packing, format: SequenceFormat
) -> dict[str, int]:
    """Write the sequences of an output shard, whose documents (doc_id, copy, input_ids) are in order."""
    lengths = pc.list_value_length(rows["input_ids"]).to_numpy().astype(np.int64)
    packed = packed_by(lengths, packing)
    file = write_sequences(folder.folder / "curated", shard, sequences_of(rows, packed), format=format)
    of_length = {length: sum(number for other, number in file.runs if other == length) for length, _ in file.runs}
    return {
        SHARD: shard,
        "sequences": file.sequences,
        "tokens": file.tokens,
        "padding": sum(length * number for length, number in of_length.items()) - file.tokens,
        **{_counter(length): number for length, number in of_length.items()},
        "cut": int((np.bincount(packed.piece_document) > 1).sum()),
        "cut_though_fitting": cut_documents(packed, lengths, packing.sequence)[0],
        "displacement": round(displacement(packed, lengths)[0] * file.tokens),
    }


def index_of(commits: Iterable[Commit], format: SequenceFormat) -> SequenceIndex:
    """The files that these commits have written, in training order."""
    written = sorted((commit.counts for commit in commits if SHARD in commit.counts), key=lambda counts: counts[SHARD])
    files = [
        SequenceFile(
            name=file_name(counts[SHARD]),
            sequences=counts["sequences"],
            tokens=counts["tokens"],
            runs=_runs(counts, format),
        )
        for counts in written
    ]
    return SequenceIndex(files=tuple(files), format=format)


def _runs(counts: Mapping[str, int], format: SequenceFormat) -> Runs:
    """The runs of a file: how many sequences of each length there are says in which order they stand."""
    of_length = np.array([counts.get(_counter(length), 0) for length in format.padded_lengths], np.int64)
    return length_runs(of_length, format.padded_lengths[0], format.batch_tokens)


def _counter(length: int) -> str:
    return f"sequences_of_{length}"


def sequences_of(rows: pa.Table, packed: Packed) -> pa.Table:
    """SEQUENCES of documents in training order (columns doc_id, copy and input_ids, a list), as they are packed."""
    lists = one_array(rows["input_ids"])
    begins = lists.offsets.to_numpy().astype(np.int64)
    starts = begins[packed.piece_document] + packed.piece_start
    values = lists.values.to_numpy(zero_copy_only=False)
    pieces = [values[start : start + length] for start, length in zip(starts, packed.piece_length, strict=True)]
    tokens = np.concatenate(pieces, dtype=np.int32, casting="unsafe") if pieces else np.empty(0, np.int32)
    of_piece = packed.sequence_starts
    columns = [
        _lists(tokens, np.append(0, np.cumsum(packed.piece_length))[of_piece]),
        _boundaries(packed),
        _lists(rows["doc_id"].to_numpy()[packed.piece_document], of_piece),
        _lists(rows["copy"].to_numpy()[packed.piece_document], of_piece),
        _lists(packed.piece_start.astype(np.int32), of_piece),
    ]
    return pa.table(columns, schema=SEQUENCES)


def packed_by(lengths: Places, packing: Packing) -> Packed:
    """The sequences of documents of these lengths by the method of the YAML."""
    if packing.method == "best_fit":
        return best_fit(lengths, packing.sequence)
    if packing.method == "concatenate":
        return concatenate(lengths, packing.sequence)
    packed, buckets = by_length(lengths, packing.smallest, packing.sequence)
    order, _ = length_order(buckets, packing.smallest, packing.batch_tokens)
    return Packed(
        sequence_starts=packed.sequence_starts,
        piece_document=packed.piece_document[order],
        piece_start=packed.piece_start[order],
        piece_length=packed.piece_length[order],
    )


def _boundaries(packed: Packed) -> pa.ListArray:
    """Of each sequence where its pieces begin, and its length."""
    sequences, starts = packed.sequences, packed.sequence_starts
    ends = np.cumsum(packed.piece_length)
    sequence = np.repeat(np.arange(sequences), np.diff(starts))
    first = np.append(0, ends)[starts[:-1]]
    found = np.zeros(len(ends) + sequences, np.int32)
    found[np.arange(len(ends)) + sequence + 1] = ends - first[sequence]  # place 0 of each sequence is 0
    return _lists(found, starts + np.arange(sequences + 1))


def _lists(values: npt.NDArray[np.generic], offsets: Places) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), pa.array(values))
