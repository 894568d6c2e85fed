"""Arrays come back from bytes as they were, the same arrays are the same bytes, and no pickle is read."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from curator.store.arrays import from_npy, from_npz, to_npy, to_npz

KINDS = st.sampled_from([np.dtype(name) for name in ("bool", "uint8", "int32", "uint64", "float16", "float64", "U3")])
ARRAYS = arrays_of.arrays(KINDS, arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
NAMES = st.text("abc._", min_size=1, max_size=5)


def is_same(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@given(st.dictionaries(NAMES, ARRAYS, max_size=4))
def test_named_arrays_come_back_as_they_were_and_in_their_order(arrays: dict[str, npt.NDArray[Any]]) -> None:
    found = from_npz(to_npz(**arrays))
    assert list(found) == list(arrays)
    assert all(is_same(found[name], array) for name, array in arrays.items())


@given(ARRAYS)
def test_one_array_comes_back_as_it_was(array: npt.NDArray[Any]) -> None:
    assert is_same(from_npy(to_npy(array)), array)


def test_a_number_comes_back_as_an_array_without_dimensions() -> None:
    found = from_npz(to_npz(intercept=np.float64(0.1)))["intercept"]
    assert found.shape == ()
    assert float(found) == 0.1


def test_no_arrays_come_back_as_none() -> None:
    assert from_npz(to_npz()) == {}


def test_the_bytes_are_those_that_numpy_writes_and_hold_no_date() -> None:
    array, npz, npy = np.arange(6).reshape(2, 3), io.BytesIO(), io.BytesIO()
    np.savez(npz, rows=array)
    np.save(npy, array)
    assert to_npz(rows=array) == npz.getvalue()
    assert to_npy(array) == npy.getvalue()
    assert zipfile.ZipFile(npz).getinfo("rows.npy").date_time == (1980, 1, 1, 0, 0, 0)


def test_a_pickle_is_not_read() -> None:
    harmful = np.array([{"a": 1}], dtype=object)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        from_npz(to_npz(rows=harmful))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        from_npy(to_npy(harmful))
