"""Sizes of the small language models that `curator evaluate` trains, by name, with the learning rate that suits each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DecoderShape:
    """What fixes a model's size. `hidden` is the width within a feed-forward layer, `sequence` the most tokens it reads at once."""

    width: int
    heads: int
    layers: int
    hidden: int
    vocabulary: int
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A size without its vocabulary, and its peak learning rate."""

    width: int
    heads: int
    layers: int
    hidden: int
    learning_rate: float

    def shape(self, *, vocabulary: int, sequence: int) -> DecoderShape:
        """The shape of this size for a tokenizer of so many tokens and rows of so many."""
        return DecoderShape(
            width=self.width,
            heads=self.heads,
            layers=self.layers,
            hidden=self.hidden,
            vocabulary=vocabulary,
            sequence=sequence,
        )


PRESETS = {
    "nano": Preset(width=96, heads=3, layers=2, hidden=256, learning_rate=4e-3),
    "4m": Preset(width=64, heads=8, layers=8, hidden=256, learning_rate=1.4e-2),
    "20m": Preset(width=192, heads=8, layers=16, hidden=768, learning_rate=8.4e-3),
    "60m": Preset(width=384, heads=12, layers=16, hidden=1536, learning_rate=5.8e-3),
}
"""4m, 20m and 60m are those of DataDecide (Magnusson 2025), whose names count parameters with a vocabulary of 50,304; with 4,096
they have 0.79, 10.2 and 39.3 million (nano 0.61). nano learns most in the same 27 seconds of one core: 2.16 bits per byte, 2.23
with a width of 128; 64 (2.13) is level. Its rate: of 2, 4, 6 and 10e-3 at 2,048 tokens a step 6e-3 is best by .013 bits, but one of
six seeds trained badly with it (2.99 against 2.74).
"""
