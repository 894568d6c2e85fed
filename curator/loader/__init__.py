"""Packed sequences for a training loop, in training order, and exports of them; only the data sets themselves need PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curator.loader.batches import CuratedBatches
    from curator.loader.dataset import CuratedDataset, collate

__all__ = ["CuratedBatches", "CuratedDataset", "collate"]


def __getattr__(name: str) -> Any:
    """Import what needs PyTorch when it is asked for: exports and the step that writes sequences work without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from curator.loader import batches, dataset

    return getattr(batches if name == "CuratedBatches" else dataset, name)
