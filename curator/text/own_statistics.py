"""Statistics that users add: one function in a module of theirs, named `module:function` in the YAML.

The function is given a table of documents (doc_id, text, url, source, metadata, language; one row each) and returns one number for
each, as an Arrow or numpy array. It must be pure: the same documents, the same numbers.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.errors import ConfigError

PREFIX = "own."
"""What stands before the name of a user's filter, in columns and in reasons."""
GIVEN = ("doc_id", "text", "url", "source", "metadata", "language")
"""The columns that a user's function is given."""

Function = Callable[[pa.Table], Any]
Numbers = npt.NDArray[np.float64]


@cache
def load_function(name: str) -> Function:
    """The function `module:function`, from the Python path or the working folder. Raises ConfigError where there is none."""
    module_name, _, function_name = name.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a user's module may fail in any way while it is imported
        raise ConfigError(f"{name}: the module {module_name} cannot be imported: {error}") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise ConfigError(f"{name}: the module {module_name} has no function {function_name}")
    return function  # type: ignore[no-any-return]


def source_digest(name: str) -> str:
    """A hash of the file that the function stands in, so that an edited filter is computed again."""
    try:
        source = inspect.getsource(sys.modules[load_function(name).__module__])
    except (OSError, TypeError) as error:
        raise ConfigError(f"{name}: the source of the function cannot be read: {error}") from error
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def own_statistics(documents: pa.Table, functions: Mapping[str, str]) -> tuple[pa.Table, list[str | None]]:
    """What each function (filter's name -> `module:function`) says of every document.

    Returns a table with one float64 column `own.<name>` for each, and for every document the first error, or None: where a
    function raises, the documents are halved until the odd ones stand alone, so that each costs itself and no other.
    """
    given = documents.select(GIVEN)
    errors: list[str | None] = [None] * documents.num_rows
    columns = {}
    for name, function in functions.items():
        values, failed = _values(given, function)
        columns[PREFIX + name] = pa.array(values, from_pandas=True)
        for row, error in failed.items():
            errors[row] = errors[row] or f"{function}: {error}"
    return pa.table(columns), errors


def _values(documents: pa.Table, name: str) -> tuple[Numbers, dict[int, str]]:
    """The function's numbers, and the errors by row. Halves the documents until those that raise stand alone."""
    if not documents.num_rows:
        return np.empty(0), {}
    try:
        return _call(documents, name), {}
    except ConfigError:
        raise
    except Exception as error:
        if documents.num_rows == 1:
            return np.full(1, np.nan), {0: f"{type(error).__name__}: {error}"}
    half = documents.num_rows // 2
    first, first_errors = _values(documents.slice(0, half), name)
    second, second_errors = _values(documents.slice(half), name)
    return np.concatenate([first, second]), first_errors | {half + row: why for row, why in second_errors.items()}


def _call(documents: pa.Table, name: str) -> Numbers:
    """One call, its result checked. Raises ConfigError where it is not one number for each document."""
    result = load_function(name)(documents)
    if isinstance(result, (pa.ChunkedArray, pa.Array)):
        result = result.to_numpy() if isinstance(result, pa.ChunkedArray) else result.to_numpy(zero_copy_only=False)
    values = np.asarray(result)
    if values.shape != (documents.num_rows,) or values.dtype.kind not in "biuf":
        raise ConfigError(
            f"{name} must return one number for each of the {documents.num_rows} documents it is given; "
            f"it returned {values.dtype} of shape {values.shape}"
        )
    return values.astype(np.float64)
