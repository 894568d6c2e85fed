"""The next token of each request of a batch, drawn from its own numbers: what else is in the batch does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from curator.errors import ConfigError
from curator.rephrase.requests import Request

Logits = npt.NDArray[np.float32]


class Answer:
    """The tokens of one answer as they come, at most `limit`, the last one of `ends` where it `stopped`."""

    def __init__(self, request: Request, limit: int, ends: Sequence[int]) -> None:
        self._request, self.limit, self._ends = request, limit, ends
        self._random = np.random.default_rng(request.seed)
        self.tokens: list[int] = []

    @property
    def stopped(self) -> bool:
        return bool(self.tokens) and self.tokens[-1] in self._ends

    @property
    def finished(self) -> bool:
        return self.stopped or len(self.tokens) >= self.limit

    @property
    def text_tokens(self) -> list[int]:
        """Without the one that ends it."""
        return self.tokens[:-1] if self.stopped else self.tokens

    def take(self, logits: Logits) -> int:
        """Draws its next token from float32 (vocabulary,)."""
        token = drawn(logits, self._request.temperature, self._request.top_p, self._random.random())
        self.tokens.append(token)
        return token


class Drawing:
    """What `generate` of transformers asks for the next tokens and whether they are the last.

    Its own sampling takes one temperature and one state of chance for a whole batch. So each row is drawn here, on the CPU, and
    `generate` is given logits that allow the drawn token alone.
    """

    def __init__(self, answers: Sequence[Answer], padding: int) -> None:
        self._answers, self._padding = answers, padding

    def __call__(self, _: Any, scores: Any) -> Any:
        """A processor of logits, float32 (requests, vocabulary)."""
        import torch

        rows = scores.float().cpu().numpy()
        if not np.isfinite(rows.max(axis=1)).all():
            raise ConfigError("the model that rephrases gives logits that are no finite numbers; set dtype: float32")
        tokens = [
            self._padding if answer.finished else answer.take(row)
            for answer, row in zip(self._answers, rows, strict=True)
        ]
        forced = torch.full_like(scores, -torch.inf)
        forced[torch.arange(len(tokens)), torch.tensor(tokens)] = 0.0
        return forced

    def finished(self, ids: Any, _: Any, **__: Any) -> Any:
        """A criterion for stopping, bool (requests,)."""
        import torch

        return torch.tensor([answer.finished for answer in self._answers], device=ids.device)


def drawn(logits: Logits, temperature: float, top_p: float, chance: float) -> int:
    """A token by its probability at this temperature, among the likeliest that together reach `top_p` (Holtzman et al. 2020,
    arXiv 1904.09751); `chance` in [0, 1) decides. The likeliest at temperature 0. Equals go by their number.
    """
    if temperature == 0:
        return int(logits.argmax())
    shares = np.exp((logits - logits.max()).astype(np.float64) / temperature)
    shares /= shares.sum()
    # those below this share hold less than 1 - top_p together; sorting all of a vocabulary takes longer than a small model does
    candidates = np.flatnonzero(shares > (1 - top_p) / (2 * len(shares)))
    if top_p < 1:
        candidates = candidates[np.argsort(-shares[candidates], kind="stable")]
        candidates = candidates[: np.searchsorted(np.cumsum(shares[candidates]), top_p) + 1]
    reached = np.cumsum(shares[candidates])
    place = np.searchsorted(reached, chance * reached[-1], side="right")
    return int(candidates[min(place, len(candidates) - 1)])  # a product next to 1 may round to it
