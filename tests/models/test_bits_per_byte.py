from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.models.small_decoder import small_shape

torch = pytest.importorskip("torch")
measure = pytest.importorskip("curator.models.bits_per_byte")
pytestmark = pytest.mark.usefixtures("one_thread")

SHAPE = small_shape(sequence=8)


@pytest.fixture(scope="module")
def model() -> Any:
    from curator.models.decoder import Decoder

    made = Decoder(SHAPE, 3)
    generator = torch.Generator().manual_seed(3)
    for parameter in made.parameters():  # at the start of a training the layers add nothing
        torch.nn.init.normal_(parameter, std=0.5, generator=generator)
    return made


def documents(lengths: list[int]) -> list[Any]:
    random = np.random.default_rng(4)
    return [np.concatenate([[0], random.integers(1, 50, length - 1)]).astype(np.uint16) for length in lengths]


def token_by_token(model: Any, document: Any, sequence: int) -> float:
    """The bits of one document: each token alone, from the window of half-window steps in which it is first seen."""
    step, bits = sequence // 2, 0.0
    for place in range(1, len(document)):
        start = 0 if place <= sequence else -(-(place - sequence) // step) * step
        with torch.no_grad():
            logits = model.logits(model.states(torch.from_numpy(document[None, start:place].astype(np.int64))))[0, -1]
        bits -= torch.log_softmax(logits.double(), 0)[int(document[place])].item() / math.log(2)
    return bits


def measured(model: Any, texts: list[Any], counts: list[int], sequence: int = 8, batch_tokens: int = 64) -> float:
    return float(
        measure.bits_per_byte(model, texts, counts, sequence=sequence, batch_tokens=batch_tokens, device="cpu")
    )


@pytest.mark.parametrize("sequence", [2, 5, 8])
@pytest.mark.parametrize("batch_tokens", [1, 30, 10_000])
def test_bits_are_those_of_one_token_at_a_time(model: Any, sequence: int, batch_tokens: int) -> None:
    texts = documents([5, 2, 9, 10, 12, 13, 14, 40, 3, 8])
    counts = [3 * len(text) for text in texts]
    expected = sum(token_by_token(model, text, sequence) for text in texts) / sum(counts)
    assert measured(model, texts, counts, sequence, batch_tokens) == pytest.approx(expected, rel=1e-5)


def test_a_document_of_nothing_but_its_first_token_has_no_bits(model: Any) -> None:
    texts = documents([1, 6, 1])
    assert measured(model, texts, [0, 10, 0]) == pytest.approx(measured(model, texts[1:2], [10]))
    assert measured(model, documents([1]), [4]) == 0
    assert measured(model, [], [4]) == 0


def test_every_byte_counts_the_same_in_whichever_document(model: Any) -> None:
    texts, counts = documents([6, 30]), [10, 200]
    bits = [measured(model, [text], [count]) * count for text, count in zip(texts, counts, strict=True)]
    assert measured(model, texts, counts) == pytest.approx(sum(bits) / 210)


def test_a_model_that_knows_nothing_needs_the_logarithm_of_its_vocabulary() -> None:
    from curator.models.decoder import Decoder

    ignorant = Decoder(SHAPE, 3)
    torch.nn.init.zeros_(ignorant.embedding)
    assert measured(ignorant, documents([11, 4]), [13, 0]) == pytest.approx(math.log2(50))
