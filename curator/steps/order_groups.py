"""Which documents of the order belong together: those alike in everything that a stage's mixture names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.sequence import OTHER, Mixture

KINDS = ("source", "language", "theme", "quality", "difficulty", "synthetic")


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The names that mixtures mention, by kind. A group is one of them, or other, of each kind that has any."""

    names: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(mixtures: Sequence[Mixture]) -> Groups:
        mentioned = {kind: sorted({name for one in mixtures for name in getattr(one, kind)}) for kind in KINDS}
        named = {kind: tuple(name for name in names if name != OTHER) for kind, names in mentioned.items()}
        return Groups(names={kind: named[kind] for kind in KINDS if mentioned[kind]})

    @property
    def count(self) -> int:
        return prod(len(names) + 1 for names in self.names.values())

    def numbers(self, columns: Mapping[str, pa.Array | pa.ChunkedArray], rows: int) -> npt.NDArray[np.int32]:
        """The group of each of `rows` documents by their names (strings) of every kind that is mentioned."""
        found = np.zeros(rows, np.int32)
        for kind, names in self.names.items():
            place = pc.index_in(columns[kind], value_set=pa.array(names, pa.string()))
            found = found * np.int32(len(names) + 1) + pc.fill_null(place, len(names)).to_numpy().astype(np.int32)
        return found

    def weights(self, mixtures: Sequence[Mixture]) -> npt.NDArray[np.float64]:
        """What each mixture weighs each group, float64 (mixtures, groups): the product of the weights of its names."""
        found = np.ones((len(mixtures), 1))
        for kind, names in self.names.items():
            of_kind = [
                [getattr(one, kind).get(name, getattr(one, kind).get(OTHER, 1.0)) for name in (*names, OTHER)]
                for one in mixtures
            ]
            found = (found[:, :, None] * np.array(of_kind)[:, None, :]).reshape(len(mixtures), -1)
        return found

    def titles(self) -> list[str]:
        """Each group in words: `source books, quality other`; `all` where no mixture names anything."""
        found = [""]
        for kind, names in self.names.items():
            found = [", ".join(filter(None, [title, f"{kind} {name}"])) for title in found for name in (*names, OTHER)]
        return [title or "all" for title in found]
