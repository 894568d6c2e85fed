"""An embedder of the user's own: a class in a module of theirs, named `module:Class` in the YAML, with one method `encode`.

`encode` is given an Arrow array of texts and returns one row of numbers for each, as a numpy array.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pyarrow as pa

from curator.config.embedding import OwnEmbedder
from curator.errors import ConfigError
from curator.models.vectors import Rows, unit_rows
from curator.text.own_statistics import load_function


def check_own_embedder(own: OwnEmbedder) -> None:
    """Raises ConfigError where the class cannot be loaded, or has no method `encode`."""
    found = load_function(own.name)
    if not inspect.isclass(found) or not callable(getattr(found, "encode", None)):
        raise ConfigError(f"embedding.own: {own.name} must be a class with a method `encode`")


class CheckedEmbedder:
    """The user's embedder behind checks of what it returns."""

    def __init__(self, own: OwnEmbedder) -> None:
        check_own_embedder(own)
        self._own = own
        made: Any = load_function(own.name)
        self._embedder = made(**own.settings)

    def encode(self, texts: pa.Array) -> Rows:
        """The user's rows as L2-normalised float32 (n, dimensions). Raises ConfigError where they are anything else."""
        rows = np.asarray(self._embedder.encode(texts))
        wanted = (len(texts), self._own.dimensions)
        if rows.shape != wanted or rows.dtype.kind not in "iuf":
            raise ConfigError(
                f"embedding.own: {self._own.name} must return numbers of shape {wanted}, (texts, embedding.own.dimensions); "
                f"it returned {rows.dtype} of shape {rows.shape}"
            )
        if not np.isfinite(rows).all():
            raise ConfigError(f"embedding.own: {self._own.name} returned numbers that are not finite (NaN or infinite)")
        return unit_rows(rows.astype(np.float32))
