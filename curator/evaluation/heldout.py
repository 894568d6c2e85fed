"""The held-out sets: texts that measure models and that none of them is trained on."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from curator.config.evaluation import HeldOut
from curator.evaluation.corpora import read_texts
from curator.text.buffers import one_array


def read_heldout(sets: Mapping[str, HeldOut], *, seed: int, most_bytes: int) -> dict[str, pa.Array]:
    """The texts (large_string) of every set by its name, in the order of `sets`; of a set above `most_bytes` a uniform sample.

    Give every training run the same seed, or they are measured by different texts. Raises InputError, with the name of the
    set, where a file cannot be read or a set has no text.
    """
    return {
        name: one_array(read_texts(heldout.path, key=f"heldout.{name}.path", seed=seed, most_bytes=most_bytes)["text"])
        for name, heldout in sets.items()
    }
