from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from curator.errors import ConfigError
from curator.models.decoder_schedule import TrainingSettings
from tests.models.small_decoder import small_shape

torch = pytest.importorskip("torch")
training = pytest.importorskip("curator.models.decoder_training")
pytestmark = pytest.mark.usefixtures("one_thread")

SHAPE = small_shape(sequence=8)
GIVEN = {"tokens": 64 * 40, "batch_tokens": 64, "budgets": (1.0,), "learning_rate": 0.02}
STREAM = np.cumsum(np.random.default_rng(1).integers(1, 3, 64 * 40 + 1)).astype(np.uint16) % 50  # a step of 1 or 2 each


def loss_at_the_end(model: Any) -> dict[str, float]:
    """The loss of the stream's last 20 rows, in nats per token."""
    rows = torch.from_numpy(STREAM[-20 * 9 :].astype(np.int64)).view(20, 9)
    with torch.no_grad():
        return {"end": model.loss(rows[:, :-1], rows[:, 1:].contiguous()).item() / 160}


def trained(*, stream: Any = STREAM, seed: int = 1, evaluate: Any = loss_at_the_end, **changed: Any) -> Any:
    settings = TrainingSettings(**{**GIVEN, **changed})
    return training.train(SHAPE, stream, settings=settings, seed=seed, evaluate=evaluate)


def test_the_loss_falls_on_a_stream_that_can_be_learned() -> None:
    curve = trained(tokens=64 * 40).curve
    assert [tokens for tokens, _ in curve] == [64 * 5 * part for part in range(1, 9)]
    assert curve[0][1]["end"] > 1.4 * curve[-1][1]["end"]
    assert curve[-1][1]["end"] > np.log(2)  # no model can know which step comes


def test_the_same_seed_gives_the_same_numbers_and_another_does_not() -> None:
    first, again, other = trained(seed=1), trained(seed=1), trained(seed=2)
    assert (first.points, first.curve) == (again.points, again.curve)
    assert first.points != other.points


def test_the_whole_budget_does_not_depend_on_the_shorter_ones() -> None:
    alone, among = trained(), trained(budgets=(0.25, 0.5, 1.0))
    assert among.points[-1] == alone.points[0]
    assert among.curve == alone.curve


def test_half_a_budget_is_a_whole_run_of_half_the_tokens() -> None:
    half = trained(budgets=(0.25, 0.5, 1.0), warmup_share=0.05).points[1]
    alone = trained(tokens=64 * 20, stream=STREAM[: 64 * 20 + 1], warmup_share=0.1)  # a warm-up of the same tokens
    assert half == alone.points[0]


def test_the_stream_behind_a_budget_does_not_change_it() -> None:
    changed = STREAM.copy()
    changed[64 * 20 + 1 :] = 7
    points, others = (trained(stream=stream, budgets=(0.5, 1.0)).points for stream in (STREAM, changed))
    assert points[0] == others[0]
    assert points[1] != others[1]


def test_a_point_is_the_mean_of_the_last_checkpoints() -> None:
    found: list[float] = []

    def counted(model: Any) -> dict[str, float]:
        found.append(float(model.embedding.detach().double().sum()))
        return {"sum": found[-1]}

    points = trained(
        evaluate=counted, tokens=64 * 20, batch_tokens=8, checkpoints=4
    ).points  # 160 steps: 154, 156, 158, 160
    assert points == ((64 * 20, {"sum": pytest.approx(np.mean(found[-4:]))}),)
    assert len(found) == 8 + 3  # the last belongs to the curve as well


def test_micro_batches_change_a_number_by_rounding_only(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(tokens=64 * 8).points[0][1]["end"]
    monkeypatch.setattr(training, "CPU_TOKENS", 24)  # three rows of eight at a time, the last two alone
    assert trained(tokens=64 * 8).points[0][1]["end"] == pytest.approx(whole, rel=1e-4)


def test_wider_tokens_are_the_same_stream() -> None:
    assert trained(stream=STREAM.astype(np.uint32), tokens=64 * 4).points == trained(tokens=64 * 4).points


def test_a_loss_that_is_not_finite_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"not finite at step \d+ of 40.*set a smaller training.learning_rate"):
        trained(learning_rate=1e30)


def test_parameters_and_seconds_are_told() -> None:
    result = trained(tokens=64)
    assert (result.parameters, result.non_embedding_parameters) == (6_000, 5_200)
    assert result.seconds > 0
