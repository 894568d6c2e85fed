from __future__ import annotations

import numpy as np
import pytest

from curator.models.pooling import Pooling, pooled

torch = pytest.importorskip("torch")

LENGTHS = (5, 1, 3)


def by_hand(tokens: np.ndarray, how: Pooling) -> np.ndarray:
    return {"mean": tokens.mean(axis=0), "cls": tokens[0], "last": tokens[-1]}[how]


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("how", ["mean", "cls", "last"])
def test_padding_on_either_side_does_not_count(how: Pooling, side: str) -> None:
    texts = [np.random.default_rng(length).normal(size=(length, 4)).astype(np.float32) for length in LENGTHS]
    states, mask = np.full((len(texts), 5, 4), 1e6, np.float32), np.zeros((len(texts), 5), bool)
    for row, tokens in enumerate(texts):
        place = slice(0, len(tokens)) if side == "right" else slice(5 - len(tokens), 5)
        states[row, place], mask[row, place] = tokens, True
    found = pooled(torch.tensor(states), torch.tensor(mask), how).numpy()
    assert np.allclose(found, [by_hand(tokens, how) for tokens in texts], atol=1e-6)


@pytest.mark.parametrize("how", ["mean", "cls", "last"])
def test_without_padding_no_mask_is_needed(how: Pooling) -> None:
    states = torch.tensor(np.random.default_rng(1).normal(size=(3, 4, 2)).astype(np.float32))
    assert torch.allclose(pooled(states, None, how), pooled(states, torch.ones(3, 4, dtype=torch.bool), how))


def test_a_mean_of_many_short_numbers_is_summed_in_float32() -> None:
    states = torch.full((1, 4096, 1), 1.0, dtype=torch.bfloat16)  # in bfloat16 1 + 1 + ... stops at 256
    for mask in (None, torch.ones(1, 4096, dtype=torch.bool)):
        found = pooled(states, mask, "mean")
        assert (found.dtype, found.item()) == (torch.float32, 1.0)


def test_a_padded_number_that_is_not_finite_does_not_count() -> None:
    states = torch.tensor([[[1.0], [float("nan")]]])
    assert pooled(states, torch.tensor([[True, False]]), "mean").item() == 1.0
