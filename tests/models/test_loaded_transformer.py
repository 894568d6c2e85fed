from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import ConfigError
from curator.models.loaded_transformer import LoadedTransformer, load_config, load_weights, prepared_device
from curator.models.sentence_files import SentenceModel

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

PADDING = 90
WINDOWS = st.lists(st.lists(st.integers(0, 80), max_size=20), max_size=30)


class Doubling(torch.nn.Module):  # type: ignore[name-defined, misc]
    """The smallest transformer: its states are twice the tokens. Notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(pad_token_id=PADDING, max_position_embeddings=None)
        self.weight = torch.nn.Parameter(torch.tensor(2.0))
        self.inputs: list[tuple[Any, Any]] = []

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        self.inputs.append((input_ids, attention_mask))
        return input_ids * self.weight


def sums(states: Any, mask: Any) -> Any:
    """A row of each window: the sum of its states, and how many there are."""
    inside = torch.ones_like(states) if mask is None else mask
    return torch.stack([(states * inside).sum(1), inside.sum(1)], dim=1).float()


def lists(windows: list[list[int]]) -> pa.ListArray:
    return pa.array(windows, pa.list_(pa.int32()))


def loaded(model: Doubling, **wishes: Any) -> LoadedTransformer:
    return LoadedTransformer(model, torch.device("cpu"), **wishes)


@settings(deadline=None)  # the first call loads a part of torch
@given(WINDOWS, st.sampled_from([None, 1, 16, 50]), st.booleans())
def test_every_window_has_the_row_of_its_own_tokens(
    windows: list[list[int]], batch_tokens: int | None, padded: bool
) -> None:
    rows = loaded(Doubling(), batch_tokens=batch_tokens, padded=padded).rows(lists(windows), sums, (2,))
    assert rows.dtype == np.float32
    assert rows.tolist() == [[2 * sum(window), len(window)] for window in windows]


@settings(deadline=None)
@given(WINDOWS, st.sampled_from([16, 50]))
def test_a_mask_is_given_where_there_is_padding_only(windows: list[list[int]], batch_tokens: int) -> None:
    model = Doubling()
    loaded(model, batch_tokens=batch_tokens).rows(lists(windows), sums, (2,))
    for tokens, mask in model.inputs:
        assert tokens.numel() <= batch_tokens or len(tokens) == 1
        assert (mask is None) == (not (tokens == PADDING).any())
        assert mask is None or torch.equal(mask, (tokens != PADDING).long())


def test_without_padding_the_windows_go_one_by_one() -> None:
    model = Doubling()
    loaded(model, batch_tokens=1_000, padded=False).rows(lists([[4], [5, 6, 7], [], [8, 9]]), sums)
    assert [(tokens.tolist(), mask) for tokens, mask in model.inputs] == [
        ([[5, 6, 7]], None),
        ([[8, 9]], None),
        ([[4]], None),
    ]


def test_a_row_may_be_one_number() -> None:
    windows = lists([[4], [], [5, 6]])
    assert loaded(Doubling()).rows(windows, lambda states, mask: states[:, 0]).tolist() == [8, 0, 10]
    assert loaded(Doubling()).rows(windows.slice(1, 1), lambda states, mask: states[:, 0]).tolist() == [0]


def test_a_slice_of_windows_goes_alone() -> None:
    rows = loaded(Doubling()).rows(lists([[1], [2, 3], [], [4], [5]]).slice(1, 3), sums)
    assert rows.tolist() == [[10, 2], [0, 0], [8, 1]]


@pytest.mark.parametrize(("dtype", "expected"), [("auto", "float32"), ("float32", "float32"), ("bfloat16", "bfloat16")])
def test_the_weights_have_the_dtype_that_is_asked_for(dtype: str, expected: str) -> None:
    model = Doubling()
    loaded(model, dtype=dtype)
    assert model.weight.dtype == getattr(torch, expected)
    assert not model.training


def test_a_core_is_one_thread() -> None:
    torch.set_num_threads(2)
    assert prepared_device(SentenceModel(name="any"), on_gpu=False) == torch.device("cpu")
    assert torch.get_num_threads() == 1


def test_a_gpu_that_is_asked_for_and_missing_is_an_error() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigError, match=r"^some/model is to run on a GPU .* finds none on the worker"):
        prepared_device(SentenceModel(name="some/model"), on_gpu=True)


def test_no_keys_and_values_are_kept_for_a_next_token(saved_decoder: str) -> None:
    assert transformers.AutoConfig.from_pretrained(saved_decoder).use_cache
    weights = load_weights(transformers.AutoModel, SentenceModel(name=saved_decoder))
    assert weights(input_ids=torch.tensor([[2, 5, 3]])).past_key_values is None


def test_an_encoder_with_a_decoder_is_named(tmp_path: Path) -> None:
    transformers.T5Config(vocab_size=8, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2).save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match=f"^{tmp_path} has an encoder and a decoder"):
        load_config(SentenceModel(name=str(tmp_path)))
