"""Packed sequences as a PyTorch data set: the same order for any number of ranks and workers, resumed at any batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import Tensor

from curator.errors import ConfigError
from curator.loader.order import TrainingOrder, worker_place
from curator.loader.padding import filled
from curator.loader.plan import Numbers
from curator.loader.reading import COLUMNS, Share, flat, tables
from curator.store.sequences import SequenceFormat

STACKED = ("input_ids", "position_ids", "labels", "sequence")
BLOCK_PLACES = (
    1 << 15
)  # unpacked together, 768 KiB: larger ones are no faster, and a sequence that is kept holds its block


class CuratedDataset(TrainingOrder):
    """The sequences of a folder (a local path or a URI) in training order, for one of `world` ranks.

    Of what is left, sequence i goes to rank i mod world; every rank has the same number (`len`), the last round that is not
    complete is left out (`left_out` sequences). `rank` and `world` are those of torch.distributed where it is initialised.
    `batch_size` is that of the DataLoader: its workers take turns batch by batch, so the order does not depend on their number.

    Yields dictionaries of tensors; L is `sequence_length`, or the smallest of the folder's buckets that holds the sequence:
      input_ids     int64 [L], padded with the folder's pad_id
      position_ids  int64 [L], from 0 in every piece of a document (in the piece, not in the document), 0 in the padding
      labels        int64 [L], input_ids, not shifted, but -100 at the first token of every piece and in the padding
      cu_seqlens    int32 [pieces + 1], where the pieces begin, and the number of tokens without the padding
      doc_ids       uint64 [pieces]
      sequence      int64 [], the number of the sequence in the training order
    Raises InputError or StoreError where the folder cannot be read, ConfigError for ranks that cannot be.

    To resume: call `took(batch)` after each batch that is trained on, save `state_dict()`, which is the same on all ranks, and
    `load_state_dict` it, with any number of ranks and workers, before the DataLoader starts. Batches tell how far training is,
    since what workers have read ahead does not count. Another epoch is another CuratedDataset.
    """

    def __init__(self, *, path: str, rank: int | None = None, world: int | None = None, batch_size: int = 1) -> None:
        super().__init__(path=path, rank=rank, world=world)
        self.batch_size = batch_size
        if batch_size < 1:
            raise ConfigError(f"batch_size is {batch_size}; give the DataLoader's, or leave it out where that is None")

    def __len__(self) -> int:
        """The sequences of this rank from the state on."""
        return self._share().of_rank

    @property
    def left_out(self) -> int:
        """The sequences at the end that no rank reads, fewer than there are ranks."""
        return (self.index.sequences - self.position) % self.world

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        for numbers, table in tables(self.folder, self.index, self._share().within, COLUMNS):
            yield from _sequences(numbers, table, self.index.format)

    def took(self, batch: dict[str, Tensor]) -> None:
        """Remember that all ranks have trained on their batches up to this one (as it was yielded or collated)."""
        self.position = int(batch["sequence"].max()) - self.rank + self.world

    def _share(self) -> Share:
        worker, workers = worker_place()
        return Share(
            total=self.index.sequences,
            start=self.position,
            rank=self.rank,
            world=self.world,
            batch_size=self.batch_size,
            worker=worker,
            workers=workers,
        )


def collate(sequences: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Sequences of one length L as a batch: for the DataLoader's `collate_fn`.

    Tensors [batch, L], `sequence` [batch]; cu_seqlens int32 are the boundaries in the flattened batch, where the padding of a
    sequence is a piece of its own (what variable-length attention takes), doc_ids those of all pieces but padding. Few tensors
    whatever the batch: each that a worker sends holds an open file.
    """
    length = len(sequences[0]["input_ids"])
    edges = [one["cu_seqlens"] + place * length for place, one in enumerate(sequences)]
    end = torch.tensor([len(sequences) * length], dtype=torch.int32)
    return {
        **{name: torch.stack([one[name] for one in sequences]) for name in STACKED},
        "cu_seqlens": torch.cat([*edges, end]).unique_consecutive(),
        "doc_ids": torch.cat([one["doc_ids"] for one in sequences]),
    }


def _sequences(numbers: Numbers, table: pa.Table, format: SequenceFormat) -> Iterator[dict[str, Tensor]]:
    (tokens, begins), (boundaries, pieces), (documents, owners) = (flat(table[name]) for name in COLUMNS)
    padded = np.array(format.padded_lengths)
    places = np.append(0, np.cumsum(padded[np.searchsorted(padded, np.diff(begins))]))
    wide = _padded(tokens, begins, boundaries, pieces, places, format)
    cu_seqlens = torch.from_numpy(boundaries.copy()).split(np.diff(pieces).tolist())
    doc_ids = torch.from_numpy(documents.copy()).split(np.diff(owners).tolist())
    for (ids, positions, labels), edges, owned, number in zip(
        wide, cu_seqlens, doc_ids, torch.from_numpy(numbers), strict=True
    ):
        yield {
            "input_ids": ids,
            "position_ids": positions,
            "labels": labels,
            "cu_seqlens": edges,
            "doc_ids": owned,
            "sequence": number,
        }


def _padded(
    tokens: npt.NDArray[Any],
    begins: Numbers,
    boundaries: npt.NDArray[Any],
    pieces: Numbers,
    places: Numbers,
    format: SequenceFormat,
) -> Iterator[tuple[Tensor, ...]]:
    """Ids, positions and labels of one sequence after another, made in blocks; arguments as those of `filled`."""
    rows = max(1, BLOCK_PLACES // format.padded_lengths[-1])
    for begin in range(0, len(places) - 1, rows):
        block = slice(begin, begin + rows + 1)
        edges = places[block] - places[begin]
        wide = torch.from_numpy(filled(tokens, begins[block], boundaries, pieces[block], edges, format.pad_id))
        lengths = np.diff(edges).tolist()
        yield from zip(*(values.split(lengths) for values in wide), strict=True)
