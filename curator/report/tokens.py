"""How many tokens a run has selected, and what their copies make of them."""

from __future__ import annotations

from typing import TypedDict

from curator.reconcile import Funnel
from curator.text.token_estimate import BYTES_PER_TOKEN

TOKENIZER, BYTES = "the tokenizer", f"bytes / {BYTES_PER_TOKEN}"


class Tokens(TypedDict, total=False):
    """Empty where nothing was counted; `effective_tokens`: what those with copies are worth, read once."""

    tokens: int
    copies_tokens: int
    effective_tokens: int
    counted_by: str


def tokens_of(funnel: Funnel) -> Tokens:
    """By the tokenizer where the output is tokens; what repeats are worth is then the same share as by bytes."""
    estimated, packed = funnel.counts("rebalance"), funnel.counts("arrange")
    if "sequences" in packed:
        selected, copies = funnel.counts("tokenize")["tokens"], packed["tokens"]
        worth = estimated["effective_tokens"] / estimated["copies_tokens"] if estimated.get("copies_tokens") else 1.0
        return Tokens(
            tokens=selected, copies_tokens=copies, effective_tokens=round(copies * worth), counted_by=TOKENIZER
        )
    if "tokens" not in estimated:
        return Tokens()
    return Tokens(
        tokens=estimated["tokens"],
        copies_tokens=estimated["copies_tokens"],
        effective_tokens=estimated["effective_tokens"],
        counted_by=BYTES,
    )
