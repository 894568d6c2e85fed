"""From the vectors of a text's tokens to the vector of the text."""

from __future__ import annotations

from typing import Any, Literal

Pooling = Literal["mean", "cls", "last"]


def pooled(states: Any, mask: Any, how: Pooling) -> Any:
    """Float32 (n, d) of token vectors (n, length, d) of any dtype; `mask` (n, length) is true at tokens, None without padding.

    `mean`: the mean of the tokens (Reimers & Gurevych 2019); `cls`: the first token (BERT); `last`: the last token, of decoders,
    the only one that has seen the whole text. The padding may stand on either side.
    """
    if how == "mean":
        return _mean(states, mask)
    return _first(states, mask) if how == "cls" else _first(states.flip(1), None if mask is None else mask.flip(1))


def _mean(states: Any, mask: Any) -> Any:
    import torch

    if mask is None:
        return states.mean(1, dtype=torch.float32)
    tokens = states.masked_fill(~mask.unsqueeze(-1), 0)
    return tokens.sum(1, dtype=torch.float32) / mask.sum(1, keepdim=True).clamp(min=1)


def _first(states: Any, mask: Any) -> Any:
    import torch

    if mask is None:
        return states[:, 0].float()
    return states[torch.arange(len(states), device=states.device), mask.int().argmax(1)].float()
