from __future__ import annotations

import pyarrow as pa
import pytest

from curator.errors import ConfigError
from curator.models import tokens
from curator.models.sentence_files import SentenceModel
from curator.models.tokens import WINDOWS, Tokenizer, Windows

pytest.importorskip("transformers")

CLS, SEP, THE, SHIP, SALT, ED, UNKNOWN = 2, 3, 5, 6, 15, 16, 1


def windows(
    model: str, *texts: str | None, max_tokens: int = 6, kind: Windows = "first", **more: object
) -> list[object]:
    described = SentenceModel(name=model, max_tokens=max_tokens, **more)  # type: ignore[arg-type]
    found = Tokenizer(described, kind).windows(pa.array(texts, pa.string()))
    assert found.type == WINDOWS
    return list(found.to_pylist())


def test_a_text_is_cut_into_pieces_of_words_between_the_special_tokens(saved_model: str) -> None:
    assert windows(saved_model, "salted", "The SHIP", "zebra") == [
        [[CLS, SALT, ED, SEP]],
        [[CLS, THE, SHIP, SEP]],
        [[CLS, UNKNOWN, SEP]],
    ]


def test_the_first_window_ends_at_max_tokens(saved_model: str) -> None:
    assert windows(saved_model, "the the the the ship ship") == [[[CLS, THE, THE, THE, THE, SEP]]]


def test_all_windows_hold_the_whole_text(saved_model: str) -> None:
    found = windows(saved_model, "the the the the ship ship", "ship", kind="mean")
    assert found == [[[CLS, THE, THE, THE, THE, SEP], [CLS, SHIP, SHIP, SEP]], [[CLS, SHIP, SEP]]]


@pytest.mark.parametrize("kind", ["first", "mean"])
def test_a_text_of_nothing_but_white_space_has_no_window(saved_model: str, kind: Windows) -> None:
    assert windows(saved_model, "", " \n\u3000", None, "ship", kind=kind, prefix="the ") == [
        [],
        [],
        [],
        [[CLS, THE, SHIP, SEP]],
    ]


def test_no_texts_have_no_windows(saved_model: str) -> None:
    assert windows(saved_model) == []


def test_the_prefix_stands_before_every_text_once(saved_model: str) -> None:
    found = windows(saved_model, "ship " * 5, kind="mean", prefix="the ")
    assert found == [[[CLS, THE, SHIP, SHIP, SHIP, SEP], [CLS, SHIP, SHIP, SEP]]]


def test_no_window_is_longer_than_the_model_can_read(saved_model: str) -> None:
    ((window,),) = windows(saved_model, "ship " * 100, max_tokens=1000)  # type: ignore[misc]
    assert len(window) == 40


def test_the_pieces_in_which_texts_are_tokenised_cannot_be_seen(
    saved_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [("the ship " * (number % 7)).strip() for number in range(50)]
    whole = windows(saved_model, *texts, kind="mean")
    monkeypatch.setattr(tokens, "PIECE_BYTES", 40)
    assert windows(saved_model, *texts, kind="mean") == whole
    large = Tokenizer(SentenceModel(name=saved_model, max_tokens=6), "mean").windows(
        pa.array(texts, pa.large_string()).slice(3)
    )
    assert large.to_pylist() == whole[3:]


def test_a_model_without_a_fast_tokenizer_is_refused(
    tmp_path: object, saved_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    class Slow:
        is_fast = False
        all_special_tokens = ()

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda *given, **named: Slow())
    with pytest.raises(ConfigError, match="has no fast tokenizer"):
        Tokenizer(SentenceModel(name=saved_model))
