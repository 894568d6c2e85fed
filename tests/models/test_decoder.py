from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from curator.models.decoder_presets import PRESETS
from tests.models.small_decoder import small_shape

torch = pytest.importorskip("torch")
decoder = pytest.importorskip("curator.models.decoder")  # as a name: without torch it cannot be imported

SHAPE = small_shape(sequence=12)


def some_tokens(rows: int = 3, places: int = 12) -> Any:
    return torch.randint(0, 50, (rows, places), generator=torch.Generator().manual_seed(5))


def stirred(seed: int = 1) -> Any:
    """A model whose layers do something: at the start of a training they add nothing."""
    model = decoder.Decoder(SHAPE, seed)
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.blocks.parameters():
        torch.nn.init.normal_(parameter, std=0.3, generator=generator)
    return model


def all_logits(model: Any, tokens: Any) -> Any:
    with torch.no_grad():
        return model.logits(model.states(tokens))


def test_a_later_token_changes_no_earlier_logits() -> None:
    model, tokens = stirred(), some_tokens()
    changed = tokens.clone()
    changed[:, 7] = (changed[:, 7] + 1) % 50
    before, after = all_logits(model, tokens), all_logits(model, changed)
    assert torch.equal(before[:, :7], after[:, :7])
    assert (before[:, 7:] - after[:, 7:]).abs().amax((0, 2)).min() > 1e-4  # all places behind it see it


def test_a_shorter_row_has_the_logits_of_the_longer_rows_beginning() -> None:
    model, tokens = stirred(), some_tokens()
    assert torch.allclose(all_logits(model, tokens[:, :5]), all_logits(model, tokens)[:, :5], atol=1e-5)


def test_turned_queries_and_keys_meet_by_their_distance_alone() -> None:
    generator = torch.Generator().manual_seed(2)
    query, key = torch.randn(2, 1, 1, 1, 8, generator=generator).expand(2, 1, 40, 1, 8)  # the same one at 40 places
    turns = decoder.rotary_turns(40, 8)
    products = decoder.rotated(query, turns)[0, :, 0] @ decoder.rotated(key, turns)[0, :, 0].T
    for distance in (-5, 0, 1, 17):
        diagonal = products.diagonal(distance)
        assert torch.allclose(diagonal, diagonal[0].expand_as(diagonal), atol=1e-4)
    assert products[0].std() > 0.1


def test_turning_keeps_the_length() -> None:
    heads = torch.randn(2, 40, 3, 8, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(
        decoder.rotated(heads, decoder.rotary_turns(40, 8)).norm(dim=-1), heads.norm(dim=-1), atol=1e-5
    )


def test_tokens_in_and_out_share_one_matrix() -> None:
    model, tokens = stirred(), some_tokens()
    shapes = [tuple(parameter.shape) for parameter in model.parameters()]
    assert shapes.count((50, 16)) == 1
    states = model.states(tokens)
    assert torch.allclose(model.logits(states), states @ model.embedding.T, atol=1e-6)


def test_at_first_the_layers_add_nothing() -> None:
    model, tokens = decoder.Decoder(SHAPE, 1), some_tokens()
    assert torch.allclose(model.states(tokens), model.norm(50 * model.embedding[tokens]), atol=1e-5)


def test_parameters_are_counted_with_and_without_embeddings() -> None:
    block = 4 * 16 * 16 + 3 * 16 * 32 + 2 * 16
    assert decoder.parameter_counts(decoder.Decoder(SHAPE, 1)) == (50 * 16 + 2 * block + 16, 2 * block + 16)


def test_the_seed_alone_makes_the_weights() -> None:
    torch.manual_seed(99)
    first, again, other = (decoder.Decoder(SHAPE, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["embedding"], other["embedding"])


@pytest.mark.parametrize("logits_at_a_time", [1, 50 * 7, 10**6])
def test_the_loss_and_its_gradients_are_those_of_torch(monkeypatch: pytest.MonkeyPatch, logits_at_a_time: int) -> None:
    monkeypatch.setattr(decoder, "CPU_LOGITS", logits_at_a_time)
    model, tokens, targets = stirred(), some_tokens(), some_tokens().flip(1)
    losses, gradients = [], []
    for loss in (
        model.loss(tokens, targets),
        torch.nn.functional.cross_entropy(
            model.logits(model.states(tokens)).flatten(0, 1), targets.flatten(), reduction="sum"
        ),
    ):
        gradients.append(torch.autograd.grad(3 * loss, list(model.parameters())))
        losses.append(loss.item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert all(torch.allclose(own, theirs, atol=1e-4) for own, theirs in zip(*gradients, strict=True))


def test_products_in_bfloat16_change_the_last_digits_only() -> None:
    model, tokens = stirred(), some_tokens()
    exact = torch.autograd.grad(model.loss(tokens, tokens), list(model.parameters()))
    with torch.autocast("cpu", torch.bfloat16):
        loss = model.loss(tokens, tokens)
    rough = torch.autograd.grad(loss, list(model.parameters()))
    assert loss.dtype == torch.float32
    for one, other in zip(exact, rough, strict=True):
        assert other.dtype == torch.float32
        assert 0 < (one - other).norm() < 0.02 * one.norm()


def test_a_token_that_seemed_impossible_has_a_finite_loss() -> None:
    model = stirred()
    with torch.no_grad():
        model.embedding.mul_(1e6)  # logits so far apart that every probability but one is 0 in float32
    assert torch.isfinite(model.loss(some_tokens(), some_tokens().flip(1)))


@pytest.mark.parametrize(
    ("name", "everything", "without"),
    [
        ("nano", 614_880, 221_664),
        ("4m", 787_520, 525_376),
        ("20m", 10_229_952, 9_443_520),
        ("60m", 39_334_272, 37_761_408),
    ],
)
def test_presets_have_the_sizes_that_the_docs_say(name: str, everything: int, without: int) -> None:
    shape = PRESETS[name].shape(vocabulary=4_096, sequence=256)
    assert decoder.parameter_counts(decoder.Decoder(shape, 1)) == (everything, without)


def test_a_preset_takes_vocabulary_and_sequence_from_the_caller() -> None:
    shape = PRESETS["4m"].shape(vocabulary=300, sequence=64)
    assert dataclasses.astuple(shape) == (64, 8, 8, 256, 300, 64)
