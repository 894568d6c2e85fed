"""A decoder that trains in a moment."""

from __future__ import annotations

from curator.models.decoder_presets import DecoderShape


def small_shape(*, sequence: int) -> DecoderShape:
    """Two layers that read so many tokens at once."""
    return DecoderShape(width=16, heads=2, layers=2, hidden=32, vocabulary=50, sequence=sequence)
