"""Tokenizers lose nothing, begin every document, and are the same whoever trains them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import ConfigError, InputError
from curator.evaluation.tokenizer import BEGIN, TextTokenizer, load_tokenizer, train_tokenizer
from curator.models.byte_pairs import PART
from tests.evaluation.texts_of_letters import texts

tokenizers = pytest.importorskip("tokenizers")

TRAIN = """
import hashlib
from tests.evaluation.texts_of_letters import texts
from curator.evaluation.tokenizer import train_tokenizer
content = train_tokenizer([texts(1), texts(2)], vocabulary=700, sample_bytes=400_000)
print(hashlib.sha256(content).hexdigest())
"""


@pytest.fixture(scope="module")
def trained() -> bytes:
    return train_tokenizer([texts(1), texts(2)], vocabulary=400, sample_bytes=50_000)


@pytest.fixture(scope="module")
def tokenizer(trained: bytes) -> TextTokenizer:
    return TextTokenizer(trained)


def decoded(content: bytes, tokens: np.ndarray) -> str:
    return str(tokenizers.Tokenizer.from_buffer(content).decode(tokens.tolist(), skip_special_tokens=False))


def test_the_vocabulary_is_as_large_as_asked_and_begins_with_the_begin(tokenizer: TextTokenizer) -> None:
    assert (tokenizer.size, tokenizer.begin, tokenizer.dtype) == (400, 0, np.uint16)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=6))
def test_documents_come_back_whole_each_after_its_begin(
    trained: bytes, tokenizer: TextTokenizer, documents: list[str | None]
) -> None:
    tokens, offsets = tokenizer.encode(pa.array(documents, pa.large_string()))
    assert (tokens.dtype, offsets.dtype, len(offsets)) == (np.uint16, np.int64, len(documents) + 1)
    assert len(tokens) == offsets[-1]
    assert tokens[offsets[:-1]].tolist() == [0] * len(documents)
    assert np.count_nonzero(tokens == 0) == len(documents)
    bodies = [decoded(trained, tokens[start + 1 : stop]) for start, stop in pairwise(offsets)]
    assert bodies == [document or "" for document in documents]


def test_the_name_of_the_begin_in_a_text_is_text(trained: bytes, tokenizer: TextTokenizer) -> None:
    tokens, _ = tokenizer.encode(pa.array([f"a {BEGIN} b"]))
    assert np.count_nonzero(tokens == tokenizer.begin) == 1
    assert decoded(trained, tokens[1:]) == f"a {BEGIN} b"


def test_a_long_document_is_read_in_parts_and_loses_nothing(trained: bytes, tokenizer: TextTokenizer) -> None:
    text = "ä" * (2 * PART + 1)
    tokens, offsets = tokenizer.encode(pa.chunked_array([[text], ["b"]]))
    assert decoded(trained, tokens[1 : offsets[1]]) == text


def test_training_does_not_depend_on_hash_seeds_or_threads(tmp_path: Path) -> None:
    here = train_tokenizer([texts(1), texts(2)], vocabulary=700, sample_bytes=400_000)
    found = {hashlib.sha256(here).hexdigest()}
    for seed, threads in (("1", "1"), ("2", "4")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "RAYON_NUM_THREADS": threads}
        run = subprocess.run([sys.executable, "-c", TRAIN], env=environment, capture_output=True, text=True, check=True)
        found.add(run.stdout.strip())
    assert len(found) == 1


def test_all_corpora_count_alike_whatever_their_size() -> None:
    small, large = pa.array(["ab " * 500]), pa.array(["cd " * 500] + ["xyzxyz " * 500] * 50)
    content = train_tokenizer([small, large], vocabulary=259, sample_bytes=10**6)
    vocabulary = tokenizers.Tokenizer.from_buffer(content).get_vocab()
    assert {"ab", "cd"} & set(vocabulary)
    assert not {"xy", "yz", "zx"} & set(vocabulary)


def test_too_little_text_for_the_vocabulary_is_an_error_with_the_mend() -> None:
    with pytest.raises(InputError, match=r"lower tokenizer\.vocabulary to 259 or name larger corpora"):
        train_tokenizer([pa.array(["abc"])], vocabulary=1_000, sample_bytes=1_000)


def test_a_given_tokenizer_gets_a_begin_of_its_own(tmp_path: Path, trained: bytes) -> None:
    given = tokenizers.Tokenizer.from_buffer(trained.replace(BEGIN.encode(), b"<|other|>"))
    given.enable_truncation(2)
    given.save(str(tmp_path / "tokenizer.json"))
    content = load_tokenizer(str(tmp_path / "tokenizer.json"))
    tokenizer = TextTokenizer(content)
    assert (tokenizer.size, tokenizer.begin) == (401, 400)
    tokens, _ = tokenizer.encode(pa.array(["abcde bcdea <|other|>"]))
    assert tokens[0] == 400
    assert 0 not in tokens
    assert decoded(content, tokens[1:]) == "abcde bcdea <|other|>"


def test_a_folder_of_transformers_is_a_tokenizer_too(tmp_path: Path, trained: bytes) -> None:
    transformers = pytest.importorskip("transformers")
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer.from_buffer(trained))
    fast.save_pretrained(str(tmp_path))
    ours, theirs = TextTokenizer(trained), TextTokenizer(load_tokenizer(str(tmp_path)))
    assert ours.encode(texts(3, 5))[0].tolist() == theirs.encode(texts(3, 5))[0].tolist()


def test_a_tokenizer_that_loses_characters_is_refused(tmp_path: Path) -> None:
    lossy = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    lossy.normalizer = tokenizers.normalizers.Lowercase()
    lossy.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    lossy.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ConfigError, match="loses characters, so bits per byte cannot be computed"):
        load_tokenizer(str(tmp_path / "tokenizer.json"))


def test_what_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"tokenizer\.path: not a tokenizer\.json"):
        load_tokenizer(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ConfigError, match=r"tokenizer\.path: .*missing\.json cannot be read"):
        load_tokenizer(str(tmp_path / "missing.json"))
