"""A model of entailment gives what transformers gives for pairs, and the best of all windows of a long text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from curator.config.entailment import Entailment
from curator.errors import ConfigError
from curator.models.entailment import EntailmentModel, check_entailment
from curator.models.pair_tokens import PairTokenizer
from curator.models.sentence_files import SentenceModel
from tests.models.conftest import WORDS, Saved

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.usefixtures("offline")

POSITIONS = 40
LABELS = {0: "contradiction", 1: "neutral", 2: "entailment"}
PAIRS = [
    ("the ship left the harbour", "the harbour left"),
    ("bread", "flour and salt and bread"),
    ("the ship left at dawn with flour and salt and bread", "bread at dawn"),
    ("", "the ship left"),
    ("a word that is unknown", "unknown words"),
]
LONG = " ".join((WORDS[:10] * 12)[:110])


def model_of(with_head: Saved, kind: str = "Bert", **more: Any) -> str:
    numbers = {name: number for number, name in LABELS.items()}
    return with_head(kind, id2label=LABELS, label2id=numbers, **more)


def scores(path: str, pairs: list[tuple[str, str]], **settings: Any) -> np.ndarray:
    found = EntailmentModel(Entailment(model=path, **settings)).score(
        *(list(side) for side in zip(*pairs, strict=True))
    )
    assert (found.dtype, found.shape) == (np.float32, (len(pairs),))
    return found


def expected(path: str, source: str, sentence: str, label: int = 2) -> float:
    """What transformers itself gives, with the types of tokens that its tokenizer gives where the model knows two."""
    given = transformers.AutoTokenizer.from_pretrained(path)(source, sentence, return_tensors="pt")
    model = transformers.AutoModelForSequenceClassification.from_pretrained(path).eval()
    types = {"token_type_ids": given.token_type_ids} if model.config.type_vocab_size > 1 else {}
    with torch.no_grad():
        logits = model(input_ids=given.input_ids, **types).logits[0]
    return float(torch.softmax(logits, dim=0)[label])


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "DebertaV2"])
@pytest.mark.parametrize("batch_tokens", [1, 60, 10_000])
def test_a_pair_has_the_probability_of_the_label(with_head: Saved, kind: str, batch_tokens: int) -> None:
    sizes = {"pad_token_id": 0, "max_position_embeddings": POSITIONS + 1}  # RoBERTa skips one
    path = model_of(with_head, kind, type_vocab_size=2 if kind == "Bert" else 1, **sizes)
    found = scores(path, PAIRS, batch_tokens=batch_tokens)
    assert np.allclose(found, [expected(path, *pair) for pair in PAIRS], atol=1e-5)
    assert np.ptp(found) > 0.1


def test_which_text_is_which_decides(with_head: Saved) -> None:
    path = model_of(with_head)
    there, back = scores(path, [PAIRS[2], PAIRS[2][::-1]])
    assert abs(there - back) > 1e-3


@pytest.mark.parametrize(("label", "number"), [("neutral", 1), ("0", 0)])
def test_another_label_may_be_meant(with_head: Saved, label: str, number: int) -> None:
    path = model_of(with_head)
    assert scores(path, PAIRS[:1], label=label)[0] == pytest.approx(expected(path, *PAIRS[0], number), abs=1e-5)


def test_a_long_text_has_the_greatest_probability_of_its_windows(with_head: Saved) -> None:
    path, sentence = model_of(with_head), "bread and salt"
    words = LONG.split()
    room, step = POSITIONS - 3 - 3, POSITIONS - 3 - 3 - POSITIONS // 4  # what the sentence and three separators leave
    windows = [" ".join(words[start : start + room]) for start in range(0, len(words) - room + step, step)]
    assert len(windows) > 3
    values = [expected(path, window, sentence) for window in windows]
    assert scores(path, [(LONG, sentence)])[0] == pytest.approx(max(values), abs=1e-5)
    assert max(values) - min(values) > 1e-3


def test_every_word_of_a_text_is_in_a_window_with_the_whole_sentence(with_head: Saved) -> None:
    tokenizer = PairTokenizer(SentenceModel(name=model_of(with_head), max_tokens=POSITIONS))
    windows, owners = tokenizer.windows([LONG, "bread"], ["the ship left", "salt"])
    ids = [window for (window,) in windows.to_pylist()]
    assert owners.tolist() == [0] * (len(ids) - 1) + [1]
    assert max(map(len, ids)) <= POSITIONS
    tail = ids[0][ids[0].index(tokenizer.separator) :]
    assert all(window[window.index(tokenizer.separator) :] == tail for window in ids[:-1])
    assert sum(len(window) - len(tail) - 1 for window in ids[:-1]) >= len(LONG.split())


def test_a_sentence_longer_than_the_model_leaves_room_for_the_text(with_head: Saved) -> None:
    path = model_of(with_head)
    cut = " ".join(LONG.split()[: POSITIONS // 2])
    assert scores(path, [("the ship", LONG)])[0] == pytest.approx(expected(path, "the ship", cut), abs=1e-5)


def test_no_pairs_have_no_scores(with_head: Saved) -> None:
    assert EntailmentModel(Entailment(model=model_of(with_head))).score([], []).shape == (0,)


def test_a_model_that_is_of_no_use_is_an_error_before_its_weights_are_read(with_head: Saved) -> None:
    path = model_of(with_head)
    check_entailment(Entailment(model=path))
    with pytest.raises(ConfigError, match=r"the model /nowhere cannot be loaded: [^\n]+$"):
        check_entailment(Entailment(model="/nowhere"))
    with pytest.raises(ConfigError, match=r"has no label supported; choose one of contradiction, neutral, entailment$"):
        check_entailment(Entailment(model=path, label="supported"))
