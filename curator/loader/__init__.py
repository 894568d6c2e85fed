"""Packed sequences for a training loop, in training order, and exports of them; only the data set itself needs PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curator.loader.dataset import CuratedDataset, batched, collate

__all__ = ["CuratedDataset", "batched", "collate"]


def __getattr__(name: str) -> Any:
    """Import what needs PyTorch when it is asked for: exports and the step that writes sequences work without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from curator.loader import dataset

    return getattr(dataset, name)
