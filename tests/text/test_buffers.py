"""Beginnings of texts."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.text.buffers import first_characters, one_array


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@settings(deadline=None)  # the first call of Arrow loads more of it
@given(st.lists(st.none() | st.text()), st.integers(1, 9))
def test_the_beginning_of_a_text_is_so_many_code_points(
    kind: pa.DataType, texts: list[str | None], characters: int
) -> None:
    column = pa.chunked_array([pa.array(texts, kind), pa.array(texts, kind)])
    found = first_characters(column, characters)
    expected = [None if text is None else text[:characters] for text in texts]
    assert found.to_pylist() == expected * 2
    assert found.type == kind
    assert first_characters(one_array(column), characters).to_pylist() == expected * 2
