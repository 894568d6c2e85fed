"""Batches of constant tokens, or growing ones, on which all ranks agree: collated, resumed at any batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from curator.loader.order import TrainingOrder, worker_place
from curator.loader.padding import filled
from curator.loader.plan import Numbers, Plan, planned
from curator.loader.reading import COLUMNS, flat, tables
from curator.store.sequences import SequenceFormat


class CuratedBatches(TrainingOrder):
    """The batches of a folder, which its index plans: `packing.batch_tokens` and `batch_ramp` of the run that wrote it.

    A batch is sequences that follow each other in training order and have one length L with their padding. Over all ranks it
    has at most its tokens, padding counted, and at least one sequence for each rank; every rank has the same number of batches,
    and in each of them as many sequences as the others. What a run of one length has left at its end, fewer sequences than there
    are ranks, no rank reads (`left_out`): with best_fit and concatenate the folder is one run, with by_length there are many.

    For a DataLoader with batch_size=None and any number of workers, which changes neither batches nor order. Yields
    dictionaries of tensors, n sequences each:
      input_ids     int64 [n, L], padded with the folder's pad_id
      position_ids  int64 [n, L], from 0 in every piece of a document (in the piece, not in the document), 0 in the padding
      labels        int64 [n, L], input_ids, not shifted, but -100 at the first token of every piece and in the padding
      sequence      int64 [n], the numbers of the sequences in the training order
      cu_seqlens    int32 [pieces + 1], boundaries in the flattened batch, where the padding of a sequence is a piece of its own
      doc_ids       uint64 [pieces without padding]
    `path`, `rank`, `world` and errors are those of CuratedDataset.

    To resume: call `took(batch)` after each batch that is trained on, save `state_dict()`, which is the same on all ranks, and
    `load_state_dict` it before the DataLoader starts. With the same `world` the batches are those that would have come. With
    another one the next batch begins at the sequence after the last batch, and its tokens are those of this place: no sequence
    is read twice, and none is left out but at the ends of runs (of each by the ranks that came to it).
    """

    def __len__(self) -> int:
        """The batches from the state on."""
        return len(self._plan().begin)

    @property
    def left_out(self) -> int:
        """The sequences from the state on that no rank reads."""
        return self.index.sequences - self.position - self._plan().sequences

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        part = self._plan().part(self.rank, *worker_place())
        groups = tables(self.folder, self.index, part.within, COLUMNS)
        for numbers, table in _cut(groups, (part.end - part.begin).tolist()):
            yield to_batch(numbers, table, self.index.format)

    def took(self, batch: dict[str, Tensor]) -> None:
        """Remember that all ranks have trained on their batches up to this one."""
        of_rank = len(batch["sequence"])
        self.position = int(batch["sequence"][0]) + (self.world - self.rank) * of_rank

    def _plan(self) -> Plan:
        return planned(self.index, start=self.position, world=self.world)


def to_batch(numbers: Numbers, table: pa.Table, format: SequenceFormat) -> dict[str, Tensor]:
    """The sequences of a table with these numbers, all of one length with their padding, as CuratedBatches yields them."""
    (tokens, begins), (boundaries, pieces), (documents, _) = (flat(table[name]) for name in COLUMNS)
    length = format.padded_lengths[np.searchsorted(format.padded_lengths, np.diff(begins).max())]
    places = np.arange(len(numbers) + 1) * length
    wide = torch.from_numpy(filled(tokens, begins, boundaries, pieces, places, format.pad_id))
    ids, positions, labels = wide.view(3, len(numbers), length)
    edges = np.append(boundaries + np.repeat(places[:-1], np.diff(pieces)), places[-1])
    return {
        "input_ids": ids,
        "position_ids": positions,
        "labels": labels,
        "sequence": torch.from_numpy(numbers.copy()),
        "cu_seqlens": torch.from_numpy(edges[np.diff(edges, prepend=-1) > 0].astype(np.int32)),
        "doc_ids": torch.from_numpy(documents.copy()),
    }


def _cut(groups: Iterator[tuple[Numbers, pa.Table]], sizes: Iterable[int]) -> Iterator[tuple[Numbers, pa.Table]]:
    """The rows of all groups in tables of these sizes, which add up to them, without a copy."""
    numbers, held = np.empty(0, np.int64), list[pa.Table]()
    for size in sizes:
        while len(numbers) < size:
            more, table = next(groups)
            numbers, held = np.append(numbers, more), [*held, table]
        table = pa.concat_tables(held)
        yield numbers[:size], table.slice(0, size)
        numbers = numbers[size:]
        held = [table.slice(size)] if len(numbers) else []
