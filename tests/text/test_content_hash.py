"""Content hashes are equal for texts that differ in white space only; addresses hash alike in their normal form."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.content_hash import BLOCK, content_hashes, url_hashes

SPACES = " \t\n\x1c\x85\u00a0\u1680\u2003\u2028\u205f\u3000"
soup = st.text(st.sampled_from(SPACES + "ab\u00e9\u0300\u200b\u4e2d\u3001\u3042\u2014\U0001f600"), max_size=60)


def hashes(texts: list[str | None], kind: pa.DataType | None = None) -> list[tuple[int, int]]:
    high, low = content_hashes(pa.array(texts, kind or pa.large_string()))[0]
    return list(zip(high.tolist(), low.tolist(), strict=True))


@settings(deadline=None)
@given(st.lists(soup, min_size=1, max_size=8), st.integers(0, 3))
def test_texts_hash_alike_exactly_when_they_have_the_same_words(texts: list[str], stretch: int) -> None:
    long = [text * (1 + stretch * BLOCK // 40) for text in texts]
    plain = [" ".join(text.split()) for text in long]
    assert hashes(long) == hashes(plain)
    assert len(set(hashes(long))) == len(set(plain))


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
@pytest.mark.parametrize("blank", [" ", "\u3000", "\r\n\r\n"])
def test_white_space_at_the_border_of_a_block_does_not_count(length: int, blank: str) -> None:
    text = "x" * length
    variants = [text, text + blank, blank + text, text + blank * BLOCK, blank * BLOCK + text]
    assert len(set(hashes(variants))) == 1
    assert len(set(hashes([f"{text}{blank * times}y" for times in (1, 2, BLOCK)]))) == 1
    assert len(set(hashes(["x" + text, f"x{text}y", f"x{text}{blank}y"]))) == 3


@settings(deadline=None)
@given(st.lists(st.text() | st.none(), max_size=6))
def test_code_points_are_counted_and_null_is_empty(texts: list[str | None]) -> None:
    for kind in (pa.string(), pa.large_string()):
        array = pa.array(["before", *texts], kind).slice(1)
        assert content_hashes(array)[1].tolist() == [len(text or "") for text in texts]
        assert hashes(texts, kind) == hashes([text or "" for text in texts])


def test_a_nul_at_the_end_counts() -> None:
    assert len(set(hashes(["a", "a\0", "a\0\0", "", "\0"]))) == 5


def test_addresses_hash_alike_in_their_normal_form_and_none_has_none() -> None:
    urls = ["HTTPS://Example.org/%7Ea", "https://example.org/~a", "https://example.org/~b", None, ""]
    first, second, third, none, empty = url_hashes(pa.array(urls)).to_pylist()
    assert first == second != third
    assert none is None
    assert empty is not None
